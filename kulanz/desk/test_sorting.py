"""Lists, filters, tags, rest and saved views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.message import Reply
from kulanz.desk import saved_views
from kulanz.desk.lists import Filters
from kulanz.desk.models import Handover
from kulanz.desk.queries import QueueRow, queue_counts, queue_page
from kulanz.desk.resting import do_rest, do_wake, rests_until, times, until_when
from kulanz.desk.sorting_models import Rest, SavedView, Tag
from kulanz.desk.tags import MOST, do_tag, do_untag, tags_of
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=2)


@pytest.fixture
def mia() -> User:
    return User.objects.create_user("mia@example.org", name="Mia", language="en")


@pytest.fixture
def tom() -> User:
    return User.objects.create_user("tom@example.org", name="Tom", role=Role.SUPERVISOR)


def talk(name: str, promised: timedelta | None = None, **fields: Any) -> Conversation:
    conversation = do_open_conversation(fields.pop("channel", "web_chat"), "en", Claims(name=name), **fields)[0]
    do_append(conversation, Reply(f"I am {name}", author="customer"))
    now = timezone.now()
    if conversation.status in {"waiting", "agent"}:
        state = Handover.State.WAITING if conversation.status == "waiting" else Handover.State.ACCEPTED
        Handover.objects.create(
            conversation=conversation, reason="wish", state=state, requested_at=now, accepted_at=now,
            promised_by=now + promised if promised is not None else None,
        )  # fmt: skip
    return conversation


def names(name: str, agent: User, **given: Any) -> list[str]:
    return [row.customer for row in queue_page(name, agent, **given).rows]


def test_each_view_and_its_count(mia: User, tom: User) -> None:
    talk("promised", timedelta(hours=3), status="waiting")
    talk("nearly over", timedelta(minutes=10), status="waiting")
    talk("broken", -SOON, status="waiting")
    talk("returning", status="waiting", agent=tom)
    talk("angry", status="agent", agent=mia, emotion="frustrated")
    talk("calm", status="agent", agent=tom)
    talk("robot", emotion="frustrated")
    talk("done", status="resolved", urgency="high")
    views = {
        "waiting": {"promised", "nearly over", "broken", "returning"},
        "unassigned": {"promised", "nearly over", "broken"},
        "promised": {"promised", "nearly over"},
        "at_risk": {"nearly over", "broken", "angry"},
        "mine": {"angry"},
        "colleagues": {"calm"},
        "assistant": {"robot"},
        "open": {"promised", "nearly over", "broken", "returning", "angry", "calm", "robot"},
        "resolved": {"done"},
    }
    assert {view: set(names(view, mia)) for view in views} == views
    counts = queue_counts(mia)
    assert {view: counts[view] for view in views if view != "resolved"} == {
        view: len(who) for view, who in views.items() if view != "resolved"
    }
    assert names("promised", mia) == ["nearly over", "promised"]


def test_filters_narrow_lists_counts_and_the_search_down(mia: User, tom: User) -> None:
    team = Team.objects.create(name="Returns")
    tom.team = team
    tom.save()
    chat, api = talk("chat", status="agent", agent=mia), talk("api", status="agent", agent=tom, channel="api")
    for tag in ("VIP", "Return"):
        do_tag(chat.pk, mia, tag)
    do_tag(api.pk, mia, "return")
    cases: list[tuple[Filters, set[str]]] = [
        (Filters(channel="api"), {"api"}),
        (Filters(language="de"), set()),
        (Filters(tag="vip"), {"chat"}),
        (Filters(tag="Return"), {"chat", "api"}),
        (Filters(agent=str(mia.pk)), {"chat"}),
        (Filters(team=str(team.pk)), {"api"}),
        (Filters(tag="return", channel="web_chat"), {"chat"}),
    ]
    for filters, expected in cases:
        assert set(names("open", mia, filters=filters)) == expected, filters
        assert queue_counts(mia, filters)["open"] == len(expected), filters
        assert set(names("waiting", mia, filters=filters, search="I am")) == expected, filters


def test_a_tag_is_one_in_whatever_letters_and_taking_it_off_twice_is_once(mia: User) -> None:
    conversation = talk("petra", status="waiting")
    red = do_tag(conversation.pk, mia, "  Big   customer ", "red")
    assert do_tag(conversation.pk, mia, "BIG CUSTOMER", "no colour").pk == red.pk
    assert [(tag.name, tag.colour) for tag in tags_of(conversation.pk)] == [("Big customer", "red")]
    (row,) = queue_page("waiting", mia).rows
    assert [tag.name for tag in row.tags] == ["Big customer"]
    for _ in range(2):
        do_untag(conversation.pk, mia, red.pk)
    assert tags_of(conversation.pk) == []


@pytest.mark.parametrize("name", ["", " ", "\0", ",", "x" * 31, "a\u202eb"])
def test_what_is_no_tag_is_refused(mia: User, name: str) -> None:
    with pytest.raises(InvalidInput):
        do_tag(talk("petra").pk, mia, name)
    assert not Tag.objects.exists()


def test_tags_end_somewhere(mia: User) -> None:
    conversation = talk("petra")
    for number in range(MOST):
        do_tag(conversation.pk, mia, f"tag {number}")
    with pytest.raises(InvalidInput):
        do_tag(conversation.pk, mia, "one more")


def resting(agent: User, name: str = "petra") -> Conversation:
    conversation = talk(name, status="agent", agent=agent)
    do_rest(conversation.pk, agent, timezone.now() + SOON)
    return conversation


def row_of(agent: User, view: str = "mine") -> QueueRow:
    (row,) = queue_page(view, agent).rows
    return row


def test_what_rests_leaves_the_lists_until_its_customer_writes(mia: User) -> None:
    conversation = resting(mia)
    assert (names("mine", mia), names("open", mia), names("resting", mia)) == ([], [], ["petra"])
    assert row_of(mia, "resting").rests_until == rests_until(conversation.pk, timezone.now())
    conversation.refresh_from_db()
    do_append(conversation, Reply("I shall ask the warehouse.", author="agent"))
    assert names("mine", mia) == []
    do_append(conversation, Reply("Any news?", author="customer"))
    assert (names("mine", mia), names("resting", mia)) == (["petra"], [])


def test_it_comes_back_at_its_time_visibly_and_first(mia: User) -> None:
    conversation = resting(mia)
    Rest.objects.update(until=timezone.now() - timedelta(seconds=1))
    talk("ralf", status="agent", agent=mia)
    Conversation.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert names("mine", mia) == ["petra", "ralf"]
    assert [row.back for row in queue_page("mine", mia).rows] == [True, False]
    conversation.refresh_from_db()
    do_append(conversation, Reply("Here I am again.", author="agent"))
    assert not queue_page("mine", mia).rows[0].back


def wake(conversation: Conversation, mia: User) -> None:
    do_wake(conversation.pk, mia)


def taken_over(conversation: Conversation, mia: User) -> None:
    Handover.objects.filter(conversation=conversation).update(accepted_at=timezone.now())


@pytest.mark.parametrize("end", [wake, taken_over])
def test_a_rest_ends(mia: User, end: Callable[[Conversation, User], None]) -> None:
    end(resting(mia), mia)
    assert names("mine", mia) == ["petra"]


def test_only_what_one_holds_can_rest(mia: User, tom: User) -> None:
    until = timezone.now() + SOON
    for conversation in (talk("waits", status="waiting"), talk("robot"), talk("toms", status="agent", agent=tom)):
        with pytest.raises(InvalidInput):
            do_rest(conversation.pk, mia, until)
    assert not Rest.objects.exists()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((2026, 11, 24, 9, 30), {"today": "24 13:00", "tomorrow": "25 09:00", "monday": "30 09:00"}),  # a Tuesday
        ((2026, 11, 29, 9, 30), {"today": "29 13:00", "tomorrow": "30 09:00"}),  # a Sunday: tomorrow is Monday
        ((2026, 11, 24, 21, 0), {"tomorrow": "25 09:00", "monday": "30 09:00"}),
    ],
)
def test_the_times_to_choose_from(now: tuple[int, ...], expected: dict[str, str]) -> None:
    with timezone.override("Europe/Berlin"):
        found = times(datetime(*now, tzinfo=UTC))  # type: ignore[misc, arg-type]
        assert {name: f"{timezone.localtime(t):%d %H:%M}" for name, t in found.items()} == expected


@pytest.mark.parametrize("own", ["", "tomorrow", "2020-01-01T09:00", "2099-01-01T09:00", "9" * 40])
def test_no_time_to_come_is_refused(own: str) -> None:
    with pytest.raises(InvalidInput):
        until_when("", own, timezone.now())


def test_saved_views_are_ones_own_unless_a_supervisor_shares_them(mia: User, tom: User) -> None:
    saved_views.do_save(mia, " My  returns ", {"list": "open", "tag": "Return"}, shared=True)
    shared = saved_views.do_save(tom, "Angry", {"list": "at_risk"}, shared=True)
    saved_views.do_save(tom, "Private", {"list": "mine"})
    assert [view.name for view in saved_views.views_for(mia)] == ["Angry", "My returns"]
    assert [view.name for view in saved_views.views_for(tom)] == ["Angry", "Private"]
    saved_views.do_save(mia, "My returns", {"list": "mine"})
    saved_views.do_remove(mia, shared.pk)
    assert SavedView.objects.get(agent=mia).filters == {"list": "mine"}
    assert SavedView.objects.filter(pk=shared.pk).exists()
    for name in ("", "x" * 41):
        with pytest.raises(InvalidInput):
            saved_views.do_save(mia, name, {})
