"""An open desk page tells that somebody is there, and learns what routing has given them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.presence import do_see, do_set_presence
from kulanz.desk.routing_models import Assignment
from kulanz.inbox.models import Message, Status
from kulanz.web.desk.access import current_user, staff


@require_POST
@staff
def here(request: HttpRequest) -> HttpResponse:
    """The call of an open page, once a minute."""
    user = current_user(request)
    return JsonResponse({"state": do_see(user).state, "given": given_to(user)})


@require_POST
@staff
def say(request: HttpRequest) -> HttpResponse:
    """The switch in the bar: available, busy, away."""
    try:
        do_set_presence(current_user(request), request.POST.get("state", ""))
    except InvalidInput as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else reverse("desk"))


def given_to(user: User) -> dict[str, Any] | None:
    """The oldest conversation that was given to them and that they have not reacted to yet."""
    waits = Assignment.objects.filter(agent=user, ended="", conversation__agent=user, conversation__status=Status.AGENT)
    replied = Message.objects.filter(conversation=OuterRef("conversation"), agent=user, created_at__gte=OuterRef("at"))
    found = waits.exclude(Exists(replied)).select_related("conversation__customer").order_by("at").first()
    if found is None:
        return None
    text = _("New for you: {name}").format(name=found.conversation.customer)
    return {"url": reverse("desk-conversation", args=[found.conversation_id]), "text": text}
