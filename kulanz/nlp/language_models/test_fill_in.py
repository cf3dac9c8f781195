"""Replies with a form: data instead of a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.ask import fill_in
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.fake_server import FakeServer
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Filled, Unavailable
from kulanz.settings.language_models import LanguageModels, Model, Task

pytestmark = pytest.mark.django_db
FORM = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.fixture
def server(settings: Any) -> Iterator[FakeServer]:
    breaker_of.cache_clear()
    with fake.fake_server() as running:
        settings.LANGUAGE_MODELS = LanguageModels({Task.SLOTS: Model(running.url, "tiny", retries=0)}, failures=1)
        yield running


def filled(material: str = "x") -> Filled | Unavailable:
    return fill_in(Task.SLOTS, "Fill in.", material, FORM)


def outcome(result: Filled | Unavailable) -> Any:
    return result.data if isinstance(result, Filled) else result.reason.value


def test_the_server_is_held_to_the_form_and_the_reply_comes_as_data(server: FakeServer) -> None:
    server.behave(fake.says('{"a": "30 Tage"}'))
    result = filled()
    assert outcome(result) == {"a": "30 Tage"}
    assert ModelCall.objects.get().outcome == "done"
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == FORM
    assert server.requests[0]["response_format"]["type"] == "json_schema"


def test_personal_data_are_put_back_into_each_text_whatever_stands_in_them(server: FakeServer) -> None:
    """A line break or a quotation mark, put back before the reply is read, would break it."""
    address = "Lindenweg 3,\n80331 München"
    reply = {"a": "<EMAIL_1>", "b": ["at <ADDRESS_1>", {"c": None, "d": 1}], "e": "email_1"}
    server.behave(fake.says(json.dumps(reply)))
    result = filled(f"{address}, p@example.org")
    assert "Lindenweg" not in server.heard
    assert outcome(result) == {
        "a": "p@example.org", "b": [f"at {address}", {"c": None, "d": 1}], "e": "p@example.org"
    }  # fmt: skip


def test_what_is_said_around_the_form_does_no_harm(server: FakeServer) -> None:
    server.behave(fake.says('Certainly!\n```json\n{"a": "1"}\n```\nAnything else?'))
    assert outcome(filled()) == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", "malformed"), ("{", "malformed"), ('{"a": "1"', "malformed"), ("[1]", "malformed"),
        ('{"a": ' * 2_000 + "}" * 1_000, "invalid"), ('{"a":' + "[" * 3_000 + "}", "malformed"),
        ('{"a": "\\ud800"}', "malformed"), ('{"a": "<IBAN_3>"}', "invented"),
        ('{"a": {"b": ["<IBAN_3>"]}}', "invented"),
    ],
)  # fmt: skip
def test_a_reply_without_the_form_is_none_and_the_server_is_not_to_blame(
    server: FakeServer, text: str, expected: str
) -> None:
    server.behave(fake.says(text), fake.says('{"a": "1"}'))
    assert outcome(filled()) == expected
    assert ModelCall.objects.get().outcome == expected
    assert outcome(filled()) == ({"a": "1"} if expected != "invalid" else "resting")


def test_a_server_that_knows_no_forms_is_told_in_words_from_then_on(server: FakeServer, settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels(settings.LANGUAGE_MODELS.models, failures=3)
    server.behave(fake.fails(400), fake.says('{"a": "1"}'))
    assert outcome(filled()) == "not_allowed"
    assert outcome(filled()) == {"a": "1"}
    assert "response_format" in server.requests[0]
    assert "response_format" not in server.requests[1]


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_other_refusals_say_nothing_about_forms(server: FakeServer, settings: Any, status: int) -> None:
    settings.LANGUAGE_MODELS = LanguageModels(settings.LANGUAGE_MODELS.models, failures=3)
    server.behave(fake.fails(status), fake.says('{"a": "1"}'))
    filled()
    filled()
    assert "response_format" in server.requests[1]
