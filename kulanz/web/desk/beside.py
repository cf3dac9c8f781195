"""What stands beside a conversation: the reply on its way, earlier conversations, colleagues and mentions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.beside_models import HeldReply
from kulanz.desk.case import load_case
from kulanz.desk.notes import colleagues, do_see_mentions, mentions_of, notes_of, unseen_mentions
from kulanz.desk.queries import other_conversations
from kulanz.inbox.conversations import access_conversation
from kulanz.turns.held_reply import do_release, do_take_back
from kulanz.web.desk import ready_texts
from kulanz.web.desk.access import current_user, serving, staff
from kulanz.web.desk.timeline import entries

EARLIER = 100
"""Conversations; whoever has more than these is looked up by search."""


def held_context(conversation_id: UUID, user: User) -> dict[str, Any]:
    """The reply on its way, for its template: one query."""
    held = HeldReply.objects.select_related("agent").filter(conversation_id=conversation_id).first()
    return {"held": held, "held_by_me": held is not None and held.agent_id == user.pk}


@require_safe
@staff
def held(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The line about the reply that can still be taken back; empty if there is none."""
    access_conversation(conversation_id, None)
    return render(request, "desk/_held.html", held_context(conversation_id, current_user(request)))


@require_POST
@serving
def take_back(request: HttpRequest, conversation_id: UUID, held_id: UUID) -> HttpResponse:
    """Nothing is sent; answers with what belongs into the box again."""
    macro = HeldReply.objects.select_related("macro__team").filter(pk=held_id).first()
    try:
        text, files = do_take_back(conversation_id, current_user(request), held_id)
    except InvalidInput as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    again = [
        {"name": file.name, "kind": file.kind, "url": reverse("desk-file", args=[conversation_id, file.pk])}
        for file in files
    ]
    used = macro.macro if macro else None
    return JsonResponse({"text": text, "files": again, "macro": ready_texts.macro_json(used)})


@require_POST
@serving
def send_now(request: HttpRequest, conversation_id: UUID, held_id: UUID) -> HttpResponse:
    """Sends it without waiting any longer."""
    do_release(held_id, current_user(request), conversation_id)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("desk-conversation", conversation_id)


@require_safe
@staff
def earlier(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The customer's other conversations on all channels, newest first."""
    found = access_conversation(conversation_id, None)
    context = {"others": other_conversations(found, EARLIER), "now": timezone.now()}
    return render(request, "desk/_earlier.html", context)


@require_safe
@staff
def read_only(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What was said and noted in a conversation, to be read within another one."""
    access_conversation(conversation_id, None)
    shown = entries(load_case(conversation_id), notes_of(conversation_id))
    return render(request, "desk/_messages.html", {"entries": shown})


@require_safe
@staff
def names(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Who can be named in a note."""
    shown = [{"name": user.name, "team": user.team.name if user.team else ""} for user in colleagues()]
    return JsonResponse({"names": [each for each in shown if each["name"]]})


@require_safe
@staff
def mentions(request: HttpRequest) -> HttpResponse:
    """The notes that name the reader."""
    context = {"mentions": mentions_of(current_user(request)), "now": timezone.now()}
    return render(request, "desk/mentions.html", context)


@require_safe
@staff
def mention_count(request: HttpRequest) -> HttpResponse:
    """How many of them are new, as the badge shows it. What is on the screen (`?open=`) has been found."""
    with suppress(ValueError):
        do_see_mentions(UUID(request.GET.get("open", "")), current_user(request))
    return render(request, "desk/_mentions.html", {"unseen": unseen_mentions(current_user(request)).count()})
