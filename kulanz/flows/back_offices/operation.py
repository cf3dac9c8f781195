"""What every kind of back office offers: one operation that can be called, and perhaps asked about later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

MAX_ANSWER = 1_000_000  # bytes
Status = Literal["done", "refused", "unknown", "repeated", "declined"]


@dataclass(frozen=True, slots=True)
class CallResult:
    """`done` with the answer's data, `refused` by the back office (data says why), `unknown`: it may have happened,
    `repeated`: something else was done for the same wish meanwhile (data is its receipt), `declined` by a person."""

    status: Status
    data: dict[str, Any]


class Operation(Protocol):
    """One thing a back office can do."""

    @property
    def can_look_up(self) -> bool:
        """Whether a write can be found again by its key."""
        ...

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        """Calls it; `key` marks a write and is empty for a read. Raises TransientError where nothing was sent,
        OutcomeUnknown where the answer is missing, PermanentError where it can never work."""
        ...

    def look_up(self, key: str) -> CallResult | None:
        """What is known of the write with this key: its result, or None where it never arrived. Raises TransientError
        where the back office can't be asked now."""
        ...


@runtime_checkable
class Rehearsed(Protocol):
    """An operation that can be tried without being sent."""

    def preview(self, arguments: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """What would be sent, with its secrets hidden. Raises PermanentError where the arguments do not fit."""
        ...

    def example(self) -> dict[str, Any]:
        """An answer as it may look; {} where nothing is known of it."""
        ...
