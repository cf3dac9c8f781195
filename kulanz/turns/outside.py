"""What waiting flows go on with: events, the time, and what people decide on writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.flow import Definition
from kulanz.flows.answers import MISSING
from kulanz.flows.approvals import do_decide, do_expire
from kulanz.flows.definitions import active_flows, do_store_version, stored_definition
from kulanz.flows.models import Approval, ApprovalState, Awaits, FlowRun
from kulanz.flows.waking import BEGIN, do_claim_event, do_resume_later, do_tell_event, do_wake_late
from kulanz.inbox.conversations import access_conversation
from kulanz.trust import audit
from kulanz.turns.open_flows import told_slots
from kulanz.turns.resumed_turn import Happened, resume

__all__ = [
    "do_announce", "do_approve", "do_begin_flow", "do_change", "do_expire_approvals", "do_refuse", "do_wake_late",
    "resume_with",
]  # fmt: skip


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
        do_resume_later(run, "begun")
    return run


def do_announce(event: str, key: str, data: Mapping[str, Any], conversation_id: UUID | None) -> int:
    """Flows that wait for the event go on; in the conversation that it names, those begin that have it under `events`,
    with the slots that `data` names. Returns how many. Told again, it begins nothing again. Raises NotFound."""
    if conversation_id is None:
        return do_tell_event(event, key, data)
    access_conversation(conversation_id, None)
    told = do_tell_event(event, key, data)
    return told + sum(
        _do_begin_for_event(definition, event, key, data, conversation_id)
        for definition in active_flows().values()
        if event in definition.events
    )


def _do_begin_for_event(
    definition: Definition, event: str, key: str, data: Mapping[str, Any], conversation_id: UUID
) -> bool:
    known = {name: str(value) for name, value in data.items() if name in definition.slots and value is not None}
    with transaction.atomic():
        access_conversation(conversation_id, None, lock=True)  # before the event's lock, in the order of every turn
        first = do_claim_event(event, key, str(uuid5(conversation_id, definition.name)))
        if first:
            do_begin_flow(conversation_id, definition.name, known, "event")
    return first


def do_approve(approval_id: UUID, person: User) -> Approval:
    """The write happens now. Raises as `do_decide`."""
    return _decided(approval_id, person, ApprovalState.APPROVED)


def do_refuse(approval_id: UUID, person: User, reason: str) -> Approval:
    """The write does not happen, and the customer is told why. Raises as `do_decide`."""
    return _decided(approval_id, person, ApprovalState.REFUSED, reason)


def do_change(approval_id: UUID, person: User, reason: str, changes: Mapping[str, Any]) -> Approval:
    """The customer is asked again with other values of the flow's slots. Raises as `do_decide`, and InvalidInput for
    what is no slot."""
    run = FlowRun.objects.filter(approvals=approval_id).first()
    slots = stored_definition(run.flow, run.version).slots if run else {}
    if unknown := [name for name in changes if name not in slots]:
        told = _("There is nothing to change at {names}; possible: {slots}")
        raise InvalidInput(told.format(names=", ".join(unknown), slots=", ".join(slots)))
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
        do_resume_later(run, "approval", approval=str(approval.pk))
    return approval


def do_expire_approvals() -> int:
    """Writes that nobody approved in time don't happen; the customers are told. Returns how many."""
    with transaction.atomic():
        expired = do_expire()
        for approval in expired:
            do_resume_later(approval.run, "approval", approval=str(approval.pk))
    return len(expired)


def resume_with(
    run_id: UUID, why: str, at: int, data: dict[str, Any] | None = None, approval: str | None = None
) -> bool:
    """The job: finds out what happened, and lets the flow go on where it stood when that happened (`at`). False where
    it has gone on already."""
    if approval is None:
        return resume(run_id, Happened(why, Awaits.EVENT, at, result=MISSING if data is None else data))
    decided = Approval.objects.select_related("run__conversation").get(pk=approval)
    newer = Approval.objects.filter(run=decided.run, created_at__gt=decided.created_at)
    return False if newer.exists() else resume(run_id, _after(decided, at))


def _after(approval: Approval, at: int) -> Happened:
    run, awaited = approval.run, Awaits.APPROVAL
    definition = stored_definition(run.flow, run.version)
    with override(run.conversation.language):
        if approval.state == ApprovalState.APPROVED:
            return Happened("approved", awaited, at, approved=approval.key)
        if approval.state == ApprovalState.CHANGED:
            known = told_slots(definition, run.state) | approval.changes
            first = _("A person has looked at it and suggests something else: {reason}").format(reason=approval.note)
            return Happened("changed", awaited, at, known=known, first=first)
        declined = {"status": "declined", "data": {"reason": approval.note}}
        if approval.state == ApprovalState.EXPIRED:
            late = _("Nobody could look at your request in time, so nothing was changed.")
            return Happened("expired", awaited, at, result=declined, first=late)
        first = _("A person has looked at it and does not approve it: {reason}").format(reason=approval.note)
        return Happened("declined", awaited, at, result=declined, first=first)
