"""`do`: a part that several flows share, with values of its own."""

from __future__ import annotations

from kulanz.core.flow.effects import Steps
from kulanz.core.flow.state import State, Step
from kulanz.core.flow.texts import fill_value


def play(step: Step, state: State, here: str) -> Steps:
    """The part begins with the slots that are known here and what `with` adds; `into` names its values afterwards."""
    part = state.definition.parts[step["do"]]
    shared = {name: state.values[name] for name in part.slots if state.values.get(name)}
    given = {name: fill_value(value, state.values) for name, value in (step.get("with") or {}).items()}
    inside = State(part, {**shared, **given}, state.inner)
    yield from state.inner(part.steps, inside, f"{here}/{part.name}")
    state.values[step.get("into", part.name)] = inside.values
    state.take({"also": {name: inside.values.get(name) for name in part.slots}})
