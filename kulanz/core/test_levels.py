"""Service levels: pauses never make anything due earlier, closed hours don't count, and nothing unanswered is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kulanz.core.hours import OpeningHours, Span
from kulanz.core.levels import Clock, Happened, Kind, Level, clocks, judge, open_between

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = OpeningHours("Europe/Berlin", ((Span(480, 1080),),) * 5 + ((Span(540, 840),), ()))
ALWAYS = OpeningHours("Europe/Berlin", ((Span(0, 1440),),) * 7)
START = datetime(2026, 3, 26, 9, tzinfo=UTC)  # a Thursday; the clocks go forward on the Sunday after


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


def case(*steps: tuple[int, Kind], start: datetime = START) -> dict[tuple[Level, int], Clock]:
    """`steps`: minutes after the start, and what happened."""
    found = clocks(Happened(start + timedelta(minutes=m), kind) for m, kind in ((0, "asked"), *steps))
    return {(clock.level, clock.number): clock for clock in found}


def test_a_case_from_the_handover_to_its_end() -> None:
    found = case((5, "customer"), (20, "agent"), (60, "customer"), (70, "customer"), (90, "agent"), (100, "resolved"))
    worked = {key: judge(clock, timedelta(hours=1), ALWAYS, START).worked for key, clock in found.items()}
    assert worked == {
        ("first_reply", 1): timedelta(minutes=20),
        ("next_reply", 1): timedelta(minutes=30),
        ("resolution", 1): timedelta(minutes=50),
    }
    assert {clock.state for clock in found.values()} == {"reached"}


@pytest.mark.parametrize("end", ["resolved", "left"])
def test_what_was_never_answered_is_not_kept(end: Kind) -> None:
    found = case((5, end))
    assert judge(found["first_reply", 1], timedelta(hours=1), ALWAYS, START).outcome == "unanswered"
    late = case((90, end))
    assert judge(late["first_reply", 1], timedelta(hours=1), ALWAYS, START).outcome == "broken"


def test_exactly_in_time_is_in_time() -> None:
    outcomes = [
        judge(case((m, "agent"))["first_reply", 1], timedelta(hours=1), ALWAYS, START).outcome for m in (60, 61)
    ]
    assert outcomes == ["kept", "broken"]


def test_without_a_target_nothing_is_due() -> None:
    running = judge(case()["resolution", 1], None, SHOP, START)
    assert (running.due_at, running.warn_at, running.outcome) == (None, None, "")
    assert judge(case((5, "resolved"))["resolution", 1], None, SHOP, START).outcome == "no_target"


def test_closed_hours_and_the_change_of_the_clocks_do_not_count() -> None:
    friday = berlin(2026, 3, 27, 17)
    clock = clocks([Happened(friday, "asked")])[0]
    judged = judge(clock, timedelta(hours=8), SHOP, friday, 0.5)
    assert judged.warn_at == berlin(2026, 3, 28, 12)
    assert judged.due_at == berlin(2026, 3, 30, 10)
    assert open_between(SHOP, friday, berlin(2026, 3, 30, 10)) == timedelta(hours=8)
    assert open_between(ALWAYS, berlin(2026, 3, 29), berlin(2026, 3, 30)) == timedelta(hours=23)


def test_a_server_clock_that_is_set_back_takes_nothing_back() -> None:
    found = case((30, "customer"), (10, "agent"), (5, "customer"))
    assert judge(found["first_reply", 1], timedelta(hours=1), ALWAYS, START).worked == timedelta(minutes=30)
    assert found["next_reply", 1].began == START + timedelta(minutes=30)


def test_a_very_long_case() -> None:
    steps: list[tuple[int, Kind]] = [(n, "customer" if n % 2 else "agent") for n in range(1, 4_001)]
    found = case(*steps)
    assert len(found) == 2 + 2_000 - 1
    assert found["next_reply", 1_999].state == "reached"


def test_an_early_now_does_not_make_the_time_run_backwards() -> None:
    assert judge(case()["first_reply", 1], timedelta(hours=1), ALWAYS, START - timedelta(days=1)).worked == timedelta()


MOST = open_between(SHOP, START, START + timedelta(days=3))  # the last event and the look at it lie within
STEPS = st.lists(
    st.tuples(st.integers(-30, 3_000), st.sampled_from(("customer", "agent", "resolved", "left", "asked"))), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, minutes=st.integers(1, 2_000))
def test_whatever_happens_the_clocks_are_in_order(steps: list[tuple[int, Kind]], minutes: int) -> None:
    found = case(*steps)
    for clock in found.values():
        moments = [moment for stretch in clock.stretches for moment in stretch if moment is not None]
        assert moments == sorted(moments)
        judged = judge(clock, timedelta(minutes=minutes), SHOP, START + timedelta(days=3))
        assert judged.worked <= MOST
        if judged.due_at is not None:
            assert judged.due_at >= clock.began + timedelta(minutes=minutes)
            assert judged.warn_at is not None and judged.warn_at <= judged.due_at
        if judged.outcome == "kept":
            assert judged.worked <= timedelta(minutes=minutes) and clock.state == "reached"
    open_replies = [c for c in found.values() if c.level != "resolution" and c.state == "running"]
    assert len(open_replies) <= 1


@settings(max_examples=60, deadline=None)
@given(reply=st.integers(1, 600), pause=st.integers(1, 5_000), minutes=st.integers(1, 1_500))
def test_a_pause_never_makes_the_resolution_due_earlier(reply: int, pause: int, minutes: int) -> None:
    target = timedelta(minutes=minutes)
    without = judge(case()["resolution", 1], target, SHOP, START)
    paused = judge(case((reply, "agent"), (reply + pause, "customer"))["resolution", 1], target, SHOP, START)
    assert without.due_at is not None and paused.due_at is not None
    assert paused.due_at >= without.due_at
    waiting = judge(case((reply, "agent"))["resolution", 1], target, SHOP, START)
    assert waiting.due_at in {None, without.due_at}  # standing still, or broken before


@settings(max_examples=60, deadline=None)
@given(start=st.integers(0, 10_000), one=st.integers(0, 3_000), more=st.integers(0, 3_000))
def test_open_time_adds_up_and_never_shrinks(start: int, one: int, more: int) -> None:
    a = START + timedelta(minutes=start)
    b, c = a + timedelta(minutes=one), a + timedelta(minutes=one + more)
    assert open_between(SHOP, a, b) + open_between(SHOP, b, c) == open_between(SHOP, a, c)
    assert open_between(SHOP, a, c) <= c - a
    target = open_between(SHOP, a, c)
    due = judge(Clock("first_reply", 1, ((a, None),)), target, SHOP, c).due_at
    assert due is not None and open_between(SHOP, a, due) == target
