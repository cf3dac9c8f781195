"""Planted drift is noticed, and none is not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.understanding.drift import Seen, drifted, stability_index

INTENTS = ("order_status", "cancel_order", "return_item", "invoice_copy", "warranty")
WEIGHTS = (40, 25, 15, 12, 8)


def window(seed: int, count: int, weights: tuple[int, ...] = WEIGHTS) -> list[Seen]:
    dice = random.Random(seed)
    seen = []
    for intent in dice.choices(INTENTS, weights, k=count):
        rejected = dice.random() < 0.1
        unseen = dice.betavariate(1, 5)
        seen.append(Seen(rejected, unseen, dice.betavariate(8, 2), "" if rejected else intent))
    return seen


def measures(recent: list[Seen], before: list[Seen]) -> list[str]:
    return [moved.measure for moved in drifted(recent, before)]


def test_ordinary_weeks_raise_nothing() -> None:
    alarms = [measures(window(seed, 150), window(seed + 1000, 600)) for seed in range(200)]
    assert sum(bool(alarm) for alarm in alarms) <= 1


def test_rising_rejection() -> None:
    recent = [replace(s, rejected=True, intent="") if n % 4 == 0 else s for n, s in enumerate(window(1, 200))]
    moved = {m.measure: m for m in drifted(recent, window(2, 800))}
    assert moved["rejected"].now > moved["rejected"].before + 0.15


def test_new_wording() -> None:
    recent = [replace(s, unseen=min(1.0, s.unseen + 0.12)) for s in window(3, 200)]
    assert measures(recent, window(4, 800)) == ["unseen"]


def test_less_sure() -> None:
    recent = [replace(s, sureness=s.sureness * 0.88) for s in window(5, 200)]
    assert measures(recent, window(6, 800)) == ["sureness"]


def test_another_mix_names_what_grew() -> None:
    moved = drifted(window(7, 200, (10, 25, 15, 12, 60)), window(8, 800))
    assert [m.measure for m in moved] == ["intents"]
    assert moved[0].most[0][0] in {"warranty", "order_status"}
    assert dict(moved[0].most)["warranty"] > 0.2


def test_for_the_better_is_no_drift() -> None:
    recent = [replace(s, unseen=s.unseen / 3, sureness=0.95) for s in window(9, 200)]
    assert measures(recent, window(10, 800)) == []


def test_too_few_messages_say_nothing() -> None:
    recent = [Seen(True, 1.0, 0.0, "")] * 49
    assert measures(recent, window(11, 800)) == []
    assert measures([*recent, recent[0]], window(11, 800)) == ["rejected", "unseen", "sureness", "intents"]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8))
def test_equal_histograms_are_perfectly_stable(counts: list[int]) -> None:
    assert stability_index(counts, counts) == pytest.approx(0)
    assert stability_index(counts, [c + 10 for c in reversed(counts)]) >= -1e-9
