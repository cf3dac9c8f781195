"""How well the assistant understands: figures, warnings, the intents, and the training."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.turns.curator_turn import do_request_training
from kulanz.understanding.candidates import accuracy, active_model, newest_candidate
from kulanz.understanding.findings import HeldOut
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.models import IntentExample
from kulanz.understanding.notices import do_mark_seen
from kulanz.understanding.training import examples_hash, last_run
from kulanz.web.curator.common import Names, acted, actor, curator, page
from kulanz.web.desk.access import current_user

SHOWN = 25
"""Warnings of one kind on the page; mending them brings up the next."""


@require_safe
@curator
def overview(request: HttpRequest) -> HttpResponse:
    model = active_model()
    held = HeldOut(model.held_out if model else {})
    examples = list(IntentExample.objects.order_by("intent", "text"))
    names = Names()
    rows = _intents(examples, held, names)
    return page(
        request, "overview", "overview", names,
        model=model,
        percent=_percent(accuracy(model.held_out) if model else None),
        fresh=bool(model and model.manifest["data_hash"] == examples_hash()),
        candidate=newest_candidate(),
        run=last_run(),
        total=len(examples),
        intents=rows,
        covered=sum(row["intent"] != NONE_OF_THEM for row in rows),
        findings=held.findings(examples),
        shown=SHOWN,
    )  # fmt: skip


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _intents(examples: list[IntentExample], held: HeldOut, names: Names) -> list[dict[str, Any]]:
    """One row an intent, the worst understood first; those that no model knows yet at the end."""
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.intent] = counts.get(example.intent, 0) + 1
    quality = held.per_intent()
    rows = []
    for intent, count in counts.items():
        known = quality.get(intent)
        measured = {"precision": known[1], "recall": known[2]} if known and known[0] else {}
        rows.append({"intent": intent, "title": names(intent), "count": count, **measured})
    return sorted(rows, key=lambda r: (r.get("recall", 101) + r.get("precision", 101), r["title"].lower()))


@require_safe
@curator
def progress(request: HttpRequest) -> HttpResponse:
    """The training's state alone, which the page fetches while one is under way."""
    return render(request, "curator/_training.html", {"run": last_run()})


@require_POST
@curator
def train(request: HttpRequest) -> HttpResponse:
    def act() -> str:
        do_request_training(current_user(request))
        return ""

    return acted(request, act, "curator")


@require_POST
@curator
def seen(request: HttpRequest, notice_id: int) -> HttpResponse:
    def act() -> str:
        do_mark_seen(notice_id, actor(request))
        return _("The notice is done.")

    return acted(request, act, "curator")
