"""Calls: reads are simply made, writes run once.

A write is stored under its wish before it is sent. Whatever happens then, the wish finds it again: the same wish gets
the first one's receipt, and a lost answer is *unknown*: settled by the key or a look-up, and never sent blindly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.flows.actions import Action
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.limits import check_often
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.wish import Wish, alone

__all__ = ["Wish", "do_settle", "do_write_call", "read_call"]
FAILED = frozenset({CallStatus.REFUSED, CallStatus.NOT_DONE})
OPEN = frozenset({CallStatus.STARTED, CallStatus.UNKNOWN})

AT_WORK = frozenset({409, 425})
"""HTTP statuses for a key whose first request is not finished (IETF draft on the Idempotency-Key header)."""


def read_call(action: Action, arguments: Mapping[str, Any]) -> CallResult:
    """A reading call. Raises TransientError where the back office is down or slow."""
    try:
        return action.operation.send(arguments, key="")
    except OutcomeUnknown as error:
        raise TransientError(str(error)) from error


def do_write_call(wish: Wish) -> CallResult:
    """A writing call, made at most once for its wish and occasion. Two workers with the same wish: the second waits for
    the first and gets its result.

    Raises TransientError where it surely did not happen; TooOftenError where others were faster than the limit of the
    day; PermanentError without the customer's words of consent, or where it can never work. Must not be called inside
    a transaction: what is about to be sent has to be stored for good.
    """
    if not wish.consent.strip():
        raise PermanentError(f"{wish.action.name}: nobody has agreed to this")
    with alone(wish.mark):
        call = _do_store(wish)
        while call.key != wish.key:  # the same wish with other arguments was faster
            if call.status not in FAILED:
                return _in_other_words(call)
            wish = replace(wish, occasion=wish.occasion + 1)
            call = _do_store(wish)
        if not call.attempts:
            return _settle(call, _first(wish.action, call))
        if call.status in OPEN:
            return _settle(call, _again(wish.action, call))
        return _known(call)


def _do_store(wish: Wish) -> ActionCall:
    """The call of this wish and occasion, stored before anything is sent. One that was stored and never sent makes room
    for the wish at hand, whatever its words."""
    known = ActionCall.objects.filter(wish=wish.mark, occasion=wish.occasion)
    call = known.first()
    if call is not None and call.attempts:
        return call
    fields = {
        "key": wish.key, "who": wish.who, "conversation_id": wish.conversation_id, "message_id": wish.message_id,
        "flow": wish.flow, "step": wish.step, "action": wish.action.name, "arguments": dict(wish.arguments),
        "consent": wish.consent, "amount": wish.amount, "undoes_id": wish.undoes, "status": CallStatus.STARTED,
        "created_at": timezone.now(),
    }  # fmt: skip
    with alone("limit", wish.action.name, wish.who):  # others count this one from here on
        check_often(wish)
        with transaction.atomic(durable=True):
            return known.update_or_create(defaults=fields, wish=wish.mark, occasion=wish.occasion)[0]


def _in_other_words(call: ActionCall) -> CallResult:
    """For a wish that something else is or was done for."""
    return CallResult("repeated", call.receipt) if call.status == CallStatus.DONE else CallResult("unknown", {})


def _known(call: ActionCall) -> CallResult:
    """The outcome of a call that is settled."""
    if call.status == CallStatus.DONE:
        undone = ActionCall.objects.filter(undoes=call, status=CallStatus.DONE).exists()
        return CallResult("repeated" if undone else "done", call.receipt)
    return CallResult("refused", call.receipt)


def _first(action: Action, call: ActionCall) -> CallResult:
    """The first sending. An answer that is lost is looked for once."""
    ActionCall.objects.filter(pk=call.pk).update(attempts=1, status=CallStatus.STARTED)
    try:
        return action.operation.send(call.arguments, call.key)
    except OutcomeUnknown:
        return _found(action, call.key) or CallResult("unknown", {})
    except (TransientError, PermanentError):  # this try surely did nothing
        ActionCall.objects.filter(pk=call.pk).update(attempts=0, status=CallStatus.NOT_DONE)
        raise


def _again(action: Action, call: ActionCall) -> CallResult:
    """It was sent before, and the answer never came: the back office knows, or may be told again under the same key;
    one that can do neither is not asked a second time."""
    return _found(action, call.key) or _resent(action, call) or CallResult("unknown", {})


def _resent(action: Action, call: ActionCall) -> CallResult | None:
    """Sent once more under its key, where the back office tells by it that it is the same; None without an answer. A no
    that only says that the first sending is still at work is none."""
    if action.duplicates != "key":
        return None
    try:
        result = action.operation.send(call.arguments, call.key)
        return None if result.data.get("http_status") in AT_WORK else result
    except (TransientError, PermanentError):  # the sending before may have worked
        return None


def _found(action: Action, key: str) -> CallResult | None:
    """What the back office knows of this key; None where it knows nothing or can't be asked."""
    if not action.operation.can_look_up:
        return None
    try:
        return action.operation.look_up(key)
    except (TransientError, PermanentError):
        return None


def do_settle(
    call: ActionCall, action: Action, *, resend: bool, give_up: bool, told: Callable[[CallResult], None]
) -> CallResult | None:
    """Looks for the outcome of a call that got no answer. None where it is still not known. With `resend` it is sent
    again where that is safe; with `give_up`, long after the last sending, a back office that can be asked and knows
    nothing of the call has not done it. `told` runs in the transaction that stores the outcome: nobody stays untold."""
    with alone(call.wish):
        call.refresh_from_db()
        if call.status not in OPEN or not call.attempts:
            return None
        outcome = _outcome(action, call, resend=resend, give_up=give_up)
        if outcome is None:
            return None
        with transaction.atomic():
            status, result = outcome
            _settle(call, result, status)
            told(result)
        return result


def _outcome(action: Action, call: ActionCall, *, resend: bool, give_up: bool) -> tuple[str, CallResult] | None:
    if action.operation.can_look_up:
        try:
            found = action.operation.look_up(call.key)
        except (TransientError, PermanentError):
            return None
        if found is not None:
            return found.status, found
        if give_up:
            return CallStatus.NOT_DONE, CallResult("refused", {})
    sent = _resent(action, call) if resend else None
    return (sent.status, sent) if sent and sent.status != "unknown" else None


def _settle(call: ActionCall, result: CallResult, status: str = "") -> CallResult:
    """Stores the outcome. What is known stays known, even if a slower worker only knows that it does not know."""
    open_still = ActionCall.objects.filter(pk=call.pk, status__in=OPEN)
    stored = open_still.update(
        status=status or result.status,
        receipt=result.data,
        settled_at=None if result.status == "unknown" else timezone.now(),
    )
    if stored:
        return result
    call.refresh_from_db()
    return _known(call)
