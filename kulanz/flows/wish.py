"""A wish: that something be done once, whoever says so and wherever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import connection

from kulanz.core.flow import lookup
from kulanz.flows.actions import Action

MOST = Decimal(10) ** 10
"""Amounts from here on are not believed; the table holds ten digits before the point."""


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
        """The sum of money; None where the action names none, or where what is there can't be read as one number with
        a point: what is not understood is not small."""
        value = lookup(self.action.amount, self.arguments) if self.action.amount else None
        if value is None or isinstance(value, bool):
            return None
        try:
            amount = Decimal(str(value).strip().split(" ")[0])
        except InvalidOperation:
            return None
        return amount if amount.is_finite() and abs(amount) < MOST else None


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:40]


@contextmanager
def alone(*what: str) -> Iterator[None]:
    """One at a time for `what`, over all processes. A killed worker loses the lock with its connection."""
    number = int(_digest(list(what))[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [number])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [number])
