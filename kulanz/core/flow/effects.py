"""What a flow wants done: effects, and what comes back for each of them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kulanz.core.flow.definition import Slot, Texts

Outcome = Literal["solved", "declined", "refused", "handed_over"]


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the customer; no result."""

    text: Texts
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers to a question: what it stands for, how it is shown, and other words for it."""

    value: Any
    label: Texts
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot. Result: an `Answer` as a mapping. With `choices`, the value is that of one of them."""

    slot: Slot
    text: Texts
    again: Texts
    values: Mapping[str, Any]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirm:
    """Show what `call` will do and wait for an explicit yes. Result: an `Answer` whose value is True or False."""

    text: Texts
    again: Texts
    values: Mapping[str, Any]
    call: Call


@dataclass(frozen=True, slots=True)
class Call:
    """Call an action. Result: a CallResult as a mapping. `step` tells apart two calls of one action; `consent` is the
    answer to the confirmation before it, and empty without one."""

    action: str
    arguments: Mapping[str, Any]
    step: str
    consent: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for an event outside, named `event` with the key `key`, or until `seconds` have passed (None: without
    end). Result: {"late": bool, "data": {…}}. `text` is told when the waiting begins."""

    event: str
    key: str
    seconds: float | None
    text: Texts | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the conversation to a person. Ends the flow."""

    reason: str


Effect = Say | Ask | Confirm | Call | Wait | HandOver
Run = Generator[Effect, Any, Outcome]
Steps = Generator[Effect, Any, None]


def answer(value: Any, **more: Any) -> dict[str, Any]:
    """The result of an Ask or a Confirm. `also` holds other slots that the same message filled; `said` the words of
    a yes, and `occasion` which time this wish is agreed to."""
    return {"value": value, **more}
