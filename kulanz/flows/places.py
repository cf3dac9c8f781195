"""Where a flow's steps are, by the engine's paths: `/3/then/0` is the first step of the way `then` of the fourth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kulanz.core.flow import Call, Definition, HandOver, Say, Wait, effects_of, run
from kulanz.flows.sources import branches

Step = Mapping[str, Any]


def ways(step: Step) -> Iterator[tuple[str, str, Sequence[Step]]]:
    """The lists of steps inside a step: the word of the file (or the option), the engine's word, and the steps."""
    for where, steps in branches(step):
        word = str(where[1] if len(where) > 1 else where[0])
        yield word, _in_engine(step, word), steps


def _in_engine(step: Step, word: str) -> str:
    if "call" in step:
        return "failed"
    return "then" if "wait_for" in step else word


def walk_places(definition: Definition) -> Iterator[tuple[str, Step]]:
    """Every step with its path, in the order of the file; those of parts stand below the step that does the part."""
    yield from _walk(definition.steps, "", definition)


def _walk(steps: Sequence[Step], path: str, definition: Definition | None) -> Iterator[tuple[str, Step]]:
    for number, step in enumerate(steps):
        here = f"{path}/{number}"
        yield here, step
        if "do" in step and definition:
            part = definition.parts[step["do"]]
            yield from _walk(part.steps, f"{here}/{part.name}", part)
        for _, word, inner in ways(step):
            yield from _walk(inner, f"{here}/{word}", definition)


def place_of(definition: Definition, state: Mapping[str, Any]) -> str:
    """The path of the step at which a run stands: the one whose effect its log does not answer, or where it was
    handed over. '' where that can't be told."""
    known, log = state.get("known", {}), state.get("log", [])
    done = effects_of(definition, known, log)
    generator = run(definition, known)
    effect: Any = next(generator, None)
    for result in log:
        try:
            effect = generator.send(result)
        except StopIteration:
            effect = None
            break
    places = list(walk_places(definition))
    effects = [effect, *(passed for passed, _ in reversed(done))]
    asked = (passed for passed in effects[1:] if not isinstance(passed, Say))
    last = next((place for passed in asked if (place := _placed(passed, places))), "")
    if isinstance(effect, HandOver):
        return _handed_over(effect, places, last) or last
    return _placed(effect, places) or last


def _placed(effect: Any, places: Sequence[tuple[str, Step]]) -> str:
    """The step of an effect: a call knows its path; what is said is the very text of its step."""
    if isinstance(effect, Call):
        return effect.step
    texts = {id(text) for text in (getattr(effect, "text", None), getattr(effect, "again", None)) if text}
    for path, step in places:
        shown = (step.get(word) for word in ("say", "text", "confirm", "invalid", "again"))
        if texts & {id(text) for text in shown if text}:
            return path
        if isinstance(effect, Wait) and step.get("wait_for") == effect.event and not effect.text:
            return path
    return ""


def _handed_over(effect: HandOver, places: Sequence[tuple[str, Step]], last: str) -> str:
    """The `hand_over` after the last effect; without one of this reason it was the last step's own doing."""
    paths = [path for path, _ in places]
    behind = places[paths.index(last) + 1 :] if last in paths else places
    return next((path for path, step in behind if step.get("hand_over") == effect.reason), "")


def shown_place(flow: Definition, place: str) -> str:
    """The path of the flow's own step that a place belongs to: that of the step which does the part it lies in."""
    own = {path for path, _ in _walk(flow.steps, "", None)}
    while place and place not in own:
        place = place.rpartition("/")[0]
    return place
