"""`if`: one of two ways, by what is known."""

from __future__ import annotations

from kulanz.core.flow.conditions import holds
from kulanz.core.flow.effects import Steps
from kulanz.core.flow.state import State, Step


def play(step: Step, state: State, here: str) -> Steps:
    branch = "then" if holds(step["if"], state.values) else "else"
    yield from state.inner(step.get(branch) or [], state, f"{here}/{branch}")
