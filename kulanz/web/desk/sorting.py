"""Tags, rest, and acts on several conversations at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.desk import resting
from kulanz.desk.tags import do_tag, do_untag
from kulanz.inbox.conversations import access_conversation
from kulanz.turns import bulk as together
from kulanz.web.desk.access import current_user, serving, staff


@require_safe
@staff
def beside(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The tags and the rest alone, fetched again when somebody has changed them."""
    return _panel(request, conversation_id)


@require_POST
@staff
def tag(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    name, colour = request.POST.get("name", ""), request.POST.get("colour", "")
    return _act(request, conversation_id, lambda: do_tag(conversation_id, current_user(request), name, colour))


@require_POST
@staff
def untag(request: HttpRequest, conversation_id: UUID, tag_id: int) -> HttpResponse:
    return _act(request, conversation_id, lambda: do_untag(conversation_id, current_user(request), tag_id))


@require_POST
@serving
def rest(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    user = current_user(request)
    return _act(request, conversation_id, lambda: resting.do_rest(conversation_id, user, _until(request)))


@require_POST
@serving
def wake(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return _act(request, conversation_id, lambda: resting.do_wake(conversation_id, current_user(request)))


@require_POST
@serving
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on all that were selected (`keys`); what came of it is said above the list."""
    try:
        text, good = _together(request, current_user(request))
    except InvalidInput as error:
        text, good = str(error), False
    messages.add_message(request, messages.SUCCESS if good else messages.ERROR, text, extra_tags="desk-list")
    return HttpResponseRedirect(_back(request))


def _together(request: HttpRequest, user: User) -> tuple[str, bool]:
    keys = [UUID(key) for key in request.POST.getlist("keys") if _is_key(key)]
    if not keys:
        raise InvalidInput(_("Please select conversations first."))
    name = request.POST.get("act", "")
    outcome = together.do_in_bulk(keys, user, _chosen_act(request, user, name), whoever_holds=name == "tag")
    return _told(outcome), outcome.done > 0


def _chosen_act(request: HttpRequest, user: User, name: str) -> together.Act:
    if name == "accept":
        return together.accepting(user)
    if name == "resolve":
        return together.resolving(user)
    if name == "tag":
        return together.tagging(user, request.POST.get("name", ""))
    if name == "rest":
        return together.letting_rest(user, _until(request))
    if name == "team":
        return together.passing_to(user, _team(request))
    raise InvalidInput(_("Please choose what to do with them."))


def _team(request: HttpRequest) -> Team:
    key = request.POST.get("team", "")
    team = Team.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
    if team is None:
        raise InvalidInput(_("Please choose a team."))
    return team


def _until(request: HttpRequest) -> datetime:
    return resting.until_when(request.POST.get("until", ""), request.POST.get("own", "")[:40], timezone.now())


def _told(outcome: together.Outcome) -> str:
    """In one line: `38 done, 2 held by others`."""
    parts = [_("{n} done").format(n=outcome.done)]
    if outcome.held:
        parts.append(_("{n} held by others").format(n=outcome.held))
    if outcome.gone:
        parts.append(_("{n} no longer there").format(n=outcome.gone))
    if outcome.refused:
        parts.append(_("{n} not possible: {why}").format(n=outcome.refused, why=outcome.why))
    return ", ".join(parts)


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _back(request: HttpRequest) -> str:
    """The list as it was, never another site's address."""
    query = urlsplit(request.POST.get("back", "")[:1_000]).query
    return f"{reverse('desk')}?{query}" if query else reverse("desk")


def _act(request: HttpRequest, conversation_id: UUID, act: Callable[[], object]) -> HttpResponse:
    """A script gets what stands in the panel now; without one the page comes again."""
    by_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        act()
    except InvalidInput as error:
        if by_script:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
        messages.error(request, str(error))
    if by_script:
        return _panel(request, conversation_id)
    return HttpResponseRedirect(reverse("desk-conversation", args=[conversation_id]))


def _panel(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    return render(request, "desk/_tags.html", {"conversation": access_conversation(conversation_id, None)})
