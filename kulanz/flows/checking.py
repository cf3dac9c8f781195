"""What is wrong with a flow file: each mistake with its place and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from kulanz.core.errors import InvalidInput
from kulanz.core.files import KINDS
from kulanz.core.flow import check_condition
from kulanz.core.flow.steps.wait_for import seconds_of
from kulanz.core.flow.texts import STYLES, places
from kulanz.flows.actions import Action
from kulanz.flows.mistakes import Mistake, said
from kulanz.flows.sources import Path as Place
from kulanz.flows.sources import Source, branches

SCHEMA = Path(__file__).with_name("schema.json")
NAMES_OF_STEPS = (
    "say", "ask", "choose", "call", "confirm", "set", "if", "do", "wait_for", "hand_over", "end",
)  # fmt: skip
ENDING = ("end", "hand_over")
TEXTS = ("say", "text", "again", "confirm", "invalid")


@lru_cache(maxsize=1)
def _validators() -> Mapping[str, Draft202012Validator]:
    """One for the whole file and one for each kind of step, so that a mistake in a step is told in its terms."""
    schema = json.loads(SCHEMA.read_text())
    kinds = {kind: {**schema, "$ref": f"#/$defs/{kind}"} for kind in NAMES_OF_STEPS}
    bare = ("type", "required", "properties", "additionalProperties")
    for kind in kinds.values():
        for name in bare:
            kind.pop(name, None)
    return {"": Draft202012Validator(schema), **{kind: Draft202012Validator(s) for kind, s in kinds.items()}}


def check_flow(source: Source, others: Mapping[str, Source], actions: Mapping[str, Action]) -> list[Mistake]:
    """Every mistake of a file, in the order of its lines. `others` are the flows beside it, by name."""
    found = list(_shape(source))
    if not found:
        found = [*_names(source, others), *_meaning(source, actions), *_flow_of(source, actions)]
    return sorted(set(found), key=lambda mistake: mistake.line)


@lru_cache(maxsize=256)
def _shape(source: Source) -> tuple[Mistake, ...]:
    return tuple(_misshapen(source))


def _misshapen(source: Source) -> Iterator[Mistake]:
    """What the schema says: first of each step by its own kind, then of the rest."""
    steps = dict(source.steps())
    wrong = False
    for place, step in steps.items():
        kinds = [kind for kind in NAMES_OF_STEPS if kind in step]
        if len(kinds) != 1:
            wrong = True
            is_what = "is both " + " and ".join(kinds) if kinds else f"is none of {', '.join(NAMES_OF_STEPS)}"
            yield _at(source, place, f"This step {is_what}. Give each step one of these words.")
            continue
        if mistake := best_match(_validators()[kinds[0]].iter_errors(_hollow(step))):
            wrong = True
            yield _at(source, (*place, *mistake.absolute_path), f"`{kinds[0]}`: {said(mistake)}")
    rest = {name: _stub(value) if name == "steps" else value for name, value in source.data.items()}
    if not wrong and (mistake := best_match(_validators()[""].iter_errors(rest))):
        yield _at(source, tuple(mistake.absolute_path), said(mistake))


def _hollow(step: Mapping[str, Any]) -> dict[str, Any]:
    """The step without the steps inside it, which are looked at by themselves."""
    hollow = dict(step)
    for where, inner in branches(step):
        stub = _stub(inner)
        if len(where) == 1:
            hollow[str(where[0])] = stub
        else:
            options = dict(hollow["options"])
            options[where[1]] = {**options[where[1]], "then": stub}
            hollow["options"] = options
    return hollow


def _stub(steps: Any) -> Any:
    """Stands for steps that are looked at by themselves; what is no list of steps stays as it is."""
    looked_at = isinstance(steps, list) and steps and all(isinstance(step, dict) for step in steps)
    return [{"end": "solved"}] if looked_at else steps


def _names(source: Source, others: Mapping[str, Source]) -> Iterator[Mistake]:
    name = source.data["flow"]
    if source.file != f"{name}.yaml":
        yield _at(source, ("flow",), f"The flow `{name}` stands in {source.file}. Name the file {name}.yaml.")
    for place, step in source.steps():
        if "do" in step and step["do"] not in others:
            yield _at(source, place, f"`do: {step['do']}` names no flow. There must be a file {step['do']}.yaml.")
        elif "do" in step and name in _reached(step["do"], others, set()):
            yield _at(source, place, f"`do: {step['do']}` leads back to this flow, so it would never end.")


def _reached(name: str, others: Mapping[str, Source], seen: set[str]) -> set[str]:
    if name not in seen and name in others:
        seen.add(name)
        for part in others[name].parts():
            _reached(part, others, seen)
    return seen


def _meaning(source: Source, actions: Mapping[str, Action]) -> Iterator[Mistake]:
    slots = source.data.get("slots", {})
    for name, slot in slots.items():
        if slot.get("or_text") and slot["entity"] not in KINDS:
            yield _at(source, ("slots", name), "`or_text` belongs to slots with `entity: photo` or `entity: file`.")
    for place, step in source.steps():
        if "ask" in step and step["ask"] not in slots:
            yield _at(source, place, f"`ask: {step['ask']}` names no slot. Add it under `slots`.")
        yield from _sent(source, place, step)
        if "call" in step and step["call"] not in actions:
            yield _at(source, place, f"`call: {step['call']}` names no action. Add it to actions.yaml.")
        for word in ("if", "check"):
            if word in step:
                yield from _condition(source, (*place, word), step[word])
        for word in ("at_most",):
            if word in step and seconds_of(step[word]) is None:
                yield _at(source, (*place, word), f"`{step[word]}` is no span of time. Write 30min, 24h or 14d.")
        yield from _texts(source, place, step)


def _sent(source: Source, place: Place, step: Mapping[str, Any]) -> Iterator[Mistake]:
    """What a question for a photo or a file can't have."""
    slot = source.data.get("slots", {}).get(step.get("ask", ""), {})
    if slot.get("entity") in KINDS and "choices" in step:
        told = "A file is sent, not chosen from a list. Put what may be answered instead under `options`."
        yield _at(source, (*place, "choices"), told)


