"""With a real llama.cpp server and a real, very small model: `make test-llm`. What it writes is not good; what reaches
a customer is checked all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kulanz.core.knowledge import Passage
from kulanz.knowledge.support import Ground, check_answer
from kulanz.knowledge.wording import stream_answer
from kulanz.nlp.language_models.ask import ask, stream
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Text
from kulanz.nlp.language_models.status import check_server
from kulanz.settings.language_models import LanguageModels, Model, Task
from tests.llama_server import llama_server

pytestmark = [pytest.mark.llm, pytest.mark.django_db, pytest.mark.timeout(900)]

LLAMA = Path(__file__).parents[2] / ".llama"
TEXT = (
    "Items can be returned within 30 days of delivery. Returns within Germany are free of charge. "
    "Refunds are paid within 14 days to the original payment method. Gift cards cannot be returned."
)
PASSAGE = Passage("p", "a", "Returns", TEXT, TEXT, "en", 0.9, 0.9)
QUESTIONS = [
    "How long can I return items?",
    "Are returns free?",
    "When do I get my money?",
    "Can I return a gift card?",
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    program, weights = LLAMA / "server" / "llama-server", LLAMA / "weights.gguf"
    if not (program.exists() and weights.exists()):
        pytest.skip("make test-llm installs server and weights")
    with llama_server(program, weights) as address:
        yield address


@pytest.fixture(autouse=True)
def models(url: str, settings: Any) -> None:
    breaker_of.cache_clear()
    model = Model(url, "smollm2-135m", seconds=120, reply_tokens=160)
    settings.LANGUAGE_MODELS = LanguageModels(dict.fromkeys(Task, model), daily_tokens=None)


def test_it_answers_and_counts_tokens() -> None:
    result = ask(Task.GAP_DRAFT, "Summarise in one sentence.", TEXT)
    assert isinstance(result, Text), result
    call = ModelCall.objects.get(id=str(result.call_id))
    assert call.tokens_in > 50
    assert call.tokens_out > 3
    assert "answers in" in check_server()


def test_it_streams() -> None:
    pieces = stream(Task.GAP_DRAFT, "Summarise in one sentence.", TEXT)
    shown = list(pieces)
    assert isinstance(pieces.result, Text), pieces.result
    assert len(shown) > 3
    assert "".join(shown).strip() == pieces.result.text


def test_placeholders_come_back_as_what_they_stand_for() -> None:
    result = ask(Task.GAP_DRAFT, "Repeat the text exactly.", "Write to petra@example.org today.")
    assert isinstance(result, Text), result
    assert "EMAIL_1" not in result.text


def test_what_is_supported_is_an_answer_and_nothing_else_is_ever_shown() -> None:
    """Most of what so small a model writes is refused; not all of it."""
    answered = 0
    for question in QUESTIONS:
        answer = stream_answer(question, [PASSAGE], "en")
        shown, wording = list(answer), answer.wording
        for sentence in shown:
            assert check_answer(f"{sentence.rstrip('.')} [1].", [Ground(TEXT, "Returns")]).accepted
        if wording.answer:
            answered += 1
            assert " ".join(shown) == wording.text
        else:
            assert wording.refusals or wording.reason
        print(
            f"{question} -> {wording.text or [f'{r.code}: {r.sentence}' for r in wording.refusals] or wording.reason}"
        )
    assert answered
    assert ModelCall.objects.filter(outcome="done").count() == answered
