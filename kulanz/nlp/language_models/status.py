"""Which model is set, whether it answers, and what today has cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from kulanz.core.errors import InvalidInput
from kulanz.nlp.language_models.ask import ask
from kulanz.nlp.language_models.budget import spent_today
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Reason, Unavailable
from kulanz.settings.language_models import LanguageModels, Model, Task

_ANSWERS = frozenset({Reason.CUT_OFF, Reason.EMPTY, Reason.REFUSED, Reason.INVENTED})  # not this, but at all
_REMEDY = {
    Reason.NOT_ALLOWED: "check KULANZ_LLM_KEY, KULANZ_LLM_MODEL and the account's credit",
    Reason.UNREACHABLE: "check KULANZ_LLM_URL and whether the server runs",
    Reason.TIMED_OUT: "it is too slow for KULANZ_LLM_SECONDS",
    Reason.NO_BUDGET: "the day's tokens are spent; raise KULANZ_LLM_DAILY_TOKENS or wait for tomorrow",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """What one task, model and outcome came to."""

    task: str
    model: str
    outcome: str
    calls: int
    tokens: int
    cost: Decimal


def check_server() -> str:
    """One line about the models that are set. Raises InvalidInput with a remedy if one is set but does not answer."""
    limits: LanguageModels = settings.LANGUAGE_MODELS
    if not limits.models:
        return "none; everything works without (docs/language-models.md)"
    model = limits.of(Task.CHECK)
    answers = _answers(model) if model else ""
    usual = model.name if model else ""
    others = sorted({f"{m.name} for {task.value}" for task, m in limits.models.items() if m.name != usual})
    most = "unlimited" if limits.daily_tokens is None else f"{limits.daily_tokens:,}"
    budget = f"{spent_today():,} of {most} tokens today"
    return "; ".join(part for part in (answers, ", ".join(others), budget) if part)


def _answers(model: Model) -> str:
    result = ask(Task.CHECK, "Reply with the word OK.", "OK?")
    where = f"{model.name} at {model.host}"
    if isinstance(result, Unavailable) and result.reason not in _ANSWERS:
        remedy = _REMEDY.get(result.reason, "see the server's own log")
        raise InvalidInput(f"{where} does not answer ({result.reason.value}); {remedy}. Customers are served without.")
    call = ModelCall.objects.get(id=str(result.call_id))
    return f"{where} answers in {call.milliseconds} ms"


def spent_since(since: datetime | None = None) -> Sequence[Spent]:
    """Calls, tokens and cost by task, model and outcome, since the beginning of today or of `since`."""
    begin = since or timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    names = ("task", "model", "outcome")
    groups = ModelCall.objects.filter(at__gte=begin).values(*names).order_by(*names)
    sums = groups.annotate(calls=Count("id"), tokens=Sum("tokens_in") + Sum("tokens_out"), price=Sum("cost"))
    return [Spent(s["task"], s["model"], s["outcome"], s["calls"], s["tokens"], s["price"]) for s in sums]
