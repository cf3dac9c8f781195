"""Which team a handover goes to, and what routing is told about agents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.routing import Rules
from kulanz.desk import routing
from kulanz.desk.handover import do_hand_over
from kulanz.desk.presence import do_leave, do_see, do_set_presence
from kulanz.desk.routing import AT_DESK, agents_now, team_for, waiting_now
from kulanz.desk.routing_models import AgentSettings, TeamSettings
from kulanz.desk.routing_rule import check_minutes, do_save_rule, numbers_now, rules_at
from kulanz.desk.team_hours import check_week
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 11, tzinfo=UTC)  # noon in Berlin


def conversation(language: str = "de", subject: str = "") -> Conversation:
    return do_open_conversation("web_chat", language, Claims(name="Petra"), subject=subject)[0]


def team(name: str, **fields: object) -> Team:
    made = Team.objects.create(name=name)
    TeamSettings.objects.create(team=made, **fields)
    return made


@pytest.fixture
def mia() -> User:
    return User.objects.create_user("mia@example.org", name="Mia", language="de")


def test_without_settings_the_first_team_gets_everything() -> None:
    assert team_for(conversation(), "wish") is None
    first = Team.objects.create(name="Service")
    Team.objects.create(name="Later")
    assert team_for(conversation("fr", "returns"), "wish") == first
    assert do_hand_over(conversation("fr"), "wish", "de")[0].team == first


def test_the_team_that_names_subject_and_language() -> None:
    everything = Team.objects.create(name="Service")
    english = team("English", languages=["en"])
    technicians = team("Technicians", subjects=["machine_trouble", "sensitive"])
    assert team_for(conversation("de", "refund_status"), "wish") == everything
    assert team_for(conversation("en", "refund_status"), "wish") == english
    assert team_for(conversation("en", "machine_trouble"), "wish") == technicians
    assert team_for(conversation("de"), "sensitive") == technicians


def test_nobody_is_turned_away_where_no_team_takes_it() -> None:
    german = team("German", languages=["de"], subjects=["refund_status"])
    english = team("English", languages=["en"], subjects=["refund_status"])
    assert team_for(conversation("en", "complaint"), "wish") == english
    assert team_for(conversation("fr", "complaint"), "wish") == german


def test_who_is_at_their_desk(mia: User) -> None:
    def there(at: datetime) -> bool:
        return agents_now(at)[0].is_there(at)

    assert not there(MONDAY)
    do_see(mia, MONDAY)
    assert there(MONDAY)
    assert not there(MONDAY + AT_DESK + timedelta(seconds=1))
    do_see(mia, MONDAY + timedelta(minutes=10))
    assert there(MONDAY + timedelta(minutes=11))
    for state, gets in (("busy", False), ("away", False), ("available", True)):
        do_set_presence(mia, state, MONDAY)
        assert there(MONDAY) is gets
    with pytest.raises(InvalidInput):
        do_set_presence(mia, "asleep", MONDAY)
    do_leave(mia, MONDAY)
    assert not there(MONDAY)


def test_a_leave_lasts_through_its_last_day_in_the_time_of_the_service(mia: User) -> None:
    AgentSettings.objects.create(user=mia, away_from=date(2026, 11, 23), away_until=date(2026, 11, 24))
    do_see(mia, MONDAY)
    back = datetime(2026, 11, 24, 23, tzinfo=UTC)  # midnight in Berlin
    assert agents_now(MONDAY)[0].away_until == back
    assert agents_now(MONDAY - timedelta(days=1))[0].away_until is None
    assert agents_now(back + timedelta(minutes=1))[0].away_until is None


def test_agents_cost_two_queries_and_demo_staff_takes_part_in_the_demo_alone(
    mia: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        User.objects.create_user(f"d{number}@example.org", name="D", is_demo=True)
    with django_assert_num_queries(2):
        assert [agent.id for agent in agents_now(MONDAY)] == [mia.pk]
    with override_settings(DEMO=True):
        assert len(agents_now(MONDAY)) == 4


def test_what_waits_costs_the_same_whatever_its_number(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for __ in range(3):
        do_hand_over(conversation(), "wish", "de")
    with django_assert_num_queries(2):
        assert len(waiting_now(distributed=False)) == 3
    assert waiting_now(distributed=True) == []


def test_every_version_of_the_rule_is_kept_with_its_author(mia: User) -> None:
    assert numbers_now()["angry"] == Rules().angry
    first = do_save_rule({**numbers_now(), "angry": 90}, mia)
    assert do_save_rule({**numbers_now()}, mia) == first, "nothing has changed"
    second = do_save_rule({**numbers_now(), "angry": 0}, mia)
    assert (second.pk > first.pk, second.author, rules_at(MONDAY).angry) == (True, mia, 0)


def test_a_team_with_too_much_work_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "MOST", 1)
    busy = [conversation(), conversation(), conversation()]
    Team.objects.create(name="Service")
    for each in busy:
        do_hand_over(each, "wish", "de")
    Conversation.objects.filter(pk=busy[2].pk).update(urgency="critical")
    calm = conversation()
    do_hand_over(calm, "wish", "de", team=Team.objects.create(name="Calm"))
    assert [one.id for one in waiting_now(distributed=False)] == [busy[0].pk, busy[2].pk, calm.pk]


@pytest.mark.parametrize("wrong", ["", "-1", "481", "1.5", "²", "99999999"])
def test_numbers_out_of_range_are_refused(wrong: str) -> None:
    texts = {name: str(value) for name, value in numbers_now().items()}
    assert check_minutes(texts) == numbers_now()
    with pytest.raises(InvalidInput):
        check_minutes({**texts, "angry": wrong})


def test_a_team_with_hours_of_its_own_is_closed_outside_of_them() -> None:
    week = check_week({"monday": "09:00 – 12:00, 13:00-17:00", "tuesday": ""})
    assert week == {"monday": ["09:00-12:00", "13:00-17:00"]}
    early, always = team("Early", week=week, priority=7), team("Always")
    assert rules_at(MONDAY).closed == frozenset({early.pk})  # at noon
    assert rules_at(MONDAY + timedelta(hours=1)).closed == frozenset()
    assert rules_at(MONDAY).teams == {early.pk: 7, always.pk: 0}


def test_a_team_without_hours_of_its_own_has_those_of_the_service() -> None:
    usual = team("Usual")
    assert rules_at(MONDAY).closed == frozenset()
    assert rules_at(MONDAY + timedelta(hours=12)).closed == frozenset({usual.pk})


@pytest.mark.parametrize("wrong", ["9", "09:00", "17:00-09:00", "09:00-25:00", "09:61-10:00", "a-b", "1-2-3"])
def test_hours_that_are_none_are_named(wrong: str) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        check_week({"monday": wrong})
