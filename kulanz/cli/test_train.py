"""`kulanz train`, with the database of the tests instead of one of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from kulanz.cli import main
from kulanz.core.errors import InvalidInput
from kulanz.understanding import candidates, training
from kulanz.understanding.models import IntentExample, IntentModel
from kulanz.understanding.training import Trained

pytestmark = pytest.mark.django_db
EXAMPLES = {
    "order_status": ["Wo ist mein Paket?", "Wann kommt es an?", "Sendung verfolgen", "Paket nicht da", "Lieferung?"],
    "refund_status": ["Wo ist mein Geld?", "Erstattung fehlt", "Geld zurück", "Wann kommt das Geld?", "Rückzahlung?"],
}
Train = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Train:
    """The command; what is trained once is not trained again, because every training takes a second."""
    monkeypatch.setattr("kulanz.cli.train.database", lambda options: nullcontext())
    monkeypatch.setattr("kulanz.cli.train.ready_django", lambda: None)
    really, made = training.train, dict[str, Trained]()

    def once(*arguments: object) -> Trained:
        key = training.examples_hash()
        made[key] = made[key] if key in made else really(*arguments)  # type: ignore[arg-type]
        return made[key]

    monkeypatch.setattr(training, "train", once)
    return lambda *arguments: main(["train", *map(str, arguments)])


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    file = tmp_path / "examples.jsonl"
    rows = [{"text": text, "intent": intent} for intent, texts in EXAMPLES.items() for text in texts]
    rows.append({"text": "wo ist mein paket", "intent": "refund_status"})
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return file


def test_it_names_what_is_wrong_and_puts_in_force_only_what_is_no_worse(
    run: Train, examples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(examples, "--dry-run") == 0
    told = capsys.readouterr().out
    assert "11 examples added" in told
    assert "The same words under several intents: 1" in told
    assert "order_status, refund_status" in told
    assert "nothing was imported" in told
    assert not IntentExample.objects.exists()
    assert not IntentModel.objects.exists()

    assert run(examples) == 0
    assert "is in force now" in capsys.readouterr().out
    first = IntentModel.objects.get(active=True)

    def worse(model: IntentModel) -> None:
        raise InvalidInput("This model is worse.")

    monkeypatch.setattr(candidates, "check_no_worse", worse)
    assert run() == 1
    assert "Not in force: This model is worse." in capsys.readouterr().out
    assert IntentModel.objects.get(active=True) == first
    assert run("--anyway") == 0
    assert IntentModel.objects.get(active=True) != first


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no examples"),
        (b'{"text": "R\xfcckzahlung", "intent": "a"}', "UTF-8"),
        (b'{"text": "a", "intent": "a"}\nno JSON', "line 2"),
        (b"[1, 2]", 'line 1: expected {"text"'),
        (b'{"text": "a"}', "line 1: intent"),
        (b'{"text": 5, "intent": "a"}', "line 1: text"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    run: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_bytes(content)
    assert run(file) == 1
    assert said in capsys.readouterr().err
    assert not IntentExample.objects.exists()


def test_one_intent_alone_and_a_missing_file_are_told(
    run: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "missing.jsonl") == 1
    assert "can't be read" in capsys.readouterr().err
    file = tmp_path / "one.jsonl"
    file.write_text('{"text": "Wo ist mein Paket?", "intent": "order_status"}', "utf-8")
    assert run(file) == 1
    assert "at least two intents" in capsys.readouterr().err
