"""What is due in a conversation follows what happens in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.levels import Level
from kulanz.core.message import Author, Reply
from kulanz.desk import level_report
from kulanz.desk.board import at_risk, at_work, count_at_risk, share_today, waiting
from kulanz.desk.conftest import Talk
from kulanz.desk.handover import do_end_handover, do_hand_over, publish_conversation
from kulanz.desk.level_models import LevelClock, NextDue
from kulanz.desk.level_targets import do_set_targets, targets_of
from kulanz.desk.levels import do_follow, do_warn, not_followed
from kulanz.desk.models import Handover
from kulanz.desk.routing_models import TeamSettings
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Status

pytestmark = pytest.mark.django_db
TARGETS: dict[Level, int | None] = {"first_reply": 60, "next_reply": 60, "resolution": 600}


@pytest.fixture(autouse=True)
def _open_all_day(monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: object) -> None:
    """Minutes of the clock are working minutes here; `core/test_levels.py` sees to the closed ones."""
    hours = ["time_zone: Europe/Berlin", "expected_reply_minutes: 10", "week:"]
    hours += [f'  {day}: ["00:00-24:00"]' for day in ("monday", "tuesday", "wednesday", "thursday", "friday")]
    hours += [f'  {day}: ["00:00-24:00"]' for day in ("saturday", "sunday")]
    tmp_path.joinpath("hours.yaml").write_text("\n".join(hours))  # type: ignore[attr-defined]
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def team() -> Team:
    found = Team.objects.create(name="Service")
    do_set_targets(None, {"normal": TARGETS, "high": {**TARGETS, "first_reply": 10}})
    return found


def ago(minutes: int) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def handed_over(talk: Callable[..., Talk], minutes: int) -> Conversation:
    conversation = talk().conversation
    do_append(conversation, Reply("Hello?", author="customer"), at=ago(minutes + 1))
    handover, __ = do_hand_over(conversation, "asked", "en")
    Handover.objects.filter(pk=handover.pk).update(requested_at=ago(minutes))
    publish_conversation(conversation)
    return conversation


def said(conversation: Conversation, author: Author, minutes: int) -> None:
    do_append(conversation, Reply("Something.", author=author), at=ago(minutes))
    publish_conversation(conversation)


def clock(conversation: Conversation, level: str) -> LevelClock:
    return LevelClock.objects.filter(conversation=conversation, level=level).latest("number")


def near(moment: datetime | None, expected: datetime) -> bool:
    return moment is not None and abs(moment - expected) < timedelta(seconds=30)


def test_what_is_due_first_is_known(team: Team, talk: Callable[..., Talk]) -> None:
    conversation = handed_over(talk, 20)
    due = NextDue.objects.get(conversation=conversation)
    assert due.level == "first_reply" and near(due.due_at, ago(20 - 60)) and near(due.warn_at, ago(20 - 45))
    said(conversation, "agent", 5)
    assert not NextDue.objects.exists()  # the customer has the word
    assert (clock(conversation, "first_reply").outcome, clock(conversation, "resolution").state) == ("kept", "paused")
    said(conversation, "customer", 1)
    assert NextDue.objects.get().level == "next_reply"
    assert near(clock(conversation, "resolution").due_at, ago(20 - 600 - 4))


def test_nobody_is_followed_before_people_are_called(
    talk: Callable[..., Talk], django_assert_num_queries: object
) -> None:
    conversation = talk().conversation
    with django_assert_num_queries(1):  # type: ignore[operator]
        do_follow(conversation)
    assert not LevelClock.objects.exists()


def test_urgency_and_team_decide(team: Team, talk: Callable[..., Talk]) -> None:
    do_set_targets(team.pk, {"high": {**TARGETS, "first_reply": None}})
    assert targets_of(team.pk).minutes["high"]["first_reply"] is None
    assert targets_of(None).minutes["high"]["first_reply"] == 10
    conversation = handed_over(talk, 1)
    assert clock(conversation, "first_reply").target == 60
    conversation.urgency = "high"
    conversation.save()
    publish_conversation(conversation)
    assert clock(conversation, "first_reply").target is None
    with pytest.raises(InvalidInput):
        do_set_targets(None, {"low": {**TARGETS, "resolution": 0}})


def test_a_target_that_changes_later_leaves_what_is_over(team: Team, talk: Callable[..., Talk]) -> None:
    conversation = handed_over(talk, 30)
    said(conversation, "agent", 5)
    do_set_targets(None, {"normal": {**TARGETS, "first_reply": 1, "resolution": 1}})
    said(conversation, "customer", 1)
    assert clock(conversation, "first_reply").outcome == "kept"
    assert clock(conversation, "resolution").broken_at is not None


def test_warned_once_and_told_once(team: Team, talk: Callable[..., Talk]) -> None:
    conversation = handed_over(talk, 50)
    assert (do_warn(timezone.now()), do_warn(timezone.now())) == (1, 0)
    assert count_at_risk(timezone.now()) == (1, 0)
    later = timezone.now() + timedelta(minutes=15)
    assert (do_warn(later), do_warn(later)) == (1, 0)
    assert clock(conversation, "first_reply").broken_at is not None
    assert [due.conversation for due in at_risk(later)] == [conversation]


def test_what_was_there_before_levels_is_taken_up(team: Team, talk: Callable[..., Talk]) -> None:
    conversation = talk().conversation
    Handover.objects.create(conversation=conversation, reason="asked", requested_at=ago(5), team=team)
    assert list(not_followed()) == [conversation]
    do_follow(conversation)
    assert not not_followed().exists()


def resolved(conversation: Conversation, status: str = Status.RESOLVED) -> None:
    do_end_handover(conversation)
    conversation.status = status
    conversation.save()
    publish_conversation(conversation)


def test_the_report_counts_nothing_as_kept_that_was_never_answered(team: Team, talk: Callable[..., Talk]) -> None:
    answered, broken, closed, given_back = (handed_over(talk, m) for m in (20, 90, 20, 20))
    said(answered, "agent", 10)
    said(broken, "agent", 10)
    for conversation in (answered, broken, closed):
        resolved(conversation)
    resolved(given_back, Status.ASSISTANT)
    period = level_report.period_of("day", timezone.localdate())
    first = next(line for line in level_report.report(period) if line.level == "first_reply")
    assert (first.team, first.ended, first.kept, first.broken, first.unanswered) == ("Service", 4, 1, 1, 2)
    assert first.percent == 25
    assert first.median == pytest.approx(45, abs=0.1) and first.p90 == pytest.approx(73, abs=0.2)
    listed = {row.conversation_id for row in level_report.broken_in(period) if row.level == "first_reply"}
    assert listed == {broken.pk, closed.pk, given_back.pk}
    rows = list(level_report.as_table(period))
    assert len(rows) == 9 and {row[-1] for row in rows[1:]} == {"kept", "broken", "unanswered"}


def test_the_board(team: Team, talk: Callable[..., Talk]) -> None:
    mia = User.objects.create_user("mia@example.org", "x", name="Mia", role="agent", team=team)
    held, waits, own = handed_over(talk, 50), handed_over(talk, 3), talk().conversation
    do_append(own, Reply("Hi", author="customer"))
    held.status, held.agent = Status.AGENT, mia
    held.save()
    Handover.objects.filter(conversation=held).update(state="accepted", agent=mia)
    assert (waiting().number, near(waiting().since, ago(3))) == (1, True)
    (work,) = at_work(timezone.now())
    assert (work.agent, work.number, work.late, work.held) == (mia, 1, 1, (held,))
    share = share_today()
    assert (share.opened, share.people, share.alone, share.percent(share.people)) == (3, 2, 1, 67)
    assert waits.pk != own.pk


def test_periods_are_whole_local_days() -> None:
    week = level_report.period_of("week", date(2026, 3, 29))  # the clocks go forward on this day
    assert (week.first, week.last) == (date(2026, 3, 23), date(2026, 3, 29))
    assert week.end.astimezone(UTC) - week.start.astimezone(UTC) == timedelta(days=7, hours=-1)
    assert (week.before, week.after) == (date(2026, 3, 16), date(2026, 3, 30))
    assert level_report.period_of("month", date(2026, 12, 31)).last == date(2026, 12, 31)


def test_passing_on_does_not_begin_the_waiting_anew(team: Team, talk: Callable[..., Talk]) -> None:
    conversation, other = handed_over(talk, 30), Team.objects.create(name="Workshop")
    do_end_handover(conversation)
    Handover.objects.create(conversation=conversation, reason="transfer", requested_at=timezone.now(), team=other)
    publish_conversation(conversation)
    first = LevelClock.objects.get(level="first_reply")
    assert (first.ended_at, first.team) == (None, other) and near(first.due_at, ago(30 - 60))


def test_a_teams_own_hours_count(team: Team, talk: Callable[..., Talk]) -> None:
    TeamSettings.objects.create(team=team, week={"monday": ["00:00-00:01"]})
    conversation = handed_over(talk, 30)
    due = clock(conversation, "first_reply").due_at
    assert due is not None and due > timezone.now() + timedelta(weeks=50)
