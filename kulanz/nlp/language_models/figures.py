"""What the language models did, for the page that the staff read: every figure comes from the stored calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from kulanz.nlp.language_models.budget import spent_today
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import SERVER_IS_TO_BLAME, Reason
from kulanz.settings.language_models import LanguageModels, Model, Task

DAYS = 14
MOST_FAILURES = 20
NOT_CALLED = (Reason.NO_BUDGET.value, Reason.RESTING.value)
REFUSED = (Reason.UNSUPPORTED.value, Reason.REFUSED.value, Reason.INVENTED.value)

_PER_DAY = """
select (at at time zone %(zone)s)::date, task,
    count(*) filter (where outcome <> all(%(not_called)s)),
    sum(tokens_in), sum(tokens_out),
    percentile_disc(0.5) within group (order by milliseconds) filter (where outcome <> all(%(not_called)s)),
    percentile_disc(0.95) within group (order by milliseconds) filter (where outcome <> all(%(not_called)s)),
    nullif(sum(cost), 0),
    count(*) filter (where outcome = any(%(refused)s)),
    count(*) filter (where outcome <> 'done')
from language_models_modelcall where at >= %(since)s group by 1, 2 order by 1 desc, 2
"""


@dataclass(frozen=True, slots=True)
class Day:
    """One task on one day (of the server's time zone). `p50` and `p95` are milliseconds of the calls made, None without
    any; `cost` is None where no price was set; `refused` replies were not used for what they said; `built_in` is how
    often the built-in way was taken instead, for these and any other reason."""

    day: date
    task: str
    calls: int
    tokens_in: int
    tokens_out: int
    p50: int | None
    p95: int | None
    cost: Decimal | None
    refused: int
    built_in: int


@dataclass(frozen=True, slots=True)
class Budget:
    """Today's tokens of all tasks (empty `task`) or of one. `limit` None: none is set."""

    task: str
    spent: int
    limit: int | None
    stopped: bool
    """Whether a call was not made today because too little is left."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """One model on one server, with the tasks that it is set for. `resting_since`: it failed so often that it is left
    alone; None while it is called."""

    name: str
    host: str
    tasks: tuple[str, ...]
    resting_since: datetime | None


def per_day(days: int = DAYS) -> list[Day]:
    """The last `days` days, the newest first."""
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    values: dict[str, str | datetime | list[str]] = {
        "zone": timezone.get_current_timezone_name(),
        "since": since,
        "not_called": list(NOT_CALLED),
        "refused": list(REFUSED),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PER_DAY, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [Day(*row) for row in rows]


def budgets() -> list[Budget]:
    """Of all tasks, then of each that has one of its own."""
    limits = _limits()
    own = [(task, model.daily_tokens) for task, model in limits.models.items() if model.daily_tokens is not None]
    begin = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    refused = ModelCall.objects.filter(at__gte=begin, outcome=Reason.NO_BUDGET.value)
    stopped = set(refused.values_list("task", flat=True).distinct())
    whole = Budget("", spent_today(), limits.daily_tokens, bool(stopped))
    return [whole, *(Budget(task.value, spent_today(task), most, task.value in stopped) for task, most in own)]


def servers() -> list[ServerState]:
    """The models that are set, in the order of the tasks."""
    tasks: dict[tuple[str, str], list[Task]] = {}
    for task, model in _limits().models.items():
        tasks.setdefault((model.name, model.host), []).append(task)
    return [
        ServerState(name, host, tuple(task.value for task in found), _resting_since(_limits().models[found[0]], found))
        for (name, host), found in tasks.items()
    ]


def last_failures(most: int = MOST_FAILURES) -> Sequence[ModelCall]:
    """What was not used, the newest first."""
    return list(ModelCall.objects.exclude(outcome="done").order_by("-at")[:most])


def _resting_since(model: Model, tasks: Sequence[Task]) -> datetime | None:
    """As the calls tell: each process has a breaker of its own, which others can't see."""
    limits = _limits()
    begin = timezone.now() - timedelta(seconds=limits.rest_seconds)
    calls = ModelCall.objects.filter(model=model.name[:200], task__in=[task.value for task in tasks]).order_by("-at")
    made = calls.exclude(outcome__in=NOT_CALLED)[: limits.failures]
    blamed = [call.at for call in made if call.outcome in SERVER_IS_TO_BLAME]
    lasts = len(blamed) == limits.failures and calls.filter(at__gte=begin).exists()
    return blamed[0] if lasts else None


def _limits() -> LanguageModels:
    limits: LanguageModels = settings.LANGUAGE_MODELS
    return limits
