"""When people are there: opening hours, and what they mean for a promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
HORIZON = 400  # days; hours that don't open within them never do


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one day, in minutes after midnight on the wall clock: open from `opens`, closed from `closes`."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= DAY:
            raise ValueError(f"opening hours must run forward within one day, not {self.opens} to {self.closes}")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`week` holds the spans of each weekday, Monday first; `closed_on` the days without any (holidays).

    All times of day are wall-clock times in `zone`; all moments passed in carry a time zone, those passed out are UTC.
    """

    zone: str
    week: tuple[tuple[Span, ...], ...]
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return any(span.opens <= minute < span.closes for span in self._spans(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open moment from `at` on (`at` itself while open), or None where nobody ever comes."""
        return self._first(at, wanted=True)

    def next_closing(self, at: datetime) -> datetime | None:
        """The first closed moment from `at` on, or None where it never closes."""
        return self._first(at, wanted=False)

    def after_open_time(self, at: datetime, wait: timedelta) -> datetime | None:
        """The moment when it has been open for `wait` since `at`: closed time doesn't count."""
        opening = self.next_opening(at.astimezone(UTC))
        while opening is not None:
            closing = self.next_closing(opening)
            if closing is None or closing - opening >= wait:
                return opening + wait
            wait -= closing - opening
            opening = self.next_opening(closing)
        return None

    def _spans(self, day: date) -> tuple[Span, ...]:
        return () if day in self.closed_on else self.week[day.weekday()]

    def _first(self, at: datetime, *, wanted: bool) -> datetime | None:
        at = at.astimezone(UTC)  # differences between two local times are wrong where the clock is changed
        if self.is_open(at) == wanted:
            return at
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        for offset in range(HORIZON):
            for moment in self._turning_points(today + timedelta(days=offset), zone):
                if moment > at and self.is_open(moment) == wanted:
                    return moment
        return None

    def _turning_points(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """The moments of a day at which anything can change, in order."""
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        length = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - midnight
        if length == timedelta(minutes=DAY):
            minutes = {0} | {m for span in self.week[day.weekday()] for m in (span.opens, span.closes)}
        else:  # the clock is changed on this day: a time of day may come twice or never, so look at every minute
            minutes = set(range(int(length.total_seconds() // 60) + 1))
        for minute in sorted(minutes):
            yield midnight + timedelta(minutes=minute)
