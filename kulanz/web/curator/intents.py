"""One intent with its examples, and what one can do with examples anywhere."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.understanding.candidates import active_model
from kulanz.understanding.examples import (
    do_add,
    do_describe,
    do_relabel,
    do_remove,
    do_undo,
    examples_named,
)
from kulanz.understanding.findings import HeldOut
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.models import Intent
from kulanz.web.curator.common import Names, acted, actor, curator, numbers, page


@require_safe
@curator
def intent(request: HttpRequest) -> HttpResponse:
    """The intent that `?name=` names: intents may have any name, so it can't be a part of the path."""
    name = request.GET.get("name", "")[:80]
    model = active_model()
    held = HeldOut(model.held_out if model else {})
    examples = [held.shown(e) for e in examples_named(name)]
    words = Intent.objects.filter(pk=name).first()
    if not examples and words is None and name != NONE_OF_THEM:
        raise Http404
    count, precision, recall = held.per_intent().get(name, (0, 0, 0))
    names = Names()
    return page(
        request, "intent", "overview", names,
        intent=name, words=words, examples=sorted(examples, key=lambda e: (not e.wrong, e.language, e.text)),
        options=names.options(), known=count, precision=precision, recall=recall,
        confused=held.confused_with(name),
    )  # fmt: skip


@require_POST
@curator
def new(request: HttpRequest) -> HttpResponse:
    """A new intent with its first examples, one a line."""
    name = " ".join(request.POST.get("intent", "").split())

    def act() -> str:
        return _added(do_add(actor(request), name, _lines(request), request.POST.get("language", "")[:5]))

    return _to_intent(request, name, act)


@require_POST
@curator
def add(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("intent", "")

    def act() -> str:
        return _added(do_add(actor(request), name, _lines(request), request.POST.get("language", "")[:5]))

    return _to_intent(request, name, act)


@require_POST
@curator
def describe(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("intent", "")
    fields = ("title_de", "title_en", "description_de", "description_en")

    def act() -> str:
        do_describe(actor(request), name, **{field: request.POST.get(field, "") for field in fields})
        return _("Title and description are saved.")

    return _to_intent(request, name, act)


@require_POST
@curator
def change(request: HttpRequest) -> HttpResponse:
    """Removes the chosen examples, or moves them to another intent."""
    ids = numbers(request)

    def act() -> str:
        if not ids:
            raise InvalidInput(_("Please choose at least one example."))
        if request.POST.get("act") == "remove":
            count = do_remove(actor(request), ids)
            return ngettext("{n} example removed.", "{n} examples removed.", count).format(n=count)
        count = do_relabel(actor(request), ids, request.POST.get("intent", ""))
        return ngettext("{n} example moved.", "{n} examples moved.", count).format(n=count)

    return acted(request, act, "curator")


@require_POST
@curator
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    def act() -> str:
        do_undo(change_id, actor(request))
        return _("The change is undone.")

    return acted(request, act, "curator-changes")


def _lines(request: HttpRequest) -> list[str]:
    """One example a line. Raises `InvalidInput` where there is none."""
    lines = [line.strip() for line in request.POST.get("texts", "").splitlines()]
    if not any(lines):
        raise InvalidInput(_("Please write at least one example."))
    return [line for line in lines if line]


def _added(count: int) -> str:
    return ngettext("{n} example added.", "{n} examples added.", count).format(n=count)


def _to_intent(request: HttpRequest, name: str, act: Callable[[], str]) -> HttpResponse:
    """Does it and shows the intent, if there is such a one."""
    response = acted(request, act, "curator")
    if examples_named(name) or Intent.objects.filter(pk=name).exists():
        response["Location"] = f"{reverse('curator-intent')}?{urlencode({'name': name})}"
    return response
