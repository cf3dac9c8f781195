"""`wait_for`: go on when something has happened outside, or when the time is over."""

from __future__ import annotations

import re

from kulanz.core.flow.effects import Steps, Wait
from kulanz.core.flow.state import State, Step
from kulanz.core.flow.texts import fill

_SPAN = re.compile(r"(\d{1,5})\s*(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
TIME = "time"
"""The event's name where only the time is waited for."""


def seconds_of(span: str) -> float | None:
    """`14d`, `2h`, `30min` in seconds; None where it is no span."""
    match = _SPAN.fullmatch(span.strip())
    return float(int(match[1]) * _SECONDS[match[2]]) if match else None


def play(step: Step, state: State, here: str) -> Steps:
    span = step.get("at_most", "")
    result = yield Wait(
        step["wait_for"], fill(str(step.get("key", "")), state.values, "en"), seconds_of(span), step.get("text"),
        dict(state.values),
    )  # fmt: skip
    state.values[step.get("into", "event")] = result["data"]
    late = result["late"] and step["wait_for"] != TIME
    yield from state.inner((step.get("late") if late else step.get("then")) or [], state, f"{here}/then")
