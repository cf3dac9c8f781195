"""`call`: an action in a back office, and what follows from how it ended."""

from __future__ import annotations

from dataclasses import replace

from kulanz.core.flow.effects import Steps
from kulanz.core.flow.state import State, Step, next_call


def play(step: Step, state: State, here: str) -> Steps:
    """One yes is good for one call. What is not done takes its branch (`on_refused`, `on_unknown`), else a person."""
    call = next_call(step, state, here)
    result = yield replace(call, consent=state.consents.pop(here, {}))
    state.values[step.get("into", "result")] = result["data"]
    status = result["status"]
    if status != "done":
        branch = step.get(f"on_{status}") or [{"hand_over": "action_failed"}]
        yield from state.inner(branch, state, f"{here}/failed")
