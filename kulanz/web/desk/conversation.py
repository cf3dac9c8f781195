"""One conversation: read it, answer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.message import MAX_TEXT
from kulanz.desk.beside_models import Closed, Closing
from kulanz.desk.case import CASE_LENGTH, Case, load_case
from kulanz.desk.handover import open_handover
from kulanz.desk.notes import do_see_mentions, notes_of
from kulanz.desk.queries import other_conversations
from kulanz.desk.summary import summarise
from kulanz.inbox.attachments import MOST_FILES, Upload, access_attachment
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Status
from kulanz.trust import uploads
from kulanz.turns import agent_turn
from kulanz.turns.held_reply import do_hold_reply
from kulanz.web.desk import present
from kulanz.web.desk.access import current_user, serving, staff
from kulanz.web.desk.beside import held_context
from kulanz.web.desk.copilot import rewording
from kulanz.web.desk.correcting import correction
from kulanz.web.desk.queue import list_context
from kulanz.web.desk.ready_texts import chosen_macro
from kulanz.web.desk.timeline import entries
from kulanz.web.files import as_response
from kulanz.web.uploads import too_large

EVERYTHING = 5_000  # messages


@require_safe
@staff
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The whole page: queue, conversation, and what is known about it."""
    found = access_conversation(conversation_id, None)
    return render(request, "desk/conversation.html", _page(request, found))


