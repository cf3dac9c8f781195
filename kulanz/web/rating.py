"""The customer's page for a rating: no sign-in, an address that only they were told."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.desk.after_rating import access_rating, changeable_until, feedback_on, link_until
from kulanz.desk.handover import open_handover
from kulanz.inbox.models import Conversation, Status
from kulanz.turns.after_rating import do_rate_by_link
from kulanz.turns.agent_turn import MAX_COMMENT
from kulanz.web.help.common import page, shown_language

GOOD = {"yes": True, "no": False}


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The page; what it sends: `good` (yes, no), `solved` (no) and `comment`. Merely opening it rates nothing: mail
    programs look at every address before their owner does."""
    try:
        conversation = access_rating(token)
        return _rated(request, token, conversation) if request.method == "POST" else _page(request, conversation)
    except NotFound as error:
        raise Http404 from error


def _rated(request: HttpRequest, token: str, conversation: Conversation) -> HttpResponse:
    good, solved = GOOD.get(request.POST.get("good", "")), GOOD.get(request.POST.get("solved", ""))
    comment = request.POST.get("comment", "").replace("\r\n", "\n").strip()
    with override(shown_language(conversation.language)):
        nothing = _("Please choose one of the two, or write something.")
    if good is None and solved is not False and not comment:
        return _page(request, conversation, nothing)
    try:
        do_rate_by_link(token, good=good, solved=False if solved is False else None, comment=comment)
    except InvalidInput as error:
        return _page(request, conversation, str(error), comment)
    return HttpResponseRedirect(request.path)


def _page(request: HttpRequest, conversation: Conversation, problem: str = "", comment: str = "") -> HttpResponse:
    feedback, now = feedback_on(conversation), timezone.now()
    rated, ends = changeable_until(feedback), link_until(conversation)
    until = min(rated, ends) if rated else ends
    resolved = conversation.status == Status.RESOLVED
    response = page(
        request, "rate", shown_language(conversation.language), noindex=True, problem=problem, feedback=feedback,
        comment=comment or (feedback.comment if feedback else ""), limit=MAX_COMMENT, now=now, until=until,
        closed=until < now, over=ends < now or (until < now and not resolved), resolved=resolved,
        handover=open_handover(conversation) is not None,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # the address is the key; without any, no form could be sent
    response.status_code = 422 if problem else 200
    return response
