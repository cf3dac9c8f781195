"""At the agent's side: suggestions beside a conversation, and what a language model makes of the agent's own text."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.core.message import MAX_TEXT
from kulanz.knowledge.composing import closed_to_customers, desk_path
from kulanz.nlp.language_models.ask import configured
from kulanz.settings.language_models import Task
from kulanz.turns import copilot
from kulanz.web.desk.access import current_user, serving, staff


@require_safe
@staff
def beside(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The strip above the reply box, fetched after the page, because looking things up takes a moment."""
    found = copilot.look_beside(conversation_id, current_user(request).language)
    internal = closed_to_customers([passage.article_id for passage in found.articles])
    articles = [(p, desk_path(p.article_id), p.article_id in internal) for p in found.articles]
    context = {"conversation_id": conversation_id, "beside": found, "articles": articles}
    return render(request, "desk/_copilot.html", context)


@require_POST
@serving
def let_assistant(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The assistant carries out a flow with the customer."""
    try:
        copilot.do_let_assistant(conversation_id, request.POST.get("flow", ""), current_user(request))
    except InvalidInput as error:
        return _refused(str(error))
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("desk-conversation", args=[conversation_id]))


@require_POST
@staff
def reword(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The text of the box in other words, as plain text; 422 with the reason where there is none."""
    text = request.POST.get("text", "")
    try:
        if len(text) > MAX_TEXT:
            raise InvalidInput(_("The text is too long. Please shorten it."))
        return _plain(copilot.reword(conversation_id, text, request.POST.get("way", "")))
    except InvalidInput as error:
        return _refused(str(error))


def rewording() -> list[tuple[str, str]]:
    """The buttons for the agent's own text, as (way, label); none without a language model for it."""
    if not configured(Task.REWORD):
        return []
    return [
        ("shorten", _("Shorter")), ("friendlier", _("Friendlier")), ("clearer", _("Clearer")),
        ("de", _("In German")), ("en", _("In English")),
    ]  # fmt: skip


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _refused(reason: str) -> HttpResponse:
    return _plain(reason, 422)
