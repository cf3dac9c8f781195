from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kulanz.core.hours import DAY, OpeningHours, Span

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = OpeningHours(
    zone="Europe/Berlin",
    week=((Span(480, 1080),),) * 5 + ((Span(540, 840),), ()),
    closed_on=frozenset({date(2026, 12, 25), date(2026, 12, 26)}),
)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (berlin(2026, 11, 23, 7, 59), False),
        (berlin(2026, 11, 23, 8, 0), True),
        (berlin(2026, 11, 23, 17, 59), True),
        (berlin(2026, 11, 23, 18, 0), False),
        (berlin(2026, 11, 28, 13, 0), True),
        (berlin(2026, 11, 29, 13, 0), False),
        (berlin(2026, 12, 25, 13, 0), False),
        (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), True),
    ],
)
def test_open_on_the_wall_clock(at: datetime, is_open: bool) -> None:
    assert SHOP.is_open(at) is is_open


def test_the_weekend_and_holidays_are_skipped() -> None:
    assert SHOP.next_opening(berlin(2026, 11, 28, 14, 0)) == berlin(2026, 11, 30, 8, 0)
    assert SHOP.next_opening(berlin(2026, 12, 24, 18, 0)) == berlin(2026, 12, 28, 8, 0)


def test_the_clock_change_does_not_move_the_opening() -> None:
    opening = SHOP.next_opening(berlin(2026, 3, 28, 20, 0))
    assert opening == berlin(2026, 3, 30, 8, 0)
    assert opening is not None and opening.astimezone(UTC).hour == 6


def test_waiting_counts_open_time_only() -> None:
    friday = berlin(2026, 11, 27, 17, 55)
    assert SHOP.after_open_time(friday, timedelta(minutes=5)) == berlin(2026, 11, 27, 18, 0)
    assert SHOP.after_open_time(friday, timedelta(minutes=10)) == berlin(2026, 11, 28, 9, 5)


def test_hours_that_never_open() -> None:
    never = OpeningHours("Europe/Berlin", ((),) * 7)
    assert never.next_opening(berlin(2026, 11, 23)) is None
    assert never.after_open_time(berlin(2026, 11, 23), timedelta(minutes=1)) is None


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (700, 600), (-1, 5), (5, DAY + 1)])
def test_hours_that_make_no_sense_are_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="forward"):
        Span(opens, closes)


spans = (
    st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: Span(*pair))
)
weeks = st.lists(st.lists(spans, max_size=2).map(tuple), min_size=7, max_size=7).map(tuple)
# around both clock changes of 2026 and an ordinary week
moments = st.one_of(
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 31)),
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 27)),
    st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 8)),
).map(lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC))
zones = st.sampled_from(["Europe/Berlin", "UTC", "America/New_York", "Australia/Lord_Howe"])


@settings(max_examples=25, deadline=None)
@given(zones, weeks, moments)
def test_the_next_opening_is_the_first_open_minute(zone: str, week: tuple[tuple[Span, ...], ...], at: datetime) -> None:
    hours = OpeningHours(zone, week)
    found = hours.next_opening(at)
    first = next((m for i in range(9 * DAY) if hours.is_open(m := at + timedelta(minutes=i))), None)
    assert found == first


@settings(max_examples=25, deadline=None)
@example(
    "Europe/Berlin", ((), (), (), (), (), (), (Span(0, 120),)), datetime(2026, 3, 28, tzinfo=UTC), 121
)  # the night when 02:00 does not exist
@given(zones, weeks, moments, st.integers(0, 600))
def test_a_promise_ends_after_exactly_that_much_open_time(
    zone: str, week: tuple[tuple[Span, ...], ...], at: datetime, minutes: int
) -> None:
    hours = OpeningHours(zone, week)
    minutes = min(minutes, 3 * sum(span.closes - span.opens for day in week for span in day))  # weeks, not years
    end = hours.after_open_time(at, timedelta(minutes=minutes))
    if end is None:
        assert not any(week)
        return
    steps = int((end - at).total_seconds() // 60)
    opened = sum(hours.is_open(at + timedelta(minutes=i)) for i in range(steps))
    assert opened == minutes