def _condition(source: Source, place: Place, condition: str) -> Iterator[Mistake]:
    try:
        check_condition(condition)
    except InvalidInput as error:
        yield _at(source, place, str(error))


def _texts(source: Source, place: Place, step: Mapping[str, Any]) -> Iterator[Mistake]:
    for where, text in texts_of(step):
        if not text.strip():
            yield _at(source, (*place, *where), "This text is empty. Write it in both languages.")
        for path, style in places(text):
            if style and style not in STYLES:
                known = " and ".join(STYLES)
                yield _at(source, (*place, *where), f"`{{{path}|{style}}}`: there are the styles {known}.")


def texts_of(step: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Every text that a step shows, with its place in the step; labels of answers too."""
    for word in TEXTS:
        if isinstance(step.get(word), dict):
            yield from (((word, language), text) for language, text in step[word].items())
    for name, option in (step.get("options") or {}).items():
        yield from (((("options", name, "label", language)), text) for language, text in option["label"].items())
    if "choices" in step:
        yield from ((("choices", "label", language), text) for language, text in step["choices"]["label"].items())


def _flow_of(source: Source, actions: Mapping[str, Action]) -> Iterator[Mistake]:
    """What follows what: a confirmation belongs to the write after it, and nothing stands behind an end."""
    yield from _in_order(source, source.data["steps"], ("steps",), actions)


def _in_order(source: Source, steps: Any, path: Place, actions: Mapping[str, Action]) -> Iterator[Mistake]:
    for number, step in enumerate(steps):
        here = (*path, number)
        after = steps[number + 1] if number + 1 < len(steps) else {}
        before = steps[number - 1] if number else {}
        if "confirm" in step and not _writes(after, actions):
            yield _at(source, here, "`confirm` must stand right before the `call` that writes, in the same list.")
        if _writes(step, actions) and "confirm" not in before:
            yield _at(source, here, f"`call: {step['call']}` writes; put a `confirm` step right before it.")
        if after and ends(step):
            yield _at(source, (*path, number + 1), "This step can't be reached: every way before it ends.")
        for where, inner in branches(step):
            yield from _in_order(source, inner, (*here, *where), actions)


def _writes(step: Mapping[str, Any], actions: Mapping[str, Action]) -> bool:
    return "call" in step and step["call"] in actions and actions[step["call"]].writes


def ends(step: Mapping[str, Any]) -> bool:
    """Whether no way leads beyond this step."""
    if any(word in step for word in ENDING):
        return True
    if "if" in step:
        return bool(step.get("then")) and bool(step.get("else")) and _all_end(step["then"]) and _all_end(step["else"])
    if "choose" in step:
        return all(option.get("then") and _all_end(option["then"]) for option in step["options"].values())
    return False


def _all_end(steps: Any) -> bool:
    return any(ends(step) for step in steps)


def _at(source: Source, place: Place, text: str) -> Mistake:
    return Mistake(source.file, source.line(place), text)
