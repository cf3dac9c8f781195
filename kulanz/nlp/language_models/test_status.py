from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.core.ids import uuid7
from kulanz.nlp.language_models import erasure
from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.status import check_server, spent_since
from kulanz.settings.language_models import LanguageModels, Model, Secret, Task

pytestmark = pytest.mark.django_db


def test_none_is_fine(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels()
    assert check_server().startswith("none")


def test_the_line_names_model_server_and_budget(settings: Any) -> None:
    breaker_of.cache_clear()
    with fake.fake_server(fake.says("OK")) as server:
        usual = Model(server.url, "tiny", price_in=Decimal(1))
        settings.LANGUAGE_MODELS = LanguageModels({Task.CHECK: usual, Task.ANSWER: Model(server.url, "large")})
        line = check_server()
    assert line.startswith("tiny at 127.0.0.1:")
    assert "large for answer" in line
    assert line.endswith("120 of 1,000,000 tokens today")
    spent = spent_since()[0]
    assert (spent.task, spent.calls, spent.tokens, spent.cost) == ("check", 1, 120, Decimal("0.000100"))


def test_a_server_that_does_not_answer_is_named_with_the_remedy_and_without_the_key(settings: Any) -> None:
    breaker_of.cache_clear()
    model = Model("http://127.0.0.1:9/v1", "tiny", Secret("sk-secret"), retries=0)
    settings.LANGUAGE_MODELS = LanguageModels({Task.CHECK: model})
    with pytest.raises(InvalidInput, match="KULANZ_LLM_URL") as error:
        check_server()
    assert "sk-secret" not in str(error.value)


def test_erasure_finds_nothing_for_a_stranger() -> None:
    assert erasure.erase(uuid7()) == 0
