"""What customers have agreed to and a person has to approve: seen with its whole case, decided with one click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import number_of
from kulanz.flows.approvals import waiting_approvals
from kulanz.flows.definitions import stored_definition
from kulanz.flows.models import Approval
from kulanz.turns.open_flows import told_slots
from kulanz.turns.outside import do_approve, do_change, do_refuse
from kulanz.web.desk.access import current_user, staff

MOST_SHOWN = 200
LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Shown:
    """One approval for the page: the flow's title, what is known of the matter, and what may be changed."""

    approval: Approval
    title: str
    facts: tuple[tuple[str, Any], ...]
    slots: tuple[tuple[str, Any], ...]


@require_safe
@staff
def approvals(request: HttpRequest) -> HttpResponse:
    """Everything that waits, the oldest first."""
    language = current_user(request).language
    shown = [_shown(approval, language) for approval in waiting_approvals()[:MOST_SHOWN]]
    return render(request, "desk/approvals.html", {"approvals": shown, "now": timezone.now()})


def _shown(approval: Approval, language: str) -> Shown:
    definition = stored_definition(approval.run.flow, approval.run.version)
    told = told_slots(definition, approval.run.state)
    changeable = tuple(
        (name, value)
        for name, value in told.items()
        if name in definition.slots and _reaches(value, approval.arguments)
    )
    return Shown(approval, definition.title[language], tuple(approval.arguments.items()), changeable)


def _reaches(value: Any, arguments: Mapping[str, Any]) -> bool:
    """Whether a slot decides an argument of the call; to change another one would change nothing."""
    number = number_of(value)
    same = (number is not None and number_of(argument) == number for argument in arguments.values())
    return any(str(value) in str(argument) for argument in arguments.values()) or any(same)


@require_POST
@staff
def decide(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """`decision` is approve, refuse or change; a reason goes with the latter two."""
    person, given = current_user(request), request.POST
    reason = str(given.get("reason") or "").strip()[:LONGEST_REASON]
    changes = _changes(given)
    acts: dict[str, Callable[[], Approval]] = {
        "approve": lambda: do_approve(approval_id, person),
        "refuse": lambda: do_refuse(approval_id, person, reason),
        "change": lambda: do_change(approval_id, person, reason, changes),
    }
    act = acts.get(str(given.get("decision")))
    if act is None:
        return HttpResponse(status=400)
    try:
        act()
    except InvalidInput as error:
        messages.error(request, str(error), extra_tags="desk")
    else:
        messages.success(request, _("Decided. The customer is told now."), extra_tags="curator")
    return HttpResponseRedirect(reverse("desk-approvals"))


def _changes(given: QueryDict) -> dict[str, str]:
    """The slots that the person has written something else into."""
    fields = {name: str(given.get(name, "")).strip()[:200] for name in given}
    slots = {name.removeprefix("slot-"): value for name, value in fields.items() if name.startswith("slot-")}
    return {name: value for name, value in slots.items() if value and value != fields.get(f"was-{name}")}
