"""What a decision looks at besides the words: the flow at hand, the hours, and who the customer is to us."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q

from kulanz.core.case import Undo
from kulanz.core.decision import CustomerFacts, Situation
from kulanz.core.timeline import Holder, Timeline
from kulanz.desk.hours import service_hours
from kulanz.flows.approvals import approval_of
from kulanz.flows.undo import is_undone, last_done, undoable_until
from kulanz.inbox.models import Conversation, Status
from kulanz.turns.open_flows import FlowView, declined_flows, flows_by_intent

REMEMBERED = timedelta(days=60)  # an older matter that was left unsolved says little about today


def situation_of(conversation: Conversation, timeline: Timeline, flow: FlowView | None, now: datetime) -> Situation:
    """The situation at `now`, without knowledge."""
    holder: Holder = conversation.status  # type: ignore[assignment]
    opening = service_hours(now).hours.next_opening(now)
    return Situation(
        timeline,
        holder,
        flows_by_intent(),
        flow.open if flow else None,
        customer=customer_facts(conversation),
        people_available=opening is not None and opening <= now,
        available_from=opening,
        undo=_undo(conversation),
        declined=declined_flows(conversation) if any(e.decision == "act" for e in timeline.entries) else frozenset(),
        awaits_approval=waiting.run.flow if (waiting := approval_of(conversation.id)) else "",
    )


def _undo(conversation: Conversation) -> Undo:
    call = last_done(conversation.id)
    if call is None:
        return "nothing"
    if undoable_until(call):
        return "possible"
    return "already" if is_undone(call) else "too_late"


def customer_facts(conversation: Conversation) -> CustomerFacts:
    """What we really know. Name and e-mail are claims, so nobody is `verified` here yet, and nobody a `vip`.

    A conversation was left unresolved where a person was called and nobody has resolved it, or where the customer
    said so; silence says nothing.
    """
    customer = conversation.customer
    known = customer.external_id or customer.email
    if not known:
        return CustomerFacts()
    earlier = Conversation.objects.filter(customer=customer, created_at__lt=conversation.created_at)
    unhelped = Q(status__in=[Status.WAITING, Status.AGENT]) | Q(feedback__solved=False, resolution="")
    recent = Q(created_at__gte=conversation.created_at - REMEMBERED)
    counts = earlier.aggregate(
        all=Count("pk", distinct=True), unresolved=Count("pk", filter=unhelped & recent, distinct=True)
    )
    return CustomerFacts("claimed", counts["all"], counts["unresolved"])
