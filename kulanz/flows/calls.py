"""Calls: reads are simply made, writes run once.

A write is stored under its wish before it is sent. Whatever happens then, the wish finds it again: the same wish gets
the first one's receipt, and a lost answer is *unknown*: settled by the key or a look-up, and never sent blindly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kulanz.core.errors import OutcomeUnknown, PermanentError, TransientError
from kulanz.flows.actions import Action
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.models import ActionCall, CallStatus

SETTLED = frozenset({CallStatus.DONE, CallStatus.REFUSED})


@dataclass(frozen=True, slots=True)
class Wish:
    """That an action be done, with these arguments: by whom it is wished (`who`: an e-mail address or a customer's id),
    where, in which words, and for which time."""

    action: Action
    arguments: Mapping[str, Any]
    who: str
    conversation_id: UUID
    flow: str
    step: str
    occasion: int = 0
    consent: str = ""
    message_id: UUID | None = None
    undoes: UUID | None = None

    @property
    def mark(self) -> str:
        """The same for the same wish, in whichever conversation and flow; the order of names does not matter."""
        about = self.action.about
        what = {name: _plain(self.arguments.get(name)) for name in about or self.arguments}
        return _digest([self.action.name, "" if about else self.who, what])

    @property
    def key(self) -> str:
        """The idempotency key: of the wish, all its arguments and the occasion."""
        return _digest([self.mark, dict(self.arguments), self.occasion])

    @property
    def amount(self) -> Decimal | None:
        """The sum of money, where the action names one."""
        value = self.arguments.get(self.action.amount) if self.action.amount else None
        return None if value in {None, ""} else Decimal(str(value).split(" ")[0])


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:40]


def read_call(action: Action, arguments: Mapping[str, Any]) -> CallResult:
    """A reading call. Raises TransientError where the back office is down or slow."""
    try:
        return action.operation.send(arguments, key="")
    except OutcomeUnknown as error:
        raise TransientError(str(error)) from error


def do_write_call(wish: Wish) -> CallResult:
    """A writing call, made at most once for its wish and occasion. Raises TransientError where it surely did not
    happen, PermanentError without the customer's words of consent. Two workers with the same wish: the second waits
    for the first and gets its result."""
    if not wish.consent:
        raise PermanentError(f"{wish.action.name}: nobody has agreed to this")
    with _alone(wish.mark):
        call, created = ActionCall.objects.get_or_create(
            wish=wish.mark,
            occasion=wish.occasion,
            defaults={
                "key": wish.key, "who": wish.who, "conversation_id": wish.conversation_id,
                "message_id": wish.message_id, "flow": wish.flow, "step": wish.step, "action": wish.action.name,
                "arguments": dict(wish.arguments), "consent": wish.consent, "amount": wish.amount,
                "undoes_id": wish.undoes,
            },
        )  # fmt: skip
        if call.key != wish.key:  # the same wish in other words was faster
            return CallResult("repeated", call.receipt)
        if call.status in SETTLED:
            return CallResult(call.status, call.receipt)  # type: ignore[arg-type]
        if not created and call.attempts:
            return _settle(call, _again(wish.action, call))
        return _settle(call, _first(wish.action, call))


def _first(action: Action, call: ActionCall) -> CallResult:
    """The first sending. An answer that is lost is looked for once."""
    ActionCall.objects.filter(pk=call.pk).update(attempts=1, status=CallStatus.STARTED)
    try:
        return action.operation.send(call.arguments, call.key)
    except OutcomeUnknown:
        return found(action, call.key) or CallResult("unknown", {})
    except TransientError:
        ActionCall.objects.filter(pk=call.pk).update(attempts=0)  # this try surely did nothing
        raise


def _again(action: Action, call: ActionCall) -> CallResult:
    """It was sent before, and the answer never came: the back office knows, or may be told again under the same key;
    one that can do neither is not asked a second time."""
    if result := found(action, call.key):
        return result
    if action.duplicates != "key":
        return CallResult("unknown", {})
    try:
        return action.operation.send(call.arguments, call.key)
    except TransientError:  # the sending before may have worked
        return CallResult("unknown", {})


def found(action: Action, key: str) -> CallResult | None:
    """What the back office knows of this key; None where it knows nothing or can't be asked."""
    if not action.operation.can_look_up:
        return None
    try:
        return action.operation.look_up(key)
    except TransientError:
        return None


def do_settle(call: ActionCall, action: Action, *, give_up: bool) -> CallResult | None:
    """Looks for the outcome of a call that got no answer. None where it is still not known; with `give_up`, a back
    office that can be asked and knows nothing of it has not done it."""
    with _alone(call.wish):
        call.refresh_from_db()
        if call.status not in {CallStatus.UNKNOWN, CallStatus.STARTED}:
            return None
        if action.duplicates == "key":
            result: CallResult | None = _again(action, call)
        elif not action.operation.can_look_up:
            return None
        else:
            try:
                result = action.operation.look_up(call.key)
            except TransientError:
                return None
        if result is not None and result.status != "unknown":
            return _settle(call, result)
        if give_up and result is None and action.operation.can_look_up:
            ActionCall.objects.filter(pk=call.pk).update(status=CallStatus.NOT_DONE, settled_at=timezone.now())
            return CallResult("refused", {})
        return None


def _settle(call: ActionCall, result: CallResult) -> CallResult:
    ActionCall.objects.filter(pk=call.pk).update(
        status=result.status,
        receipt=result.data,
        settled_at=None if result.status == "unknown" else timezone.now(),
    )
    return result


@contextmanager
def _alone(mark: str) -> Iterator[None]:
    """One at a time for a wish, over all processes. A killed worker loses the lock with its connection."""
    number = int(mark[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [number])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [number])
