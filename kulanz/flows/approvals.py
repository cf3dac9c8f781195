"""Approvals: writes that the customer agreed to, and that a person looks at before they happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.flows.models import Approval, ApprovalState, FlowRun
from kulanz.flows.wish import Wish

VALID = timedelta(hours=24)
"""How long a yes of the customer waits: prices, stocks and wishes change."""


def do_request_approval(run: FlowRun, wish: Wish) -> Approval:
    """Puts a write before a person, in the caller's transaction."""
    return Approval.objects.create(
        run=run, key=wish.key, action=wish.action.name, arguments=dict(wish.arguments), amount=wish.amount,
        consent=wish.consent, expires_at=timezone.now() + VALID,
    )  # fmt: skip


def waiting_approvals() -> QuerySet[Approval]:
    """What waits for a person, the oldest first."""
    waiting = Approval.objects.filter(state=ApprovalState.WAITING, run__outcome="")
    return waiting.select_related("run__conversation__customer").order_by("created_at")


def do_decide(
    approval_id: UUID, person: User, state: ApprovalState, note: str = "", changes: Mapping[str, Any] | None = None
) -> Approval:
    """Stores what the person decided, in the caller's transaction. Raises NotFound; InvalidInput where somebody else
    was faster, it has expired, or a reason is missing."""
    found = (
        Approval.objects.select_for_update(of=("self",))
        .select_related("run__conversation__customer")
        .filter(pk=approval_id)
    )
    approval = found.first()
    if approval is None:
        raise NotFound("there is no such approval")
    if not person.may_approve:
        raise InvalidInput(_("Agents, supervisors and administrators decide on this."))
    customer = approval.run.conversation.customer
    if customer and customer.email.lower() == person.email.lower():
        raise InvalidInput(_("This is your own wish: please let somebody else decide."))
    if approval.state == ApprovalState.WITHDRAWN or approval.run.outcome:
        raise InvalidInput(_("The customer does not want it any more."))
    if approval.state != ApprovalState.WAITING or approval.expires_at <= timezone.now():
        raise InvalidInput(_("This was decided already, or its time is over."))
    if state in {ApprovalState.REFUSED, ApprovalState.CHANGED} and not note.strip():
        raise InvalidInput(_("Please give the reason; the customer reads it."))
    if state == ApprovalState.CHANGED and not changes:
        raise InvalidInput(_("Please say what is to be changed."))
    approval.state, approval.note, approval.decided_by = state, note.strip(), person
    approval.changes, approval.decided_at = dict(changes or {}), timezone.now()
    approval.save()
    return approval


def approval_of(conversation_id: UUID) -> Approval | None:
    """What waits for a person in this conversation, the newest first."""
    waiting = waiting_approvals().filter(run__conversation_id=conversation_id, expires_at__gt=timezone.now())
    return waiting.order_by("-created_at").first()


def do_withdraw(approval_id: UUID) -> bool:
    """The customer does not want it any more; ends its flow too, in the caller's transaction. False where a person was
    faster."""
    approval = Approval.objects.select_for_update().filter(pk=approval_id, state=ApprovalState.WAITING).first()
    if approval is None:
        return False
    approval.state, approval.decided_at = ApprovalState.WITHDRAWN, timezone.now()
    approval.save(update_fields=["state", "decided_at"])
    FlowRun.objects.filter(pk=approval.run_id).update(outcome="declined", updated_at=timezone.now())
    return True


def do_expire() -> list[Approval]:
    """Ends what waited too long, in the caller's transaction; returns it."""
    late = Approval.objects.select_for_update(skip_locked=True).filter(
        state=ApprovalState.WAITING, expires_at__lte=timezone.now()
    )
    expired = list(late)
    for approval in expired:
        approval.state, approval.decided_at = ApprovalState.EXPIRED, timezone.now()
        approval.save(update_fields=["state", "decided_at"])
    return expired
