"""What is probably wrong with a flow, or missing: warnings and notes, which keep no flow out of force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.flow.conditions import paths_of
from kulanz.core.flow.texts import places
from kulanz.flows.actions import Action
from kulanz.flows.checking import ends, texts_of
from kulanz.flows.mistakes import Level, Mistake
from kulanz.flows.sources import Path as Place
from kulanz.flows.sources import Source, walk

CHOICE = "choice"
"""The row at hand in `value` and `label` of `choices`."""
_IN_TEXT = re.compile(r"\{([\w.]+)(?:\|\w+)?\}")


def hints(
    source: Source,
    others: Mapping[str, Source],
    actions: Mapping[str, Action],
    scripts: Mapping[str, Path] | None = None,
) -> list[Mistake]:
    """Warnings and notes about a flow without errors, in the order of its lines. `scripts` are the scripted
    conversations there are, by flow; None where nobody wants to know."""
    found = [
        *_unknown_values(source, others), *_unused(source, others), *_bare_writes(source, actions),
        *_behind_parts(source, others), *_shared_intents(source, others), *_untested(source, scripts),
    ]  # fmt: skip
    return sorted(set(found), key=lambda mistake: mistake.line)


def _at(source: Source, place: Place, text: str, level: Level = "warning") -> Mistake:
    return Mistake(source.file, source.line(place), text, level)


def _unknown_values(source: Source, others: Mapping[str, Source]) -> Iterator[Mistake]:
    """Places and conditions that look at what nothing ever sets."""
    known = set_names(source, others)
    for place, step in source.steps():
        for where, path in _looked_at(step):
            root, *inner = path.split(".")
            if root == CHOICE and where[0] in {"choices", "label"}:
                continue
            if root not in known:
                near = ", ".join(sorted(known)) or "nothing"
                yield _at(
                    source, (*place, *where), f"Nothing sets `{root}`, so `{path}` stays empty. Set here: {near}."
                )
            elif inner and known[root] and inner[0] not in known[root]:
                yield _at(source, (*place, *where), f"`{root}` never has `{inner[0]}`. It has: "
                          f"{', '.join(sorted(known[root]))}.")  # fmt: skip


def set_names(source: Source, others: Mapping[str, Source]) -> dict[str, frozenset[str]]:
    """Every name that a flow gives to values, and where they are those of a part, the names in it (else none)."""
    data = source.data
    known: dict[str, frozenset[str]] = {name: frozenset() for name in data.get("slots", {})}
    for _, step in source.steps():
        if "call" in step:
            known[step.get("into", "result")] = frozenset()
        elif "do" in step and step["do"] in others:
            known[step.get("into", step["do"])] = frozenset(set_names(others[step["do"]], others))
        elif "wait_for" in step:
            known[step.get("into", "event")] = frozenset()
        elif "choose" in step:
            known[step["choose"]] = frozenset()
        known |= {name: frozenset() for name in step.get("set", ())}
    if not data.get("intents") and not data.get("events"):
        known |= {name: frozenset() for name in _given(data["flow"], others)}
    return known


def _given(name: str, others: Mapping[str, Source]) -> set[str]:
    """What other flows hand to this part."""
    calls = [step for other in others.values() for _, step in other.steps() if step.get("do") == name]
    return {given for step in calls for given in step.get("with", ())}


def _looked_at(step: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Every path that a step looks at, with its place in the step."""
    for where, text in texts_of(step):
        yield from ((where, path) for path, _ in places(text))
    for word in ("if", "check"):
        if word in step:
            yield from (((word,), path) for path in _paths(step[word]))
    for word in ("with", "set", "key"):
        yield from ((where, path) for where, path in _in_values(step.get(word), (word,)))
    if "choices" in step:
        yield ("choices", "from"), step["choices"]["from"]
        yield from _in_values(step["choices"]["value"], ("choices", "value"))


def _paths(condition: str) -> list[str]:
    try:
        return paths_of(condition)
    except InvalidInput:
        return []


def _in_values(value: Any, where: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield from ((where, path) for path in _IN_TEXT.findall(value))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _in_values(part, (*where, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _in_values(part, (*where, number))


def _unused(source: Source, others: Mapping[str, Source]) -> Iterator[Mistake]:
    """Slots that nothing looks at: whoever fills them has told it for nothing."""
    used = {path.split(".")[0] for _, step in source.steps() for _, path in _looked_at(step)}
    used |= {slot for part in source.parts() if part in others for slot in others[part].data.get("slots", {})}
    if not source.data.get("intents") and not source.data.get("events"):
        used |= {name for other in others.values() for name in other.data.get("slots", {}) if other is not source}
    for name in source.data.get("slots", {}):
        if name not in used:
            yield _at(source, ("slots", name), f"Nothing uses the slot `{name}`. Use it, or take it out.")


def _bare_writes(source: Source, actions: Mapping[str, Action]) -> Iterator[Mistake]:
    """Writes that say nothing of their own where they did not work out; a person comes then."""
    for place, step in source.steps():
        action = actions.get(step.get("call", ""))
        if action is None or not action.writes:
            continue
        words = {"on_refused": "the back office refuses it", "on_unknown": "its outcome is not known"}
        if action.approve_above is not None:
            words["on_declined"] = "a person does not approve it"
        for word, when in words.items():
            if not step.get(word):
                yield _at(source, place, f"`call: {step['call']}` has no `{word}`: where {when}, the customer only "
                          f"hears that a person takes over. Say what happened.")  # fmt: skip


def _behind_parts(source: Source, others: Mapping[str, Source]) -> Iterator[Mistake]:
    """Steps behind a part that always ends the whole flow."""
    for place, step in walk(source.data["steps"], ("steps",)):
        if "do" not in step or not part_ends(step["do"], others):
            continue
        *around, number = place
        steps: Any = source.data
        for part in around:
            steps = steps[part]
        if int(number) + 1 < len(steps) and list(steps[int(number) + 1]) != ["end"]:
            behind = (*around, int(number) + 1)
            yield _at(source, behind, f"This step can't be reached: `{step['do']}` always ends the flow. Take it out.")


def part_ends(name: str, others: Mapping[str, Source]) -> bool:
    """Whether every way through this part ends the whole flow."""
    return name in others and any(
        ends(step) or ("do" in step and part_ends(step["do"], others)) for step in others[name].data["steps"]
    )


def _shared_intents(source: Source, others: Mapping[str, Source]) -> Iterator[Mistake]:
    name = source.data["flow"]
    for number, intent in enumerate(source.data.get("intents", ())):
        for other in sorted(others):
            if other != name and intent in others[other].data.get("intents", ()):
                yield _at(source, ("intents", number), f"`{intent}` starts the flow {other} as well; only one of them "
                          "can begin. Take it out of one.")  # fmt: skip


def _untested(source: Source, scripts: Mapping[str, Path] | None) -> Iterator[Mistake]:
    name = source.data["flow"]
    starts = source.data.get("intents") or source.data.get("events")
    if scripts is not None and starts and name not in scripts:
        yield _at(source, (), f"No scripted conversation plays this flow. Write one: {name}.test.yaml.", "note")