@require_safe
@staff
def message_list(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The messages and notes behind `?after=` (all without it), as list items."""
    access_conversation(conversation_id, None)
    shown = entries(load_case(conversation_id), notes_of(conversation_id))
    after = request.GET.get("after", "")
    position = next((i for i, entry in enumerate(shown, start=1) if entry.id == after), 0)
    return render(request, "desk/_messages.html", {"entries": shown[position:]})


@require_safe
@staff
def head(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The title with the buttons, which depend on who holds the conversation."""
    found = access_conversation(conversation_id, None)
    return render(request, "desk/_head.html", _head(found, current_user(request)))


@require_safe
@staff
def panel(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What is known: summary, customer, reading, decision, sources."""
    found = access_conversation(conversation_id, None)
    return render(request, "desk/_panel.html", _panel(found))


@require_POST
@staff
def reply(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Sends the agent's reply, after a moment where the browser can take it back (`hold`), or stores a note
    (`kind=note`). A text that can't be sent comes back in the box with the reason."""
    text = request.POST.get("text", "").replace("\r\n", "\n")  # browsers send every line break as two characters
    key, user = request.POST.get("client_message_id", "").replace("\0", "")[:80] or str(uuid4()), current_user(request)
    noting = request.POST.get("kind") == "note"
    if not (noting or user.may_approve):
        raise PermissionDenied
    try:
        if noting:
            _check_length(text)
            agent_turn.do_write_note(conversation_id, user, text, key)
            return _done(request, conversation_id)
        files = _files(request)
        _check_length(text, with_files=bool(files))
        send = do_hold_reply if "hold" in request.POST else agent_turn.do_reply
        send(conversation_id, user, text, key, files, chosen_macro(request, user))
    except InvalidInput as error:
        return _refused(request, conversation_id, str(error), text)
    if "hold" in request.POST:
        return render(request, "desk/_held.html", held_context(conversation_id, user))
    return _done(request, conversation_id)


@require_POST
@serving
def accept(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return _act(request, conversation_id, agent_turn.do_accept)


@require_POST
@serving
def resolve(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    why = request.POST.get("why", Closing.SOLVED)
    return _act(request, conversation_id, partial(agent_turn.do_resolve, why=why))


@require_POST
@serving
def give_back(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return _act(request, conversation_id, agent_turn.do_give_back)


@require_POST
@staff
def typing(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Shows the customer that somebody is writing."""
    agent_turn.do_show_typing(conversation_id, current_user(request))
    return HttpResponse(status=204)


def _act(request: HttpRequest, conversation_id: UUID, act: Callable[[UUID, User], Conversation]) -> HttpResponse:
    try:
        act(conversation_id, current_user(request))
    except InvalidInput as error:
        return _refused(request, conversation_id, str(error))
    return _done(request, conversation_id)


def _files(request: HttpRequest) -> list[Upload]:
    """What was chosen besides the text. Raises InvalidInput for more than may be sent at once."""
    given = [file for file in request.FILES.getlist("files") if isinstance(file, UploadedFile)]
    if too_large(request):
        reason = _("Up to {n} files can be sent at once.").format(n=MOST_FILES)
        raise InvalidInput(f"{uploads.too_large()} {reason}")
    return [Upload(file.name or "", file.read()) for file in given]


@require_safe
@staff
def file(request: HttpRequest, conversation_id: UUID, attachment_id: UUID) -> HttpResponse:  # noqa: ARG001
    """A file of a message; staff may read every conversation."""
    found = access_attachment(attachment_id, None)
    if found.conversation_id != conversation_id:
        raise NotFound("There is no such file in this conversation.")
    return as_response(found)


def _check_length(text: str, *, with_files: bool = False) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidInput(
            _("This message has {length} characters; {limit} are possible. Please shorten it.").format(
                length=len(text), limit=MAX_TEXT
            )
        )
    if not text.strip() and not with_files:
        raise InvalidInput(_("The message is empty. Please write something."))


def _done(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    if _by_script(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(_address(request, conversation_id))


def _refused(request: HttpRequest, conversation_id: UUID, reason: str, text: str = "") -> HttpResponse:
    if _by_script(request):
        return HttpResponse(reason, status=422, content_type="text/plain; charset=utf-8")
    if not text:
        messages.error(request, reason)
        return HttpResponseRedirect(_address(request, conversation_id))
    found = access_conversation(conversation_id, None)
    context = {**_page(request, found), "text": text, "error": reason}
    context["noting"] = request.POST.get("kind") == "note"
    return render(request, "desk/conversation.html", context, status=422)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _address(request: HttpRequest, conversation_id: UUID) -> str:
    address = reverse("desk-conversation", args=[conversation_id])
    query = request.GET.urlencode()
    return f"{address}?{query}" if query else address


def _page(request: HttpRequest, found: Conversation) -> dict[str, Any]:
    user = current_user(request)
    everything = "all" in request.GET
    case = load_case(found.pk, EVERYTHING if everything else CASE_LENGTH)
    head, notes = _head(found, user, case), notes_of(found.pk)
    if notes:
        do_see_mentions(found.pk, user)
    return {
        **list_context(request, user, found.pk),
        **head,
        "noting": head["foreign"],
        **_panel(found, None if everything else case),
        "entries": entries(case, notes),
        "shortened": not everything and len(case.said) == CASE_LENGTH,
        "client_message_id": uuid4(),
        "rewording": rewording(),
        "limit": MAX_TEXT,
        "kinds": ",".join(uploads.SUFFIXES),
        "files_hint": _("PDF, JPEG, PNG, WebP or GIF, {n} MB each").format(n=uploads.MOST_BYTES // 1_000_000),
        "now": timezone.now(),
    }


def _head(found: Conversation, user: User, case: Case | None = None) -> dict[str, Any]:
    held = found.status == Status.AGENT
    mine, serves = held and found.agent_id == user.pk, user.may_approve
    return {
        "conversation": found,
        "handover": case.open_handover if case else open_handover(found),
        "mine": mine,
        "foreign": held and not mine,
        "may_accept": serves and (not held or (not mine and user.may_take_from_others)),
        "may_resolve": serves and found.status != Status.RESOLVED and not (held and not mine),
        "may_give_back": serves and (mine or found.status == Status.WAITING),
        "may_pass_on": serves and (not held or mine or user.may_take_from_others),
        "closings": Closing.choices,
        "closed": Closed.objects.filter(conversation=found).first() if found.status == Status.RESOLVED else None,
        "now": timezone.now(),
    }


def _panel(found: Conversation, case: Case | None = None) -> dict[str, Any]:
    case = case or load_case(found.pk)
    return {
        "conversation": found,
        "summary": summarise(case, translation.get_language() or "en"),
        "reading": present.last_reading(case),
        "correction": correction(case),
        "decision": present.last_decision(case),
        "sources": present.sources(case),
        "others": other_conversations(found),
        "now": timezone.now(),
    }
