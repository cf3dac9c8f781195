"""`confirm`: show exactly what the next step will do, and go on only after an explicit yes."""

from __future__ import annotations

from kulanz.core.flow.effects import Confirm, Steps
from kulanz.core.flow.state import Ended, State, Step, next_call


def play(step: Step, state: State, here: str, following: Step, there: str) -> Steps:
    """`following` is the call that is agreed to, at the path `there`; the checks of a flow see to it that it is one."""
    call = next_call(following, state, there)
    answer = yield Confirm(step["confirm"], step["again"], dict(state.values), call)
    state.take(answer)
    if not answer["value"]:
        yield from state.inner(step["declined"], state, f"{here}/declined")
        raise Ended("declined")
    state.consents[there] = answer
