"""The customer's page of receipts: no sign-in, an address that only their chat shows."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput, NotFound, PermanentError, TransientError
from kulanz.inbox.models import Conversation
from kulanz.turns.receipts import access_receipts, do_undo_receipt, receipts_of
from kulanz.web.help.common import page, shown_language


@require_safe
def receipts(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, token, _conversation(token))


@require_POST
def undo(request: HttpRequest, token: str, call_id: UUID) -> HttpResponse:
    """Takes one thing back; pressing twice takes it back once."""
    conversation = _conversation(token)
    with override(shown_language(conversation.language)):
        too_late, down = _("This can't be undone any more."), _("That did not work right now. Please try again.")
    try:
        do_undo_receipt(token, call_id)
    except NotFound as error:
        raise Http404 from error
    except InvalidInput:
        return _page(request, token, conversation, too_late)
    except (TransientError, PermanentError):
        return _page(request, token, conversation, down)
    return HttpResponseRedirect("../../")  # the page itself


def _conversation(token: str) -> Conversation:
    try:
        return access_receipts(token)
    except NotFound as error:
        raise Http404 from error


def _page(request: HttpRequest, token: str, conversation: Conversation, problem: str = "") -> HttpResponse:
    language = shown_language(conversation.language)
    with override(language):
        shown = receipts_of(conversation)
    response = page(
        request, "receipts", language, receipts=shown, token=token, problem=problem, now=timezone.now(), noindex=True
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key; without any, no form could be sent
    response.status_code = 409 if problem else 200
    return response
