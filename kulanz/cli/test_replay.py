"""`kulanz replay`: what a support manager reads about every difference."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from kulanz.cli import main
from kulanz.core.decision import Decision, Reason
from kulanz.nlp.embedder import reader_name
from kulanz.turns import replay
from kulanz.understanding.active import FORMAT
from kulanz.understanding.models import IntentModel

pytestmark = pytest.mark.django_db
GONE = UUID(int=7)  # an article that has been replaced since


def difference(old: tuple[str, str], reason: dict[str, Any], new: Decision) -> replay.Difference:
    at = datetime(2026, 11, 9, 12, tzinfo=UTC)
    return replay.Difference(GONE, at, "Wo ist\nmein Paket?", old, (reason,), new, certain=True)


@pytest.fixture(autouse=True)
def _in_the_database_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kulanz.cli.replay.database", lambda options: nullcontext())
    monkeypatch.setattr("kulanz.cli.replay._read_only", lambda: None)


def test_differences_are_told_in_words_not_in_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asks = Decision("ask", "ambiguous", (Reason("ambiguous"),), "v2")
    hands_over = Decision("hand_over", "anger", (Reason("angry"),), "v2")
    found = [
        difference(("answer", str(GONE)), {"code": "passage", "detail": "Versandkosten"}, asks),
        difference(("act", "order_status"), {"code": "intent", "detail": "order_status"}, hands_over),
    ]
    result = replay.Replay(2, 0, found, Counter(answer=1, act=1), Counter(ask=1, hand_over=1))
    monkeypatch.setattr(replay, "replay", lambda *arguments: result)
    assert main(["replay"]) == 0
    told = capsys.readouterr().out
    assert "2 turns decided again; 2 would be decided otherwise." in told
    assert "“Wo ist mein Paket?”" in told
    assert "until now: answer · Versandkosten  (" in told
    assert "then: ask  (Several articles came close" in told
    assert "until now: act · Order status" in told
    assert "then: hand over · Angry" in told
    assert str(GONE) not in told


def test_a_wrong_day_and_a_model_that_can_not_be_run_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    other_version = IntentModel.objects.create(manifest={"format": 99, "version": "x"}, arrays=b"")
    broken = IntentModel.objects.create(manifest={"format": FORMAT, "embedder": reader_name()}, arrays=b"no arrays")
    models = [["--model", str(model.pk)] for model in (other_version, broken)]
    for arguments in (["--since", "yesterday"], ["--model", "0"], *models):
        assert main(["replay", *arguments]) == 1
        assert capsys.readouterr().err.startswith("kulanz: ")
