"""`kulanz evaluate` with options that make no sense: refused before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kulanz.cli import main


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"text": "Ich bin sauer", "emotion": "angry", "intent": "a"}), "utf-8")
    return file


@pytest.mark.parametrize("option", [("--fold", "0"), ("--fold", "1"), ("--few", "0"), ("--few", "-1"), ("--few", "x")])
def test_numbers_that_leave_nothing_to_measure_are_wrong_usage(
    rows: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", "intents", "--train", str(rows), *option])
    assert stopped.value.code == 2
    assert "no whole number from" in capsys.readouterr().err or option[1] == "-1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["intents", "--train"], "either --test FILE or --fold N"),
        (["emotion", "--few", "3", "--test"], "belong to `evaluate intents`"),
        (["emotion", "--test"], "unknown labels: angry"),
        (["sentiment", "--test"], 'line 1: expected {"text": …, "sentiment": …}'),
    ],
)
def test_what_can_not_be_measured_is_refused_with_nothing_on_standard_output(
    rows: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *arguments, str(rows)]) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert not told.out
