"""What the flow pages share: who may open them, and the way back after an act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput
from kulanz.flows.models import EditionState
from kulanz.flows.versions import Listed
from kulanz.web.desk.access import current_user, staff

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def architect(view: View[P]) -> View[P]:
    """Opens a view to architects and administrators alone."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not current_user(request).is_architect:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"flows/{template}.html", {"section": "flows", **context}, status=status)


def acted(request: HttpRequest, act: Callable[[], str], view: str, *args: Any) -> HttpResponse:
    """Does it, says so (or why not) on the page that `view` names."""
    try:
        said(request, act())
    except InvalidInput as error:
        messages.error(request, str(error), extra_tags="desk")
    return HttpResponseRedirect(reverse(view, args=args))


def said(request: HttpRequest, done: str) -> None:
    messages.success(request, done, extra_tags="curator")


def chips(flow: Listed) -> Iterator[tuple[str, str]]:
    """(class, words) of all that one should know about a flow at a glance."""
    if flow.in_force:
        yield "good", _("Version {n} in force").format(n=flow.in_force.number)
    elif flow.has_file:
        yield "good", _("File in force")
    else:
        yield "", _("Not in force")
    if flow.in_force and flow.has_file:
        yield "", _("Overrides its file")
    if flow.in_work:
        proposed = flow.in_work.state == EditionState.PROPOSED
        yield ("unanswered", _("Proposed")) if proposed else ("", _("Draft"))
    if flow.source and not flow.source.data.get("intents") and not flow.source.data.get("events"):
        yield "language", _("Part of other flows")
