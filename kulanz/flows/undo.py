"""Taking an action back: an action of its own, within the time that its description gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import fill_value
from kulanz.core.message import ReceiptNote
from kulanz.flows.actions import actions
from kulanz.flows.calls import do_write_call
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.repeats import earlier
from kulanz.flows.runner import Circumstances, note_of
from kulanz.flows.wish import Wish, alone

STEP = "undo"


def undoable_until(call: ActionCall) -> datetime | None:
    """Until when a call that was done can be taken back; None where it can't be, or not any more."""
    action = actions().get(call.action)
    if action is None or action.undo is None or call.status != CallStatus.DONE or call.settled_at is None:
        return None
    if _undoing(call):
        return None
    until = call.settled_at + timedelta(seconds=action.undo.seconds)
    return until if until > timezone.now() else None


def is_undone(call: ActionCall) -> bool:
    """Whether it was taken back, or that is under way."""
    return _undoing(call) is not None


def last_done(conversation_id: UUID) -> ActionCall | None:
    """The newest thing done in a conversation that is not itself an undoing."""
    done = ActionCall.objects.filter(conversation_id=conversation_id, status=CallStatus.DONE, undoes=None)
    return done.order_by("-settled_at").first()


def _undoing(call: ActionCall) -> ActionCall | None:
    """The call that takes this one back, where it happened or may have."""
    failed = [CallStatus.REFUSED, CallStatus.NOT_DONE]
    return ActionCall.objects.filter(undoes=call).exclude(status__in=failed).first()


def do_undo(call: ActionCall, consent: str, around: Circumstances) -> ReceiptNote:
    """Takes the call back, once. `consent` are the customer's or the agent's words, or the name of the button. Raises
    InvalidInput where its time is over; TransientError where the back office is down and surely nothing happened."""
    with alone("undo", str(call.pk)):  # by the page and by a sentence at once
        return _undo(call, consent, around)


def _undo(call: ActionCall, consent: str, around: Circumstances) -> ReceiptNote:
    action, begun = actions()[call.action], _undoing(call)
    if action.undo is None or (begun is None and undoable_until(call) is None):
        raise InvalidInput("this can't be undone any more")
    undoing = actions()[action.undo.action]
    values = {**call.arguments, "receipt": call.receipt}
    arguments = {name: fill_value(value, values) for name, value in action.undo.arguments.items()}
    wish = Wish(
        undoing, arguments, around.who, around.conversation_id, call.flow, STEP, consent=consent,
        message_id=around.message_id, undoes=call.pk,
    )  # fmt: skip
    occasion = begun.occasion if begun else earlier(wish).occasion
    return note_of(undoing, do_write_call(replace(wish, occasion=occasion)), arguments, around.language)
