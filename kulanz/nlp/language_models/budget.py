"""The day's tokens, counted in the database so that all workers share them.

Before a call its largest possible size is taken from the budget, afterwards the difference is given back. So the
budget is a hard stop for any number of workers at once; a worker that dies in between leaves its reservation taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from kulanz.nlp.language_models.models import DayOfTokens
from kulanz.settings.language_models import LanguageModels, Model, Task

_TAKE = """
insert into language_models_dayoftokens (day, task, tokens) select %(day)s, %(task)s, %(tokens)s
where %(limit)s::bigint is null or %(tokens)s <= %(limit)s
on conflict (day, task) do update set tokens = language_models_dayoftokens.tokens + excluded.tokens
where %(limit)s::bigint is null or language_models_dayoftokens.tokens + excluded.tokens <= %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens taken from one day's budget."""

    day: date
    task: Task
    tokens: int


def reserve(task: Task, model: Model, limits: LanguageModels, tokens: int) -> Reservation | None:
    """Takes `tokens` from the budget of all tasks and from this task's own, or nothing at all (None)."""
    day = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, limit in (("", limits.daily_tokens), (task.value, model.daily_tokens)):
            cursor.execute(_TAKE, {"day": day, "task": name, "tokens": tokens, "limit": limit})
            if cursor.rowcount == 0:
                transaction.set_rollback(True)
                return None
    return Reservation(day, task, tokens)


def settle(reservation: Reservation, spent: int) -> None:
    """Replaces what was reserved by what was spent."""
    with transaction.atomic():
        for name in ("", reservation.task.value):  # in the order of `reserve`, so that two never wait for each other
            row = DayOfTokens.objects.filter(day=reservation.day, task=name)
            row.update(tokens=F("tokens") + spent - reservation.tokens)


def spent_today(task: Task | None = None) -> int:
    """Tokens spent or reserved today, by one task or by all."""
    row = DayOfTokens.objects.filter(day=timezone.localdate(), task=task.value if task else "").first()
    return row.tokens if row else 0
