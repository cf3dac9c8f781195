"""Pass a conversation on to a colleague or a team."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.core.message import MAX_TEXT
from kulanz.desk.notes import colleagues
from kulanz.inbox.conversations import access_conversation
from kulanz.turns.agent_turn import do_transfer
from kulanz.web.desk.access import current_user, serving


@require_http_methods(["GET", "HEAD", "POST"])
@serving
def transfer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The form, as a page of its own or for the dialogue on the conversation's; and what it does."""
    if request.method != "POST":
        return _form(request, conversation_id)
    try:
        note = request.POST.get("note", "").replace("\r\n", "\n")
        key = request.POST.get("key", "").replace("\0", "")[:60] or str(uuid4())
        if len(note) > MAX_TEXT:
            raise InvalidInput(_("This note is too long. Please shorten it."))
        to = _receiver(request.POST.get("to", ""))
        do_transfer(conversation_id, current_user(request), to, note, f"transfer-{key}")
    except InvalidInput as error:
        if _by_script(request):
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
        return _form(request, conversation_id, error=str(error), note=request.POST.get("note", ""))
    if _by_script(request):
        return HttpResponse(status=204)
    messages.success(request, _("Passed on."), extra_tags="curator")
    return redirect("desk-conversation", conversation_id)


def _form(request: HttpRequest, conversation_id: UUID, **said: Any) -> HttpResponse:
    user = current_user(request)
    context = {
        "conversation": access_conversation(conversation_id, None),
        "colleagues": [each for each in colleagues() if each.pk != user.pk and each.may_approve],
        "teams": Team.objects.order_by("name"),
        "key": uuid4(),
        **said,
    }
    page = "desk/_transfer.html" if _by_script(request) else "desk/transfer.html"
    return render(request, page, context, status=422 if said else 200)


def _receiver(chosen: str) -> User | Team:
    """`colleague:7` or `team:7`. Raises InvalidInput."""
    kind, __, number = chosen.partition(":")
    if number.isdecimal() and len(number) < 10:
        found: User | Team | None = None
        if kind == "colleague":
            found = User.objects.filter(pk=number).first()
        elif kind == "team":
            found = Team.objects.filter(pk=number).first()
        if found:
            return found
    raise InvalidInput(_("Please choose a colleague or a team."))


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
