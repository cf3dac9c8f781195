from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.ask import ask, configured, stream
from kulanz.nlp.language_models.breaker import Breaker, breaker_of
from kulanz.nlp.language_models.budget import spent_today
from kulanz.nlp.language_models.fake_server import FakeServer
from kulanz.nlp.language_models.models import DayOfTokens, ModelCall
from kulanz.nlp.language_models.result import Reason, Text, Unavailable
from kulanz.nlp.masking import Masker
from kulanz.settings.language_models import LanguageModels, Model, Secret, Task

KEY = "sk-very-secret-0815"
pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[FakeServer]:
    breaker_of.cache_clear()
    with fake.fake_server() as running:
        settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: model_at(running.url)})
        yield running


def model_at(url: str) -> Model:
    return Model(url, "tiny", Secret(KEY), seconds=20, retries=1, price_in=Decimal("1.50"), price_out=Decimal(6))


def limit(settings: Any, **changes: Any) -> None:
    """Changes the one model of these tests, or the limits of all."""
    common = {key: changes.pop(key) for key in [*changes] if key in ("daily_tokens", "failures", "keep_texts")}
    model = replace(settings.LANGUAGE_MODELS.models[Task.ANSWER], **changes)
    settings.LANGUAGE_MODELS = replace(settings.LANGUAGE_MODELS, models={Task.ANSWER: model}, **common)


def answer(material: str = "Wie lange?") -> Text | Unavailable:
    return ask(Task.ANSWER, "Answer briefly.", material)


def reason(result: Text | Unavailable) -> str:
    return result.reason.value if isinstance(result, Unavailable) else f"text: {result.text}"


def test_without_a_model_nothing_is_called_recorded_or_counted(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels()
    assert not configured(Task.ANSWER)
    assert answer() == Unavailable(Reason.OFF)
    pieces = stream(Task.ANSWER, "x", "y")
    assert list(pieces) == []
    assert pieces.result == Unavailable(Reason.OFF)
    assert not ModelCall.objects.exists()
    assert not DayOfTokens.objects.exists()


def test_a_call_gives_a_text_and_leaves_a_row(server: FakeServer) -> None:
    server.behave(fake.says("30 Tage."))
    result = answer()
    assert isinstance(result, Text)
    assert result.text == "30 Tage."
    assert result.call_id
    call = ModelCall.objects.get(id=result.call_id)
    assert (call.task, call.model, call.outcome, call.tokens_in, call.tokens_out) == ("answer", "tiny", "done", 100, 20)
    assert call.cost == Decimal("0.000270")
    assert spent_today() == spent_today(Task.ANSWER) == 120
    assert server.requests[0]["max_tokens"] == 600
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_what_is_personal_stays_on_this_machine(server: FakeServer) -> None:
    server.behave(fake.echoes)
    result = ask(Task.ANSWER, "Repeat.", "Petra, p@example.org, ML-10234", masker=Masker(["Petra Muster"]))
    assert reason(result) == "text: Petra, p@example.org, ML-10234"
    assert "<NAME_1>, <EMAIL_1>, <NUMBER_1>" in server.heard
    assert not any(words in server.heard for words in ("Petra", "example.org", "10234"))


def test_a_reply_with_an_invented_placeholder_is_none(server: FakeServer) -> None:
    server.behave(fake.says("Write to <EMAIL_3>."))
    assert reason(answer()) == "invented"


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (fake.fails(500), "server_failed"),
        (fake.fails(503), "server_failed"),
        (fake.fails(429, "rate_limit_exceeded"), "busy"),
        (fake.fails(429, "insufficient_quota"), "not_allowed"),
        (fake.fails(401), "not_allowed"),
        (fake.fails(404), "not_allowed"),
        (fake.fails(400, "context_length_exceeded"), "too_long"),
        (fake.breaks_off, "unreachable"),
        (fake.refuses, "refused"),
        (fake.says(""), "empty"),
        (fake.says("Und dann", "length"), "cut_off"),
        (fake.sends("{not json"), "invalid"),
        (fake.sends("<html>Login</html>", "text/html"), "invalid"),
        (fake.sends("[]"), "invalid"),
        (fake.sends("null"), "invalid"),
        (fake.sends('{"choices": "many"}'), "invalid"),
        (fake.sends('{"choices": [{"message": null}]}'), "invalid"),
        (fake.sends('{"choices": [{"message": {"content": {"a": 1}}, "finish_reason": 7}]}'), "invalid"),
        (fake.sends("\ufffd\0"), "invalid"),
    ],
)
def test_every_fault_has_a_name_and_none_is_an_exception(server: FakeServer, behaviour: Any, expected: str) -> None:
    server.behave(behaviour)
    assert reason(answer()) == expected
    call = ModelCall.objects.get()
    assert call.outcome == expected
    pieces = stream(Task.ANSWER, "x", "y")
    list(pieces)
    assert isinstance(pieces.result, Unavailable)


def test_a_server_that_is_not_there(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: replace(model_at("http://127.0.0.1:9/v1"), retries=0)})
    assert reason(answer()) == "unreachable"
    assert spent_today() == 0


