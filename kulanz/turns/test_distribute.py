"""Conversations find their agents, and come back from those who do not look at them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.hours import OpeningHours
from kulanz.core.message import Reply
from kulanz.desk.beside_models import Note
from kulanz.desk.handover import open_handover
from kulanz.desk.presence import do_see, do_set_presence
from kulanz.desk.resting import do_rest, rests_until
from kulanz.desk.routing_models import AgentSettings, Assignment, QueueAlarm, TeamSettings
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.trust.models import AuditEntry
from kulanz.turns.agent_turn import do_accept, do_reply, do_request_person, do_write_note
from kulanz.turns.distribute import do_distribute
from kulanz.turns.returning import do_deactivate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpeningHours, "is_open", lambda *_: True)


@pytest.fixture
def team() -> Team:
    team = Team.objects.create(name="Service")
    TeamSettings.objects.create(team=team, distribution=True)
    return team


@pytest.fixture
def mia(team: Team) -> User:
    return agent("mia", team)


def agent(name: str, team: Team, *, room: int = 4, there: bool = True, role: str = Role.AGENT) -> User:
    user = User.objects.create_user(f"{name}@example.org", name=name.title(), team=team, language="en", role=role)
    AgentSettings.objects.create(user=user, languages=["en"], capacity={"": room})
    if there:
        do_see(user)
    return user


def waiting(language: str = "en") -> Conversation:
    conversation, token = do_open_conversation("web_chat", language, Claims(name="Petra"))
    do_append(conversation, Reply("Where is it?", author="customer"))
    do_request_person(conversation.pk, token)
    return Conversation.objects.get(pk=conversation.pk)


def later(minutes: int = 6) -> None:
    """So much later, while everybody at their desk stays there."""
    then = timezone.now() - timedelta(minutes=minutes)
    Assignment.objects.update(at=then, react_by=then + timedelta(minutes=5))
    AuditEntry.objects.update(at=then - timedelta(seconds=1))


def test_nothing_is_given_out_unless_it_is_switched_on(team: Team, mia: User) -> None:
    TeamSettings.objects.update(distribution=False)
    conversation = waiting()
    do_distribute()
    conversation.refresh_from_db()
    assert (conversation.status, conversation.agent) == (Status.WAITING, None)


def test_the_waiting_are_given_out_up_to_what_an_agent_can_take(team: Team) -> None:
    mia = agent("mia", team, room=2)
    conversations = [waiting() for __ in range(3)]
    do_distribute()
    assert [c.agent for c in Conversation.objects.order_by("pk")] == [mia, mia, None]
    told = Message.objects.filter(conversation=conversations[0], author="system").latest("seq")
    assert told.text == "Mia is now looking after you."
    entry = AuditEntry.objects.get(conversation=conversations[0], act="assigned")
    assert (entry.actor, entry.facts["agent"], entry.facts["why"]) == (
        "system", mia.pk, ["speaks", "team", "least_busy"],
    )  # fmt: skip
    do_distribute()
    assert Assignment.objects.count() == 2


def test_whoever_is_away_gets_nothing(mia: User) -> None:
    do_set_presence(mia, "away")
    waiting()
    do_distribute()
    assert not Assignment.objects.exists()
    do_set_presence(mia, "available")
    do_distribute()
    assert Assignment.objects.get().agent == mia


def test_no_reaction_brings_it_back_and_to_somebody_else(team: Team, mia: User) -> None:
    conversation = waiting()
    since = open_handover(conversation).requested_at  # type: ignore[union-attr]
    do_distribute()
    tom = agent("tom", team)
    later()
    do_distribute()
    conversation.refresh_from_db()
    handover = open_handover(conversation)
    assert handover
    assert (conversation.agent, handover.agent, handover.requested_at) == (tom, tom, since)
    assert list(Assignment.objects.order_by("at").values_list("ended", flat=True)) == ["no_reaction", ""]
    notices = Message.objects.filter(conversation=conversation, author="system").order_by("seq")
    assert "keep your place" in notices[2].text


def test_when_nobody_who_is_there_reacts_it_waits_with_an_alarm_and_the_customer_reads_no_more(
    team: Team, mia: User
) -> None:
    conversation = waiting()
    agent("tom", team)
    for __ in range(5):
        do_distribute()
        later()
    assert Assignment.objects.count() == 2
    assert Message.objects.filter(conversation=conversation, text__contains="keep your place").count() == 2
    assert QueueAlarm.objects.get().why == "no_reaction"
    ann = agent("ann", team)
    do_distribute()
    conversation.refresh_from_db()
    assert (conversation.agent, QueueAlarm.objects.exists()) == (ann, False)


def test_alarms_cost_the_same_whatever_their_number(
    team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    agent("mia", team, there=False)
    for __ in range(8):
        waiting()
    with django_assert_max_num_queries(30):
        do_distribute()
    assert QueueAlarm.objects.count() == 8


def test_a_reply_or_a_note_is_a_reaction(mia: User) -> None:
    answered, noted = waiting(), waiting()
    do_distribute()
    later()
    do_reply(answered.pk, mia, "Hello", "k1")
    do_write_note(noted.pk, mia, "I am calling her", "k2")
    do_distribute()
    assert set(Assignment.objects.values_list("ended", flat=True)) == {"reacted"}
    assert set(Conversation.objects.values_list("agent", flat=True)) == {mia.pk}


def test_what_a_colleague_took_over_stays_theirs(team: Team, mia: User) -> None:
    boss = agent("boss", team, there=False, role=Role.SUPERVISOR)
    conversation = waiting()
    do_distribute()
    do_accept(conversation.pk, boss)
    later()
    do_distribute()
    assert Assignment.objects.get().ended == "overtaken"
    conversation.refresh_from_db()
    assert conversation.agent == boss


def test_what_nobody_can_take_raises_an_alarm_until_somebody_can(team: Team, mia: User) -> None:
    boss = agent("boss", team, there=False, role=Role.SUPERVISOR)
    AgentSettings.objects.filter(user=boss).delete()
    french = agent("luc", team, there=False)
    AgentSettings.objects.filter(user=french).update(languages=["fr"])
    conversation = waiting("fr")
    do_distribute()
    alarm = QueueAlarm.objects.get()
    assert (alarm.conversation, alarm.why, alarm.owner) == (conversation, "no_speaker_there", boss)
    do_distribute()
    assert QueueAlarm.objects.get().since == alarm.since
    do_see(french)
    do_distribute()
    assert not QueueAlarm.objects.exists()
    conversation.refresh_from_db()
    assert conversation.agent == french


def test_what_rests_takes_no_room_and_wakes_when_its_agent_leaves(team: Team) -> None:
    mia, boss = agent("mia", team, room=1), agent("boss", team, there=False, role=Role.ADMINISTRATOR)
    resting, other = waiting(), waiting()
    do_accept(resting.pk, mia)
    do_distribute()
    assert not Assignment.objects.exists()
    do_rest(resting.pk, mia, timezone.now() + timedelta(hours=3))
    do_distribute()
    assert Assignment.objects.get().conversation == other
    do_deactivate(mia, boss)
    assert rests_until(resting.pk, timezone.now()) is None
    assert set(Conversation.objects.values_list("status", flat=True)) == {Status.WAITING}


def test_a_team_without_hours_of_its_own_gets_nothing_while_the_service_is_closed(
    mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpeningHours, "is_open", lambda *_: False)
    waiting()
    do_distribute()
    assert not Assignment.objects.exists()


def test_a_full_team_is_no_alarm(team: Team) -> None:
    agent("mia", team, room=0)
    waiting()
    do_distribute()
    assert not QueueAlarm.objects.exists()


def test_whoever_leaves_the_company_leaves_nobody_behind(team: Team, mia: User) -> None:
    boss = agent("boss", team, there=False, role=Role.ADMINISTRATOR)
    conversation = waiting()
    do_accept(conversation.pk, mia)
    assert do_deactivate(mia, boss) == 1
    conversation.refresh_from_db()
    assert (conversation.status, conversation.agent) == (Status.WAITING, None)
    assert Note.objects.get(conversation=conversation).text.startswith("Mia does not work here any more")
    with pytest.raises(InvalidInput, match="last administrator"):
        do_deactivate(boss, boss)


def test_an_agent_deleted_while_holding_conversations_loses_none(team: Team, mia: User) -> None:
    TeamSettings.objects.update(distribution=False)
    conversation = waiting()
    do_accept(conversation.pk, mia)
    mia.delete()
    do_distribute()
    conversation.refresh_from_db()
    assert conversation.status == Status.WAITING
    assert open_handover(conversation)
