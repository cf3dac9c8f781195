from __future__ import annotations

from decimal import Decimal

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.settings.language_models import Task, read_language_models

SERVER = {"KULANZ_LLM_URL": "http://127.0.0.1:11434/v1/", "KULANZ_LLM_MODEL": "small", "KULANZ_LLM_KEY": "sk-secret"}


def test_without_settings_there_is_no_model() -> None:
    assert read_language_models({"PATH": "/bin"}).models == {}
    assert read_language_models({"KULANZ_LLM_URL": "http://127.0.0.1/v1", "KULANZ_LLM_MODEL": ""}).models == {}


def test_one_server_serves_all_tasks_and_a_task_may_differ() -> None:
    own = {"KULANZ_LLM_CHECK_MODEL": "large", "KULANZ_LLM_CHECK_PRICE_OUT": "0.60", "KULANZ_LLM_GAP_DRAFT_MODEL": "off"}
    read = read_language_models({**SERVER, **own})
    answer, check = read.models[Task.ANSWER], read.models[Task.CHECK]
    assert (answer.url, answer.name) == ("http://127.0.0.1:11434/v1", "small")
    assert (check.name, check.price_out, check.key) == ("large", Decimal("0.60"), answer.key)
    assert Task.GAP_DRAFT not in read.models
    assert "sk-secret" not in repr(read)


def test_a_key_is_never_given_to_another_server() -> None:
    read = read_language_models({**SERVER, "KULANZ_LLM_ANSWER_URL": "https://elsewhere.example/v1"})
    assert not read.models[Task.ANSWER].key
    assert read.models[Task.CHECK].key.reveal() == "sk-secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KULANZ_LLM_MODLE", "x"),
        ("KULANZ_LLM_URL", "file:///etc/passwd"),
        ("KULANZ_LLM_URL", "https://user:hunter2@host/v1"),
        ("KULANZ_LLM_URL", "http://[broken"),
        ("KULANZ_LLM_SECONDS", "0"),
        ("KULANZ_LLM_SECONDS", "nan"),
        ("KULANZ_LLM_RETRIES", "-1"),
        ("KULANZ_LLM_DAILY_TOKENS", "many"),
        ("KULANZ_LLM_PRICE_IN", "-1"),
        ("KULANZ_LLM_PRICE_IN", "NaN"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name) as error:
        read_language_models({**SERVER, name: value})
    assert "hunter2" not in str(error.value)


def test_a_budget_may_be_unlimited_or_nothing() -> None:
    assert read_language_models(SERVER).daily_tokens == 1_000_000
    assert read_language_models({**SERVER, "KULANZ_LLM_DAILY_TOKENS": "unlimited"}).daily_tokens is None
    assert read_language_models({**SERVER, "KULANZ_LLM_DAILY_TOKENS": "0"}).daily_tokens == 0
