"""Models and changes: what was, what is, what could be, and the way back. And the cases that must stay understood."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import User
from kulanz.understanding.candidates import (
    accuracy,
    do_activate_model,
    newest_models,
    texts_of_readings,
)
from kulanz.understanding.examples import newest_changes
from kulanz.understanding.models import IntentModel, ProtectedCase
from kulanz.understanding.protected import do_protect, do_unprotect, protected_cases
from kulanz.web.curator.common import Names, acted, actor, curator, emotion_options, numbers, page

CHANGED_SHOWN = 30


@require_safe
@curator
def models(request: HttpRequest) -> HttpResponse:
    people, cases = _people(), {str(case.pk): case for case in protected_cases()}
    rows = [_row(model, people, cases) for model in newest_models()]
    return page(request, "models", "models", rows=rows)


def _row(model: IntentModel, people: dict[str, str], cases: dict[str, ProtectedCase]) -> dict[str, Any]:
    share = accuracy(model.held_out)
    compared = model.comparison
    row = {
        "model": model,
        "by": people.get(model.created_by, ""),
        "percent": None if share is None else round(100 * share, 1),
        "candidate": not model.active and model.activated_at is None,
    }
    if not compared or not row["candidate"]:
        return row
    held = compared["held_out"]
    rows = max(1, held["rows"])
    texts = texts_of_readings([key for key, *__ in compared["readings"]["examples"][:CHANGED_SHOWN]])
    return row | {
        "compared": compared,
        "new_percent": round(100 * held["candidate"] / rows, 1),
        "old_percent": round(100 * held["active"] / rows, 1),
        "feelings": list(compared.get("feelings", {}).items()),
        "failed": [(cases[k], got) for k, got in compared["protected"]["newly_failed"].items() if k in cases],
        "changed": [
            (*texts[key], before, after)
            for key, before, after in compared["readings"]["examples"][:CHANGED_SHOWN]
            if key in texts
        ],
    }


@require_POST
@curator
def activate(request: HttpRequest, model_id: int) -> HttpResponse:
    def act() -> str:
        model = do_activate_model(model_id, actor(request))
        return _("Model {version} is in force now.").format(version=model.manifest["version"])

    return acted(request, act, "curator-models")


@require_safe
@curator
def changes(request: HttpRequest) -> HttpResponse:
    people = _people()
    rows = [(change, people.get(change.actor, "")) for change in newest_changes()]
    return page(request, "changes", "changes", rows=rows)


def _people() -> dict[str, str]:
    return {f"agent:{pk}": name for pk, name in User.objects.values_list("pk", "name")}


@require_safe
@curator
def cases(request: HttpRequest) -> HttpResponse:
    names = Names()
    text = request.GET.get("text", "")[:1000]
    return page(
        request, "cases", "cases", names, cases=protected_cases(), options=names.options()[:-1], text=text,
        intent=request.GET.get("intent", "")[:80], emotion=request.GET.get("emotion", "")[:20],
        emotions=emotion_options(),
    )  # fmt: skip


@require_POST
@curator
def protect(request: HttpRequest) -> HttpResponse:
    def act() -> str:
        given = request.POST
        expects = given.get("expects", "")
        label = given.get("emotion" if expects == ProtectedCase.Expects.EMOTION else "intent", "")
        do_protect(actor(request), given.get("text", ""), expects, label)
        return _("The case is protected.")

    return acted(request, act, "curator-cases")


@require_POST
@curator
def unprotect(request: HttpRequest) -> HttpResponse:
    def act() -> str:
        for case_id in numbers(request):
            do_unprotect(actor(request), case_id)
        return _("The case is no longer protected.")

    return acted(request, act, "curator-cases")
