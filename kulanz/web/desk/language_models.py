"""What the language models did, cost and could not do: for curators and administrators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kulanz.nlp.language_models.figures import DAYS, budgets, last_failures, per_day, servers
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Reason
from kulanz.settings.language_models import Task
from kulanz.web.curator.common import curator


@require_safe
@curator
def language_models(request: HttpRequest) -> HttpResponse:
    """The models that are set, today's budget, the last days by task, and what failed last."""
    keeps = settings.LANGUAGE_MODELS.keep_texts
    context = {
        "servers": [(server, [task_name(task) for task in server.tasks]) for server in servers()],
        "budgets": [(budget, task_name(budget.task)) for budget in budgets()],
        "days": [(day, task_name(day.task)) for day in per_day()],
        "failures": [_failure(call, keeps=keeps) for call in last_failures()],
        "day_count": DAYS,
        "keeps_texts": keeps,
        "now": timezone.now(),
    }
    return render(request, "desk/language_models.html", context)


def _failure(call: ModelCall, *, keeps: bool) -> dict[str, Any]:
    return {
        "call": call,
        "task": task_name(call.task),
        "outcome": outcome_text(call.outcome),
        "asked": call.asked if keeps else "",
        "replied": call.replied if keeps else "",
    }


def task_name(task: str) -> str:
    """What a model is asked for, in the reader's words; of a task that no longer exists its own name."""
    names = {
        "": _("all tasks"),
        Task.ANSWER.value: _("wording answers"),
        Task.GAP_DRAFT.value: _("drafting articles"),
        Task.SLOTS.value: _("reading answers to flows"),
        Task.REWORD.value: _("rewording agents' texts"),
        Task.CHECK.value: _("testing the connection"),
    }
    return names.get(task, task)


def outcome_text(outcome: str) -> str:
    """Why the built-in way was taken."""
    texts = {
        Reason.NO_BUDGET.value: _("not called: the day's tokens are spent"),
        Reason.RESTING.value: _("not called: the server failed too often and rests"),
        Reason.TOO_LONG.value: _("the text is too long for the model"),
        Reason.TIMED_OUT.value: _("too slow"),
        Reason.UNREACHABLE.value: _("not reached, or the connection broke off"),
        Reason.BUSY.value: _("the server is busy"),
        Reason.SERVER_FAILED.value: _("the server reported a fault"),
        Reason.NOT_ALLOWED.value: _("key, model or credit was not accepted"),
        Reason.INVALID.value: _("the reply could not be read"),
        Reason.EMPTY.value: _("no text, or the model found no answer in the article"),
        Reason.CUT_OFF.value: _("the reply was cut off"),
        Reason.REFUSED.value: _("the model declined"),
        Reason.INVENTED.value: _("the reply held invented personal data"),
        Reason.DROPPED.value: _("nobody waited for the end"),
        Reason.MALFORMED.value: _("the reply did not have the form that was asked for"),
        Reason.UNSUPPORTED.value: _("the check refused what no source supports"),
    }
    return texts.get(outcome, outcome)
