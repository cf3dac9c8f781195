"""What reaches waiting flows from outside: events, the time, and what people decide on writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.flows.answers import MISSING
from kulanz.flows.approvals import do_decide, do_expire
from kulanz.flows.definitions import active_flows, do_store_version, stored_definition
from kulanz.flows.models import Approval, ApprovalState, Awaits, FlowRun
from kulanz.inbox.conversations import access_conversation
from kulanz.trust import audit
from kulanz.turns.open_flows import told_slots
from kulanz.turns.resumed_turn import Happened, resume

RESUME = "resume_flow"
BEGIN = "begin"
"""What a run waits for that was begun from outside, until its job plays it."""


def do_begin_flow(
    conversation_id: UUID, flow: str, known: Mapping[str, Any], begun_by: str, actor: str = "system"
) -> FlowRun:
    """Begins a flow without a word of the customer, under the same rules: what it writes, the customer still agrees to.
    `begun_by` is agent, api or event. Raises NotFound, and InvalidInput that names the flows or slots there are."""
    definition = active_flows().get(flow)
    if definition is None:
        raise InvalidInput(f"There is no flow `{flow}`. There are: {', '.join(sorted(active_flows()))}.")
    if unknown := set(known) - set(definition.slots):
        raise InvalidInput(f"The flow has no slot `{min(unknown)}`. It has: {', '.join(definition.slots)}.")
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        do_store_version(definition)
        run = FlowRun.objects.create(
            conversation=conversation, flow=flow, version=definition.version, begun_by=begun_by, awaits=Awaits.EVENT,
            event=BEGIN, state={"known": dict(known), "log": []},
        )  # fmt: skip
        audit.record(actor, "began_flow", conversation.id, flow=flow)
        _defer(run, "begun")
    return run


def do_tell_event(event: str, key: str, data: Mapping[str, Any]) -> int:
    """Something happened outside: every flow that waits for it goes on. Returns how many do. The same event again finds
    nobody waiting."""
    with transaction.atomic():
        waiting = FlowRun.objects.select_for_update().filter(
            awaits=Awaits.EVENT, outcome="", event=event, event_key=key
        )
        runs = list(waiting)
        for run in runs:
            _defer(run, "event", data={"late": False, "data": dict(data)})
    return len(runs)


def do_wake_late() -> int:
    """Flows whose time is over go on without their event; returns how many."""
    late = FlowRun.objects.filter(awaits=Awaits.EVENT, outcome="", wakes_at__lte=timezone.now())
    with transaction.atomic():
        runs = list(late.select_for_update(skip_locked=True))
        for run in runs:
            run.wakes_at = None
            run.save(update_fields=["wakes_at"])
            _defer(run, "late", data={"late": True, "data": {}})
    return len(runs)


def do_approve(approval_id: UUID, person: User) -> Approval:
    """The write happens now. Raises as `do_decide`."""
    return _decided(approval_id, person, ApprovalState.APPROVED)


def do_refuse(approval_id: UUID, person: User, reason: str) -> Approval:
    """The write does not happen, and the customer is told why. Raises as `do_decide`."""
    return _decided(approval_id, person, ApprovalState.REFUSED, reason)


def do_change(approval_id: UUID, person: User, reason: str, changes: Mapping[str, Any]) -> Approval:
    """The customer is asked again with other values of the flow's slots. Raises as `do_decide`."""
    return _decided(approval_id, person, ApprovalState.CHANGED, reason, changes)


def _decided(
    approval_id: UUID, person: User, state: ApprovalState, note: str = "", changes: Mapping[str, Any] | None = None
) -> Approval:
    with transaction.atomic():
        approval = do_decide(approval_id, person, state, note, changes)
        run = approval.run
        audit.record(
            f"agent:{person.pk}", f"approval_{state.value}", run.conversation_id, approval=str(approval.pk),
            action=approval.action,
        )  # fmt: skip
        _defer(run, "approval", approval=str(approval.pk))
    return approval


def do_expire_approvals() -> int:
    """Writes that nobody approved in time don't happen; the customers are told. Returns how many."""
    with transaction.atomic():
        expired = do_expire()
        for approval in expired:
            _defer(approval.run, "approval", approval=str(approval.pk))
    return len(expired)


def _defer(run: FlowRun, why: str, **facts: Any) -> None:
    """In the caller's transaction, and in line with the turns of its conversation."""
    job = app.configure_task(RESUME, lock=str(run.conversation_id), queue="turns")
    job.defer(run_id=str(run.pk), why=why, **facts)


def resume_with(run_id: UUID, why: str, data: dict[str, Any] | None = None, approval: str | None = None) -> bool:
    """The job: finds out what happened, and lets the flow go on."""
    if approval is None:
        return resume(run_id, Happened(why, result=MISSING if data is None else data))
    return resume(run_id, _after(Approval.objects.select_related("run__conversation").get(pk=approval)))


def _after(approval: Approval) -> Happened:
    run = approval.run
    definition = stored_definition(run.flow, run.version)
    with override(run.conversation.language):
        if approval.state == ApprovalState.APPROVED:
            return Happened("approved", approved=approval.key)
        if approval.state == ApprovalState.CHANGED:
            known = told_slots(definition, run.state) | approval.changes
            first = _("A person has looked at it and suggests something else: {reason}").format(reason=approval.note)
            return Happened("changed", known=known, first=first)
        declined = {"status": "declined", "data": {"reason": approval.note}}
        if approval.state == ApprovalState.EXPIRED:
            late = _("Nobody could look at your request in time, so nothing was changed.")
            return Happened("expired", result=declined, first=late)
        first = _("A person has looked at it and does not approve it: {reason}").format(reason=approval.note)
        return Happened("declined", result=declined, first=first)
