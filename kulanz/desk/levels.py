"""What is due in a conversation, kept up to date with everything that happens in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kulanz.core.hours import OpeningHours
from kulanz.core.levels import Clock, Happened, Kind, clocks, judge
from kulanz.desk.hours import service_hours
from kulanz.desk.level_models import LevelClock, NextDue
from kulanz.desk.level_targets import BUILT_IN, Minutes, targets_of
from kulanz.desk.models import Handover
from kulanz.desk.routing_models import TeamSettings
from kulanz.desk.team_hours import team_hours
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.live.publish import QUEUE_TOPIC, hint

AT_ONCE = 500  # conversations that one look warns about


def do_follow(conversation: Conversation) -> None:
    """Works out anew what is due, from the open case and any whose clocks have not been stopped yet. The caller holds
    the conversation's row lock. One query where people never had anything to do with it."""
    unfinished = LevelClock.objects.filter(handover=OuterRef("pk"), ended_at=None)
    cases = Handover.objects.filter(conversation=conversation)
    cases = cases.filter(~Q(state=Handover.State.ENDED) | Exists(unfinished))
    found = sorted(cases, key=lambda case: case.state != Handover.State.ENDED)
    if not found:
        return
    *passed_on, case = found
    if passed_on:  # to another team in this very transaction: the customer goes on waiting for the same
        LevelClock.objects.filter(handover__in=passed_on).update(handover=case)
    _store_next(conversation, _follow_case(conversation, case))


def _follow_case(conversation: Conversation, handover: Handover) -> list[LevelClock]:
    """Stores the clocks of a case, and returns them."""
    stored = {(row.level, row.number): row for row in LevelClock.objects.filter(handover=handover)}
    known = min(stored.values(), key=lambda row: row.began_at, default=None)
    from_seq, began = (known.from_seq, known.began_at) if known else _beginning(conversation, handover)
    hours = _hours(handover)
    urgency = conversation.urgency if conversation.urgency in BUILT_IN else "normal"
    minutes = targets_of(handover.team_id).minutes[urgency]
    rows = []
    for clock in clocks(_events(conversation, handover, from_seq, began)):
        row = stored.pop((clock.level, clock.number), None)
        row = row or LevelClock(conversation=conversation, handover=handover, from_seq=from_seq)
        rows.append(row)
        if clock.ended is not None and row.ended_at == clock.ended:
            continue  # a fact: later hours or targets don't touch it
        before_it = _facts(row)
        _fill(row, clock, handover, urgency, minutes, hours)
        if row._state.adding or _facts(row) != before_it:
            row.save()
    LevelClock.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()  # what happened was taken back
    return rows


def _beginning(conversation: Conversation, handover: Handover) -> tuple[int, datetime]:
    """The number of the last message before the case, and when the case began."""
    before = Message.objects.filter(conversation=conversation, created_at__lt=handover.requested_at)
    return before.order_by("-seq").values_list("seq", flat=True).first() or 0, handover.requested_at


def _hours(handover: Handover) -> OpeningHours:
    """The team's own hours, else those of the whole service."""
    week = TeamSettings.objects.filter(team=handover.team_id).values_list("week", flat=True).first()
    at = handover.requested_at
    return team_hours(week or {}, at) or service_hours(at).hours


def _events(conversation: Conversation, handover: Handover, from_seq: int, began: datetime) -> Iterable[Happened]:
    """A reply of the assistant or a notice is no reply of a person. Messages go by their numbers, for a server's clock
    may be set back."""
    yield Happened(began, "asked")
    said = Message.objects.filter(conversation=conversation, seq__gt=from_seq, author__in=("customer", "agent"))
    for author, at in said.order_by("seq").values_list("author", "created_at"):
        yield Happened(at, cast(Kind, author))
    if handover.state == Handover.State.ENDED:
        ended = handover.ended_at or timezone.now()
        yield Happened(ended, "resolved" if conversation.status == Status.RESOLVED else "left")


def _fill(
    row: LevelClock, clock: Clock, handover: Handover, urgency: str, minutes: Minutes, hours: OpeningHours
) -> None:
    now = timezone.now()
    row.level, row.number = clock.level, clock.number
    row.team_id, row.urgency, row.target = handover.team_id, urgency, minutes[clock.level]
    target = None if row.target is None else timedelta(minutes=row.target)
    judged = judge(clock, target, hours, now)
    row.state, row.outcome = clock.state, judged.outcome
    row.began_at, row.ended_at = clock.began, clock.ended
    row.due_at, row.warn_at = judged.due_at, judged.warn_at
    row.broken_at = judged.due_at if judged.due_at and (clock.state != "running" or judged.due_at <= now) else None
    row.worked = int(judged.worked.total_seconds()) if clock.state != "running" else row.worked


def _facts(row: LevelClock) -> tuple[Any, ...]:
    names = (
        "state",
        "target",
        "team_id",
        "urgency",
        "began_at",
        "ended_at",
        "due_at",
        "warn_at",
        "broken_at",
        "worked",
    )
    return tuple(getattr(row, name) for name in names)


def _store_next(conversation: Conversation, rows: Iterable[LevelClock]) -> None:
    running = [(row.due_at, row) for row in rows if row.state == LevelClock.State.RUNNING and row.due_at]
    known = NextDue.objects.filter(conversation=conversation).first()
    if not running:
        if known:
            known.delete()
        return
    due_at, first = min(running, key=lambda pair: pair[0])
    wanted = NextDue(conversation=conversation, level=first.level, due_at=due_at, warn_at=first.warn_at or due_at)
    if known is None or (known.level, known.due_at, known.warn_at) != (wanted.level, wanted.due_at, wanted.warn_at):
        wanted.save(force_insert=known is None, force_update=known is not None)


def next_due(conversation: Conversation) -> NextDue | None:
    """What has to be done first; no query where the conversation was loaded with `select_related("next_due")`."""
    return getattr(conversation, "next_due", None)


def do_warn(now: datetime) -> int:
    """Tells the desks, once each, what is about to be broken and what has been; returns how many clocks. Safe to call
    from several workers at once: whoever marks the row tells."""
    told = 0
    running = LevelClock.objects.filter(state=LevelClock.State.RUNNING)
    for name, late in (("warned_at", False), ("told_broken_at", True)):
        due = running.filter(**{"due_at__lte" if late else "warn_at__lte": now, name: None})
        for row in due.select_related("conversation").order_by("due_at")[:AT_ONCE]:
            facts: dict[str, Any] = {name: now, **({"broken_at": row.due_at} if late else {})}
            if LevelClock.objects.filter(pk=row.pk, **{name: None}).update(**facts):
                _tell(row, late=late)
                told += 1
    if told:
        hint(QUEUE_TOPIC, "changed", {})
    return told


def _tell(row: LevelClock, *, late: bool) -> None:
    facts = {"conversation": str(row.conversation_id), "level": row.level, "late": late}
    hint(QUEUE_TOPIC, "warning", {**facts, "agent": row.conversation.agent_id})


def not_followed() -> QuerySet[Conversation]:
    """Conversations that people hold or that wait for them, without any clock: from before there were levels."""
    cases = Handover.objects.filter(conversation=OuterRef("pk")).exclude(state=Handover.State.ENDED)
    known = LevelClock.objects.filter(conversation=OuterRef("pk"), ended_at=None)
    return Conversation.objects.filter(Exists(cases), ~Exists(known))
