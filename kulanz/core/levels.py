"""Service levels: how long a customer may wait for a person, counted in working hours.

A *case* begins when a conversation is given to people and ends when it is resolved or given back. In it run the
clocks of three levels: the **first reply** of a person, each **next reply** (from the customer's first message that
nobody has answered), and the **resolution**, which stands still while the matter waits for the customer. Everything
follows from what happened, so that it can be worked out again at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from kulanz.core.hours import OpeningHours

Level = Literal["first_reply", "next_reply", "resolution"]
Kind = Literal["asked", "customer", "agent", "resolved", "left"]
State = Literal["running", "paused", "reached", "dropped"]
Outcome = Literal["", "kept", "broken", "unanswered", "no_target"]
LEVELS: Final[tuple[Level, ...]] = ("first_reply", "next_reply", "resolution")
WARN_AT: Final = 0.75  # the share of a target after which a warning goes out


@dataclass(frozen=True, slots=True)
class Happened:
    """`asked`: given to people; `customer` and `agent` wrote; `resolved`: settled; `left`: given back to the
    assistant."""

    at: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class Clock:
    """One level that runs or has run, the `number`th of its kind in the case, from 1. `stretches` are the times in
    which it ran, in order; the last one is open (None) while it runs. *Reached*: what was asked for was done;
    *dropped*: the case ended without it."""

    level: Level
    number: int
    stretches: tuple[tuple[datetime, datetime | None], ...]
    state: State = "running"

    @property
    def began(self) -> datetime:
        return self.stretches[0][0]

    @property
    def ended(self) -> datetime | None:
        return self.stretches[-1][1] if self.state in {"reached", "dropped"} else None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a clock means for its target. `due_at` is when the target is used up, None where that never comes (no
    target, standing still, or over in time); `warn_at` likewise for the share of the warning. `worked` is the open
    time used so far."""

    due_at: datetime | None
    warn_at: datetime | None
    worked: timedelta
    outcome: Outcome


def clocks(events: Iterable[Happened]) -> tuple[Clock, ...]:
    """The clocks of one case, in the order in which they began. An event that seems to lie before an earlier one (a
    server's clock was set back) counts as having happened at the same moment. Takes time in proportion to the events:
    what has ended is not looked at again."""
    found: list[Clock] = []
    live: list[int] = []  # places of those that have not ended
    last: datetime | None = None
    for event in events:
        last = event.at if last is None else max(last, event.at)
        if event.kind == "asked" and not found:
            found = [Clock("first_reply", 1, ((last, None),)), Clock("resolution", 1, ((last, None),))]
            live = [0, 1]
            continue
        asks_anew = event.kind == "customer" and _waits_for_nothing([found[place] for place in live])
        for place in live:
            found[place] = _moved(found[place], event.kind, last)
        live = [place for place in live if found[place].ended is None]
        if asks_anew:
            live.append(len(found))
            found.append(Clock("next_reply", len(found) - 1, ((last, None),)))
    return tuple(found)


def _waits_for_nothing(live: Sequence[Clock]) -> bool:
    """People have answered everything so far, and the case goes on."""
    return [clock.level for clock in live] == ["resolution"]


def _moved(clock: Clock, kind: Kind, at: datetime) -> Clock:
    if kind == "left" or (kind == "resolved" and clock.level != "resolution"):
        return _closed(clock, "dropped", at)
    if kind == "resolved":
        return _closed(clock, "reached", at)
    if kind == "agent":
        return _closed(clock, "paused" if clock.level == "resolution" else "reached", at)
    if kind == "customer" and clock.state == "paused":
        return replace(clock, stretches=(*clock.stretches, (at, None)), state="running")
    return clock


def _closed(clock: Clock, state: State, at: datetime) -> Clock:
    start, end = clock.stretches[-1]
    return replace(clock, stretches=(*clock.stretches[:-1], (start, at if end is None else end)), state=state)


def judge(clock: Clock, target: timedelta | None, hours: OpeningHours, now: datetime, share: float = WARN_AT) -> Judged:
    """Measures a clock against its target at `now`, which counts as no earlier than the clock's last event."""
    worked = sum((open_between(hours, start, end or max(start, now)) for start, end in clock.stretches), timedelta())
    due_at = _used_up(clock, target, hours) if target is not None else None
    warn_at = _used_up(clock, target * share, hours) if target is not None else None
    return Judged(due_at, warn_at, worked, _outcome(clock, target, due_at))


def _outcome(clock: Clock, target: timedelta | None, due_at: datetime | None) -> Outcome:
    if clock.ended is None:
        return ""
    if target is None:
        return "no_target"
    if due_at is not None:
        return "broken"
    return "kept" if clock.state == "reached" else "unanswered"


def _used_up(clock: Clock, wait: timedelta, hours: OpeningHours) -> datetime | None:
    """When the clock has run for `wait` of open time. Exactly in time is in time."""
    for start, end in clock.stretches:
        if end is None:
            return hours.after_open_time(start, wait)
        here = open_between(hours, start, end)
        if here > wait:
            return hours.after_open_time(start, wait)
        wait -= here
    return None


def open_between(hours: OpeningHours, start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` it was open; nothing where `end` is not later."""
    total = timedelta()
    opening = hours.next_opening(start) if start < end else None
    while opening is not None and opening < end:
        closing = hours.next_closing(opening)
        if closing is None or closing >= end:
            return total + (end - opening)
        total += closing - opening
        opening = hours.next_opening(closing)
    return total
