"""`choose`: let the customer pick one of several ways, each with steps of its own."""

from __future__ import annotations

from kulanz.core.flow.definition import Slot
from kulanz.core.flow.effects import Ask, Steps
from kulanz.core.flow.state import State, Step
from kulanz.core.flow.steps.ask import choices_of


def play(step: Step, state: State, here: str) -> Steps:
    """Asks unless the value is known already, then plays the steps of the way that was chosen."""
    name, choices = step["choose"], choices_of(step, state.values)
    if state.values.get(name) not in [choice.value for choice in choices]:
        slot = state.definition.slots.get(name) or Slot(name, "choice")
        answer = yield Ask(slot, step["text"], step["again"], dict(state.values), choices)
        state.values[name] = answer["value"]
        state.take(answer)
    chosen = state.values[name]
    yield from state.inner(step["options"][chosen].get("then") or [], state, f"{here}/{chosen}")
