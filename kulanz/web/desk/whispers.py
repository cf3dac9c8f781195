"""What supervisors whisper to agents, beside a conversation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.desk.whispering import do_see_whispers, do_whisper
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.receive import check_text
from kulanz.web.desk.access import current_user, staff
from kulanz.web.desk.settings_common import manager


@require_safe
@staff
def whispers(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What was whispered here, as far as this user may see it. For the agent it counts as seen."""
    found = access_conversation(conversation_id, None)
    response = render(request, "desk/_whispers.html", {"conversation": found})
    do_see_whispers(found, current_user(request))
    return response


@require_POST
@manager
def whisper(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    try:
        text = check_text(request.POST.get("text", "").replace("\r\n", "\n"))
        with transaction.atomic():
            do_whisper(access_conversation(conversation_id, None, lock=True), current_user(request), text)
    except InvalidInput as error:
        messages.error(request, str(error), extra_tags="desk")
    return HttpResponseRedirect(reverse("desk-conversation", args=[conversation_id]))
