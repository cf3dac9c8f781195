"""Who is served first: sentences with numbers to change, and what they would mean now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kulanz.core.errors import InvalidInput
from kulanz.core.routing import MOST_MINUTES, in_order
from kulanz.desk.routing import waiting_now
from kulanz.desk.routing_models import QueueAlarm, RoutingRule
from kulanz.desk.routing_rule import NUMBERS, check_minutes, do_save_rule, numbers_now, rules_at
from kulanz.desk.routing_words import rank_text, rule_sentence, why_kept
from kulanz.inbox.models import Conversation
from kulanz.web.desk.access import current_user
from kulanz.web.desk.settings_common import manager

PREVIEW = 25
VERSIONS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@manager
def order(request: HttpRequest) -> HttpResponse:
    """The rule with its preview; `save` among what is sent stores it, anything else only shows what it would do."""
    if request.method != "POST":
        return render(request, "desk/settings/order.html", _context(numbers_now()))
    try:
        minutes = check_minutes(request.POST.dict())
    except InvalidInput as error:
        typed = {name: request.POST.get(name, "")[:6] for name in NUMBERS}
        context = {**_context(numbers_now()), "numbers": _inputs(typed), "error": str(error)}
        return render(request, "desk/settings/order.html", context, status=422)
    if "save" in request.POST:
        rule = do_save_rule(minutes, current_user(request))
        messages.success(request, _("Version {n} holds from now on.").format(n=rule.pk), extra_tags="settings")
        return HttpResponseRedirect(reverse("desk-order"))
    return render(request, "desk/settings/order.html", {**_context(minutes), "previewed": minutes != numbers_now()})


def _context(minutes: dict[str, int]) -> dict[str, Any]:
    now = timezone.now()
    waiting = waiting_now(distributed=False)
    ranked = in_order(waiting, rules_at(now, minutes), now)[:PREVIEW]
    customers = Conversation.objects.select_related("customer").in_bulk([one.id for one, __ in ranked])
    alarms = QueueAlarm.objects.select_related("conversation__customer", "owner").order_by("since")[:PREVIEW]
    return {
        "numbers": _inputs(minutes),
        "most": MOST_MINUTES,
        "waiting": len(waiting),
        "preview": [(customers[one.id], round(place.minutes), rank_text(place)) for one, place in ranked],
        "alarms": [(alarm, why_kept(alarm.why)) for alarm in alarms],
        "versions": list(RoutingRule.objects.select_related("author").order_by("-pk")[:VERSIONS]),
        "tab": "order",
        "now": now,
    }


def _inputs(values: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(rule_sentence(name), values[name]) for name in NUMBERS]
