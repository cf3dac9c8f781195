"""Plays a flow: a generator that yields effects and receives their results.

It does no input or output, so the same flow runs live, in tests and in simulation. A waiting flow is stored as
the list of results it has received (its *log*); to go on, the generator is run again from the start and fed the
log. Nothing but the log can differ between two runs, so the flow stands where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kulanz.core.flow.definition import Definition
from kulanz.core.flow.effects import Effect, Outcome, Run, Steps
from kulanz.core.flow.state import Ended, State, Step
from kulanz.core.flow.steps import ask, branch, call, choose, confirm, do, end, hand_over, say, wait_for
from kulanz.core.flow.steps import set as set_values

KINDS: Mapping[str, Callable[[Step, State, str], Steps]] = {
    "say": say.play, "ask": ask.play, "choose": choose.play, "call": call.play, "set": set_values.play,
    "if": branch.play, "do": do.play, "wait_for": wait_for.play, "hand_over": hand_over.play, "end": end.play,
}  # fmt: skip
"""Every kind of step but `confirm`, which belongs to the step after it."""


def run(definition: Definition, known: Mapping[str, Any]) -> Run:
    """Plays the flow. `known` holds slot values that need no question. Returns the outcome."""
    state = State(definition, dict(known), _steps)
    try:
        yield from _steps(definition.steps, state, "")
    except Ended as ended:
        return ended.outcome
    return "solved"


def going_on(generator: Run, result: Any) -> Effect | Outcome:
    """The next effect after this result (None at the start); at the end the outcome."""
    try:
        return generator.send(result)
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome


def replay(definition: Definition, known: Mapping[str, Any], log: Sequence[Any]) -> tuple[Run, Effect | Outcome]:
    """The flow where it stands after these results: its generator, and the effect that is open (or the outcome)."""
    generator = run(definition, known)
    effect = going_on(generator, None)
    for result in log:
        effect = going_on(generator, result)
    return generator, effect


def kind_of(step: Step) -> str:
    """The verb of a step."""
    return "confirm" if "confirm" in step else next(kind for kind in KINDS if kind in step)


def _steps(steps: Sequence[Step], state: State, path: str) -> Steps:
    for number, step in enumerate(steps):
        here = f"{path}/{number}"
        if "confirm" in step:
            yield from confirm.play(step, state, here, steps[number + 1], f"{path}/{number + 1}")
        else:
            yield from KINDS[kind_of(step)](step, state, here)


def effects_of(definition: Definition, known: Mapping[str, Any], log: Sequence[Any]) -> list[tuple[Any, Any]]:
    """What a flow has done so far, each effect with its result."""
    generator, done = run(definition, known), []
    effect: Any = next(generator, None)
    for result in log:
        done.append((effect, result))
        try:
            effect = generator.send(result)
        except StopIteration:
            break
    return done
