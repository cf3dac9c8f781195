"""A flow's text, written on the desk: checked while one writes, kept as a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kulanz.core.errors import InvalidInput
from kulanz.flows.publishing import EditedMeanwhile, check_name, do_propose, do_save_draft, edition_mark, in_work
from kulanz.flows.versions import MOST_TEXT, access_flow, mistakes_in, source_of, text_in_force
from kulanz.knowledge.history import differences
from kulanz.web.desk.access import current_user
from kulanz.web.flows.common import architect, chips, page, said
from kulanz.web.flows.one import picture


def given_text(request: HttpRequest) -> str:
    """Browsers send line ends as CRLF."""
    return request.POST.get("text", "").replace("\r\n", "\n")


def checked(name: str, text: str, language: str) -> dict[str, Any]:
    """What is said about a text: its mistakes, and its picture where there are no errors."""
    mistakes = mistakes_in(name, text)
    wrong = any(mistake.level == "error" for mistake in mistakes)
    drawing = "" if wrong else picture(source_of(name, text), language, {})
    return {"mistakes": mistakes, "wrong": wrong, "picture": drawing}


@require_http_methods(["GET", "HEAD", "POST"])
@architect
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """`act` is check, save or propose; what could not be saved stays in the field."""
    found, working = access_flow(name), in_work(name)
    text, mark, problem, theirs = working.text if working else text_in_force(name), edition_mark(working), "", ""
    if request.method == "POST":
        text, mark = given_text(request), request.POST.get("mark", "")
        try:
            if request.POST.get("act") in {"save", "propose"}:
                return _saved(request, name, text, mark)
        except EditedMeanwhile as error:
            problem, theirs, mark = str(error), working.text if working else text_in_force(name), edition_mark(working)
        except InvalidInput as error:
            problem, mark = str(error), edition_mark(in_work(name))
    language = current_user(request).language
    return page(
        request, "edit", 422 if problem else 200, flow=found, title=found.title(language), chips=list(chips(found)),
        text=text, mark=mark, problem=problem, most=MOST_TEXT, rows=list(enumerate(text.split("\n"), 1)),
        lines=differences(theirs, text) if theirs else [], **checked(name, text[:MOST_TEXT], language),
    )  # fmt: skip


def _saved(request: HttpRequest, name: str, text: str, mark: str) -> HttpResponse:
    user = current_user(request)
    do_save_draft(name, user, text, mark=mark)
    if request.POST.get("act") == "save":
        said(request, _("Saved as a draft. Customers get what is in force."))
        return HttpResponseRedirect(reverse("flow-edit", args=[name]))
    do_propose(name, user, request.POST.get("note", ""))
    said(request, _("Proposed. A second person publishes it."))
    return HttpResponseRedirect(reverse("flow", args=[name]))


@require_POST
@architect
def check(request: HttpRequest, name: str) -> HttpResponse:
    """What is wrong with a text, while one writes it: a fragment of the page."""
    check_name(name)
    context = checked(name, given_text(request)[:MOST_TEXT], current_user(request).language)
    return render(request, "flows/_checked.html", context)
