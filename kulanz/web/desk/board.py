"""The live board: what supervisors see at a glance, and what they can do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import User
from kulanz.channels.registry import CHANNELS
from kulanz.core.errors import InvalidInput
from kulanz.desk import board as figures
from kulanz.desk.stopping import EVERYWHERE, do_let_go_on, do_stop, stops
from kulanz.flows.approvals import waiting_approvals
from kulanz.turns.moving_work import do_move_work
from kulanz.web.desk.access import current_user, staff
from kulanz.web.desk.settings_common import manager


@require_safe
@manager
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/board.html", _context())


@require_safe
@manager
def parts(request: HttpRequest) -> HttpResponse:
    """What changes, which the page fetches again when something has."""
    return render(request, "desk/_board.html", _context())


@require_safe
@staff
def stopped(request: HttpRequest) -> HttpResponse:
    """The line that says that the assistant is stopped; empty while it is not."""
    return render(request, "desk/_stopped.html")


@require_safe
@staff
def menu(request: HttpRequest) -> HttpResponse:
    """The part of the navigation that tells what is due."""
    return render(request, "desk/_time_menu.html")


@require_POST
@manager
def stop(request: HttpRequest) -> HttpResponse:
    """`channel` is a channel's name, or empty for all; `act` is stop or go_on."""
    channel, act = request.POST.get("channel", "").replace("\0", ""), request.POST.get("act")
    if act not in {"stop", "go_on"}:
        return HttpResponse(status=400)
    try:
        (do_stop if act == "stop" else do_let_go_on)(channel, current_user(request))
    except InvalidInput as error:
        messages.error(request, str(error), extra_tags="desk")
    return HttpResponseRedirect(reverse("desk-board"))


@require_POST
@manager
def move(request: HttpRequest, agent_id: int) -> HttpResponse:
    """`to` is a colleague's number, or `queue`."""
    wanted = request.POST.get("to", "")
    holder = get_object_or_404(User, pk=agent_id)
    try:
        if wanted != "queue" and not wanted.isdecimal():
            raise InvalidInput(_("Please choose who gets them."))
        to = None if wanted == "queue" else get_object_or_404(User, pk=int(wanted[:9]))
        moved = do_move_work(holder, to, current_user(request))
    except InvalidInput as error:
        messages.error(request, str(error), extra_tags="desk")
    else:
        text = ngettext("One conversation was moved.", "{n} conversations were moved.", moved).format(n=moved)
        messages.success(request, text, extra_tags="curator")
    return HttpResponseRedirect(reverse("desk-board"))


def _context() -> dict[str, Any]:
    now = timezone.now()
    risks, set_stops = figures.at_risk(now), stops()
    stopped_names = {stop.channel for stop in set_stops}
    share = figures.share_today()
    names = [EVERYWHERE, *sorted(CHANNELS)]
    return {
        "now": now,
        "waiting": figures.waiting(),
        "risks": risks[: figures.MOST_SHOWN],
        "more_risks": len(risks) > figures.MOST_SHOWN,
        "people": figures.at_work(now),
        "share": share,
        "shares": _shares(share),
        "approvals": waiting_approvals().count(),
        "stops": set_stops,
        "stoppable": [name for name in names if name not in stopped_names and EVERYWHERE not in stopped_names],
    }


def _shares(share: figures.Share) -> list[tuple[str, int, int]]:
    told = (
        (_("solved by the assistant, confirmed by the customer"), share.confirmed),
        (_("with the assistant, or over without that word"), share.alone),
        (_("handed over to people"), share.people),
    )
    return [(label, number, share.percent(number)) for label, number in told]
