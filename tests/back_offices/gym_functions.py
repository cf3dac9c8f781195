"""Functions as an operator may write them for a back office without an API."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from kulanz.core.errors import InvalidInput, PermanentError, TransientError

done: dict[str, Decimal] = {}
release = threading.Event()


@dataclass
class Refund:
    receipt: str
    amount: Decimal


def refund(member: str, amount: Decimal, dated: date | None = None, *, idempotency_key: str) -> Refund:
    """Pays back a part of the fee.

    The member says what to do.
    """
    if member == "nobody":
        raise InvalidInput("no such member")
    if member == "later":
        raise TransientError("the till is closed")
    if member == "never":
        raise PermanentError("no till")
    if member == "broken":
        raise RuntimeError("gym-secret")
    if member == "slow":
        release.wait(20)
    done[idempotency_key] = amount
    return Refund(f"G-{idempotency_key}", amount)


def found(idempotency_key: str) -> dict[str, str] | None:
    """The refund of a key."""
    return {"receipt": f"G-{idempotency_key}"} if idempotency_key in done else None


def opening(day: date, hall: Literal["north", "south"] = "north", seats: int = 1) -> dict[str, object]:
    """When it opens."""
    return {"day": day.isoformat(), "hall": hall, "seats": seats}


def anything(*words: str) -> None:
    """Takes no names."""


async def later() -> None:
    """Not a plain function."""
