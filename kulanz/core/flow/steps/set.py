"""`set`: give names to values."""

from __future__ import annotations

from kulanz.core.flow.effects import Steps
from kulanz.core.flow.state import State, Step
from kulanz.core.flow.texts import fill_value


def play(step: Step, state: State, here: str) -> Steps:  # noqa: ARG001 - all steps are played alike
    state.values.update({name: fill_value(value, state.values) for name, value in step["set"].items()})
    yield from ()