def test_a_slow_server_is_not_waited_for(server: FakeServer, settings: Any) -> None:
    limit(settings, seconds=0.2, retries=0)
    server.behave(fake.hangs)
    assert reason(answer()) == "timed_out"
    pieces = stream(Task.ANSWER, "x", "y")
    assert list(pieces) == []
    assert reason(pieces.result) == "timed_out"
    assert 0 < spent_today() < 600  # what was sent counts; it may be billed


def test_only_what_may_pass_is_tried_again(server: FakeServer) -> None:
    server.behave(fake.fails(500), fake.says("Ja"))
    assert reason(answer()) == "text: Ja"
    server.requests.clear()
    server.behave(fake.fails(401))
    assert reason(answer()) == "not_allowed"
    assert len(server.requests) == 1


def test_a_stream_comes_in_whole_words_and_is_recorded(server: FakeServer) -> None:
    server.behave(fake.echoes)
    pieces = stream(Task.ANSWER, "Repeat.", "Schreiben Sie an p@example.org bitte")
    shown = list(pieces)
    assert len(shown) > 2
    assert "".join(shown) == "Schreiben Sie an p@example.org bitte"
    assert reason(pieces.result) == "text: Schreiben Sie an p@example.org bitte"
    assert ModelCall.objects.get().tokens_out == 20


def test_a_stream_that_breaks_off_says_so(server: FakeServer) -> None:
    server.behave(fake.breaks_off)
    pieces = stream(Task.ANSWER, "x", "y")
    assert "Half" in "".join(pieces)
    assert isinstance(pieces.result, Unavailable)


def test_a_stream_that_nobody_reads_to_its_end(server: FakeServer) -> None:
    server.behave(fake.says("Ein langer Satz mit vielen Wörtern."))
    pieces = iter(given := stream(Task.ANSWER, "x", "y"))
    next(pieces)
    pieces.close()
    assert reason(given.result) == "dropped"
    assert ModelCall.objects.get().outcome == "dropped"


def test_a_stream_without_end_is_ended(server: FakeServer, settings: Any) -> None:
    limit(settings, reply_tokens=5)
    server.behave(fake.says("viel " * 1_000))
    pieces = stream(Task.ANSWER, "x", "y")
    assert len("".join(pieces)) < 100
    assert reason(pieces.result) == "invalid"


def test_the_budget_is_a_hard_stop_for_all_workers(server: FakeServer, settings: Any) -> None:
    limit(settings, daily_tokens=800)
    assert reason(answer()) == "text: OK"
    DayOfTokens.objects.update(tokens=500)  # another worker spent
    assert reason(answer()) == "no_budget"
    assert len(server.requests) == 1
    assert spent_today() == 500
    assert sorted(ModelCall.objects.values_list("outcome", "tokens_in")) == [("done", 100), ("no_budget", 0)]


def test_a_task_has_a_budget_of_its_own(server: FakeServer, settings: Any) -> None:
    model = replace(settings.LANGUAGE_MODELS.models[Task.ANSWER], daily_tokens=100)
    settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: model})
    assert reason(answer()) == "no_budget"
    assert spent_today() == 0  # the budget of all was not touched


def test_a_server_that_keeps_failing_is_left_alone(server: FakeServer, settings: Any) -> None:
    limit(settings, failures=2, retries=0)
    server.behave(fake.fails(500))
    assert [reason(answer()) for _ in range(4)] == ["server_failed", "server_failed", "resting", "resting"]
    assert len(server.requests) == 2
    assert ModelCall.objects.filter(outcome="resting").count() == 2


def test_after_a_rest_one_call_tries_for_all() -> None:
    now = 0.0
    breaker = Breaker(2, 30, clock=lambda: now)
    assert [breaker.may_call(), breaker.failed(), breaker.may_call(), breaker.failed()] == [True, False, True, True]
    assert not breaker.may_call()
    now = 31
    assert [breaker.may_call(), breaker.may_call()] == [True, False]
    assert breaker.failed() is False
    now = 62
    assert breaker.may_call()
    breaker.succeeded()
    assert [breaker.may_call(), breaker.may_call()] == [True, True]


def test_texts_are_kept_only_where_the_operator_says_so_and_masked(server: FakeServer, settings: Any) -> None:
    server.behave(fake.echoes)
    answer("von p@example.org")
    assert ModelCall.objects.get().asked == ""
    limit(settings, keep_texts=True)
    result = answer("von p@example.org")
    assert result.call_id
    call = ModelCall.objects.get(id=result.call_id)
    assert call.replied == "von <EMAIL_1>"
    assert "p@example.org" not in call.asked


def test_the_key_shows_nowhere(server: FakeServer, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    limit(settings, keep_texts=True, failures=1)
    server.behave(fake.fails(401))
    with caplog.at_level(logging.DEBUG):
        result = answer()
    shown = f"{settings.LANGUAGE_MODELS} {result} {caplog.text} {ModelCall.objects.values()}"
    assert KEY not in shown
    assert "Wie lange" not in caplog.text


def test_nothing_is_loaded_before_the_first_call() -> None:
    code = (
        "import django; django.setup(); import kulanz.nlp.language_models.ask, sys; print('pydantic_ai' in sys.modules)"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KULANZ_LLM_")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=plain)
    assert done.stdout.strip() == "False"
