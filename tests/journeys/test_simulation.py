"""Simulated customers at the running pipeline, and their conversations decided again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kulanz.decision.models import StoredDecision
from kulanz.decision.policies import active_policy
from kulanz.demo.models import ShopCancellation
from kulanz.simulation.clock import clock
from kulanz.simulation.figures import figures
from kulanz.simulation.judge import Judgement
from kulanz.simulation.run import Wanted, demands, parts, result, simulate
from kulanz.turns.replay import replay
from kulanz.understanding.active import active_classifier

pytestmark = pytest.mark.django_db(transaction=True)
SCENARIOS = Path(__file__).parents[2] / "kulanz" / "demo" / "scenarios"
FAST = Wanted([SCENARIOS], fast=True)


@pytest.fixture
def midday() -> Iterator[None]:
    with clock():
        yield


def played(number: int | None = None) -> list[Judgement]:
    """The fast subset, German and English by turns."""
    planned = parts(FAST)
    return list(simulate([p for i, p in enumerate(planned) if i // 2 % 2 == i % 2][:number]))


def told(judgement: Judgement) -> list[object]:
    return [(turn.line, turn.seen.kind, turn.seen.subject) for turn in judgement.dialogue.turns]


@pytest.mark.usefixtures("midday", "musterladen")
def test_the_fast_subset_goes_well_and_is_decided_the_same_again() -> None:
    judgements = played()
    assert [told(j) for j in played(3)] == [told(j) for j in judgements[:3]]
    got = figures(judgements)
    assert got.dialogues >= 20
    assert got.share("right") >= 0.6
    assert got.repeated == 0
    assert not result(judgements, demands(FAST), "de", 3).failed, result(judgements, demands(FAST), "en", 9).text
    assert not ShopCancellation.objects.filter(order__number="ML-10234").exists()  # the shop was put back

    policy, turns = active_policy(), StoredDecision.objects.count()
    same = replay(policy)
    assert (same.turns, same.skipped, same.differences) == (turns, 0, [])
    assert not replay(policy, active_classifier()).differences

    stricter = replay(replace(policy, answer_from=0.999, version="strict"))
    assert stricter.new["answer"] < stricter.old["answer"]
    first = {d.conversation: d.certain for d in reversed(stricter.differences)}
    assert all(first.values())
