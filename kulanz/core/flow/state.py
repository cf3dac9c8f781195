"""What every kind of step is given: the values so far, and how to play the steps inside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kulanz.core.flow.definition import Definition, Slot
from kulanz.core.flow.effects import Call, Outcome, Steps
from kulanz.core.flow.texts import fill_value

Step = Mapping[str, Any]


@dataclass(slots=True)
class State:
    """One play of a flow. `consents` holds the last yes, for the call that it was given for; `inner` plays steps."""

    definition: Definition
    values: dict[str, Any]
    inner: Callable[[Sequence[Step], State, str], Steps]
    consents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def slot(self, name: str) -> Slot:
        return self.definition.slots[name]

    def take(self, answer: Mapping[str, Any]) -> None:
        """The other slots that an answer filled: whoever says two things at once is not asked for the second."""
        for name, value in answer.get("also", {}).items():
            if name in self.definition.slots and not self.values.get(name):
                self.values[name] = value


class Ended(Exception):
    """The flow is over, wherever in it that was said."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def next_call(step: Step, state: State, here: str) -> Call:
    """The call that a `call` step makes now."""
    arguments = {name: fill_value(value, state.values) for name, value in (step.get("with") or {}).items()}
    return Call(step["call"], arguments, here)
