"""`say`: tell the customer something."""

from __future__ import annotations

from kulanz.core.flow.effects import Say, Steps
from kulanz.core.flow.state import State, Step


def play(step: Step, state: State, here: str) -> Steps:  # noqa: ARG001 - all steps are played alike
    yield Say(step["say"], dict(state.values))
