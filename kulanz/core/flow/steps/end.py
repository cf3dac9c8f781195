"""`end`: the flow is over."""

from __future__ import annotations

from kulanz.core.flow.effects import Steps
from kulanz.core.flow.state import Ended, State, Step


def play(step: Step, state: State, here: str) -> Steps:  # noqa: ARG001 - all steps are played alike
    yield from ()
    raise Ended(step["end"])
