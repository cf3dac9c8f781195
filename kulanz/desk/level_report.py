"""What became of the service levels: honest figures from what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Aggregate, Count, FloatField, Q, QuerySet
from django.utils import timezone

from kulanz.core.levels import LEVELS
from kulanz.desk.level_models import LevelClock

PERIODS: Final = ("day", "week", "month")
MOST_BROKEN: Final = 200


class Percentile(Aggregate):
    """PostgreSQL's continuous percentile of a number."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, whole local days."""

    kind: str
    start: datetime
    end: datetime

    @property
    def before(self) -> date:
        return period_of(self.kind, timezone.localdate(self.start) - timedelta(days=1)).first

    @property
    def after(self) -> date:
        return timezone.localdate(self.end)

    @property
    def first(self) -> date:
        return timezone.localdate(self.start)

    @property
    def last(self) -> date:
        return timezone.localdate(self.end) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One level of one team at the clocks that ended in the period. Times are working minutes of what was answered or
    resolved; `percent` is None where nothing had a target."""

    team: str
    level: str
    ended: int
    kept: int
    broken: int
    unanswered: int
    no_target: int
    median: float | None
    p90: float | None

    @property
    def percent(self) -> int | None:
        """Kept, of all that had a target: what was never answered is not kept."""
        counted = self.kept + self.broken + self.unanswered
        return int(100 * self.kept / counted) if counted else None  # never rounded up to 100


def period_of(kind: str, day: date) -> Period:
    """The day, week (from Monday) or month that holds `day`; an unknown kind is a week."""
    if kind == "day":
        first, after = day, day + timedelta(days=1)
    elif kind == "month":
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
    else:
        kind, first = "week", day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    return Period(kind, _midnight(first), _midnight(after))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def ended_in(period: Period, team: int | None = None) -> QuerySet[LevelClock]:
    query = LevelClock.objects.filter(ended_at__gte=period.start, ended_at__lt=period.end)
    return query.filter(team=team) if team else query


def report(period: Period, team: int | None = None) -> list[Line]:
    """A line for each team and level, in order: one query."""
    reached = Q(state=LevelClock.State.REACHED)
    rows = ended_in(period, team).values("team__name", "level").annotate(
        ended=Count("pk"),
        kept=Count("pk", filter=Q(outcome="kept")),
        broken=Count("pk", filter=Q(outcome="broken")),
        unanswered=Count("pk", filter=Q(outcome="unanswered")),
        no_target=Count("pk", filter=Q(outcome="no_target")),
        median=Percentile("worked", share=0.5, filter=reached),
        p90=Percentile("worked", share=0.9, filter=reached),
    )  # fmt: skip
    lines = [_line(row) for row in rows]
    return sorted(lines, key=lambda line: (line.team, _place(line.level)))


def _place(level: str) -> int:
    return [*LEVELS, level].index(level)


def _line(row: Mapping[str, Any]) -> Line:
    facts = {name: value for name, value in row.items() if name != "team__name"}
    for name in ("median", "p90"):
        if isinstance(seconds := facts[name], float):
            facts[name] = seconds / 60
    return Line(team=str(row["team__name"] or ""), **facts)


def broken_in(period: Period, team: int | None = None) -> list[LevelClock]:
    """What was broken or never answered and ended in the period, and what is broken and still runs; newest first."""
    query = ended_in(period, team).filter(outcome__in=("broken", "unanswered"))
    running = LevelClock.objects.filter(
        ended_at=None, due_at__gte=period.start, due_at__lt=min(period.end, timezone.now())
    )
    both = (query | (running.filter(team=team) if team else running)).select_related("conversation__customer", "team")
    return list(both.order_by("-due_at", "-began_at")[: MOST_BROKEN + 1])


def as_table(period: Period, team: int | None = None) -> Iterator[tuple[str, ...]]:
    """The clocks that ended in the period, one a row, for a spreadsheet; the first row names the columns. Times in
    ISO 8601, durations in working minutes."""
    yield ("conversation", "team", "urgency", "level", "number", "began", "ended", "target", "worked", "outcome")
    clocks = ended_in(period, team).select_related("team").order_by("ended_at", "pk")
    for row in clocks.iterator(chunk_size=1_000):
        yield (
            str(row.conversation_id), row.team.name if row.team else "", row.urgency, row.level, str(row.number),
            row.began_at.isoformat(), row.ended_at.isoformat() if row.ended_at else "",
            "" if row.target is None else str(row.target), f"{row.worked / 60:.1f}", row.outcome,
        )  # fmt: skip
