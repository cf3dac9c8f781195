"""Flows: a matter solved step by step. The engine is a generator that yields effects and receives their results.

It does no input or output, so the same flow runs live, in tests and in simulation. A waiting flow is stored as
the list of results it has received (its *log*); to go on, the generator is run again from the start and fed the
log. Nothing but the log can differ between two runs, so the flow stands where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Texts = Mapping[str, str]
"""Language → text, with `{path.to.value}` places, optionally `|money` or `|date`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something the flow must know. `entity` is the kind that fills it; `from_customer` a field of the record."""

    name: str
    entity: str
    from_customer: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked flow. `steps` are mappings with one verb each, as in the file; `version` is the file's hash."""

    name: str
    version: str
    title: Texts
    intents: tuple[str, ...]
    slots: Mapping[str, Slot]
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the customer; no result."""

    text: Texts
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot. Result: its value."""

    slot: Slot
    text: Texts
    again: Texts
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Show what will happen and wait for an explicit yes. Result: True or False."""

    text: Texts
    again: Texts
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """Call an action. Result: a CallResult as a mapping. `step` tells apart two calls of one action."""

    action: str
    arguments: Mapping[str, Any]
    step: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the conversation to a person. Ends the flow."""

    reason: str


Effect = Say | Ask | Confirm | Call | HandOver
Outcome = Literal["solved", "declined", "refused", "handed_over"]
Run = Generator[Effect, Any, Outcome]


@dataclass(slots=True)
class _State:
    definition: Definition
    values: dict[str, Any] = field(default_factory=dict)


class _Ended(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def run(definition: Definition, known: Mapping[str, str]) -> Run:
    """Plays the flow. `known` holds slot values that need no question. Returns the outcome."""
    state = _State(definition, dict(known))
    try:
        yield from _steps(definition.steps, state, "")
    except _Ended as end:
        return end.outcome
    return "solved"


def _steps(
    steps: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]], state: _State, path: str
) -> Generator[Effect, Any, None]:
    for number, step in enumerate(steps):
        here = f"{path}/{number}"
        if "say" in step:
            yield Say(step["say"], dict(state.values))
        elif "ask" in step:
            yield from _ask(step, state)
        elif "call" in step:
            yield from _call(step, state, here)
        elif "confirm" in step:
            yield from _confirm(step, state, here)
        elif "if" in step:
            branch = "then" if _holds(step["if"], state.values) else "else"
            yield from _steps(step.get(branch) or [], state, f"{here}/{branch}")
        elif "hand_over" in step:
            yield HandOver(step["hand_over"])
            raise _Ended("handed_over")
        else:
            raise _Ended(step["end"])


def _ask(step: Mapping[str, Any], state: _State) -> Generator[Effect, Any, None]:
    slot = state.definition.slots[step["ask"]]
    if not state.values.get(slot.name):
        state.values[slot.name] = yield Ask(slot, step["text"], step["again"], dict(state.values))


def _call(step: Mapping[str, Any], state: _State, here: str) -> Generator[Effect, Any, None]:
    arguments = {name: fill_value(value, state.values) for name, value in (step.get("with") or {}).items()}
    result = yield Call(step["call"], arguments, here)
    state.values[step.get("into", "result")] = result["data"]
    if result["status"] != "done":
        yield from _steps(
            step.get(f"on_{result['status']}") or [{"hand_over": "action_failed"}], state, f"{here}/failed"
        )


def _confirm(step: Mapping[str, Any], state: _State, here: str) -> Generator[Effect, Any, None]:
    agreed = yield Confirm(step["confirm"], step["again"], dict(state.values))
    if not agreed:
        yield from _steps(step["declined"], state, f"{here}/declined")
        raise _Ended("declined")


def lookup(path: str, values: Mapping[str, Any]) -> Any:
    """The value at `order.items`, or None where the path leads nowhere."""
    value: Any = values
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


_CONDITION = re.compile(r"^\s*([\w.]+)\s*(?:(==|!=)\s*['\"]?([^'\"]*)['\"]?)?\s*$")


def check_condition(condition: str) -> bool:
    """Whether an `if` can be read: `order.cancellable` or `order.status == 'shipped'`."""
    return bool(_CONDITION.match(condition))


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    match = _CONDITION.match(condition)
    if match is None:  # the check of the file refuses it
        raise ValueError(condition)
    path, operator, literal = match.groups()
    value = lookup(path, values)
    if operator is None:
        return bool(value)
    return (str(value) == literal) is (operator == "==")


_PLACE = re.compile(r"\{([\w.]+)(?:\|(\w+))?\}")


def fill_value(template: Any, values: Mapping[str, Any]) -> Any:
    """An argument: a lone place keeps the value's type, other strings are filled in."""
    if not isinstance(template, str):
        return template
    if alone := _PLACE.fullmatch(template):
        return lookup(alone.group(1), values)
    return fill(template, values, "en")


def fill(template: str, values: Mapping[str, Any], language: str) -> str:
    """A text with its places filled; unknown places become empty."""

    def place(match: re.Match[str]) -> str:
        value = lookup(match.group(1), values)
        if isinstance(value, Mapping):  # a text in several languages
            value = value.get(language) or next(iter(value.values()), "")
        return _format(value, match.group(2), language)

    return _PLACE.sub(place, template).strip()


def _format(value: Any, style: str | None, language: str) -> str:
    if value is None:
        return ""
    if style == "money":
        whole = f"{float(value):,.2f}"
        return whole.translate(str.maketrans(",.", ".,")) if language == "de" else whole
    if style == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d.*", str(value)):
        year, month, day = str(value)[:10].split("-")
        return f"{day}.{month}.{year}" if language == "de" else f"{int(day)}/{month}/{year}"
    return str(value)
