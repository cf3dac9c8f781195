"""What the staff's page says is what the calls were."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kulanz.nlp.language_models.figures import Day, budgets, last_failures, per_day, servers
from kulanz.nlp.language_models.models import DayOfTokens, ModelCall
from kulanz.settings.language_models import LanguageModels, Model, Task

pytestmark = pytest.mark.django_db
TINY = Model("http://127.0.0.1:9/v1", "tiny", daily_tokens=500)


def called(outcome: str = "done", ago: float = 0, **fields: Any) -> ModelCall:
    """A call that was made `ago` seconds back."""
    row = ModelCall.objects.create(**{"task": "answer", "model": "tiny", "outcome": outcome} | fields)
    ModelCall.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(seconds=ago))
    return row


def test_a_day_has_its_calls_tokens_times_and_cost() -> None:
    for milliseconds in range(1, 21):
        called(milliseconds=milliseconds * 100, tokens_in=10, tokens_out=2, cost=Decimal("0.25"))
    called("unsupported", milliseconds=50, tokens_in=10)
    called("no_budget")
    called("resting")
    called("timed_out", milliseconds=9_000)
    today = timezone.localdate()
    assert per_day() == [Day(today, "answer", 22, 210, 40, 1_000, 2_000, Decimal("5.00"), 1, 4)]


def test_without_a_price_the_cost_is_not_known_and_old_days_are_left_out() -> None:
    called(task="check", tokens_in=5)
    called(ago=20 * 86_400)
    assert [(day.task, day.cost) for day in per_day()] == [("check", None)]
    called("resting", task="gap_draft")
    (missed,) = [day for day in per_day() if day.task == "gap_draft"]
    assert (missed.calls, missed.p50, missed.built_in) == (0, None, 1)


def test_the_budget_of_all_and_of_a_task_and_whether_it_stopped_a_call(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: TINY, Task.CHECK: TINY}, daily_tokens=None)
    DayOfTokens.objects.create(day=timezone.localdate(), task="answer", tokens=490)
    called("no_budget", ago=2 * 86_400, task="check")
    assert [(b.task, b.spent, b.limit, b.stopped) for b in budgets()] == [
        ("", 0, None, False), ("answer", 490, 500, False), ("check", 0, 500, False),
    ]  # fmt: skip
    called("no_budget")
    assert [b.stopped for b in budgets()] == [True, True, False]


def test_a_server_that_failed_too_often_is_said_to_rest_until_it_is_called_again(settings: Any) -> None:
    settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: TINY, Task.CHECK: TINY}, failures=2, rest_seconds=30)
    called("unreachable", ago=50)
    called("unreachable", ago=40)
    assert [(s.name, s.host, s.tasks, s.resting_since) for s in servers()] == [
        ("tiny", "127.0.0.1:9", ("answer", "check"), None)
    ]
    called("resting", ago=20)
    assert servers()[0].resting_since
    called("empty", ago=1)
    assert servers()[0].resting_since is None


def test_the_last_failures_come_first() -> None:
    called("timed_out", ago=5)
    called("refused")
    called()
    assert [call.outcome for call in last_failures()] == ["refused", "timed_out"]
