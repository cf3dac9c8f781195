"""Flow files: read, checked, and kept in the version that a running flow began with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import Definition, Slot, check_condition
from kulanz.flows.actions import Action, actions, flow_folders
from kulanz.flows.models import FlowVersion

VALIDATOR = Draft202012Validator(json.loads(Path(__file__).with_name("schema.json").read_text()))


@lru_cache(maxsize=1)
def active_flows() -> Mapping[str, Definition]:
    """Every flow in force, by name. Raises InvalidInput for the first one with a mistake."""
    found: dict[str, Definition] = {}
    for folder in flow_folders():
        for file in sorted(folder.glob("*.yaml")):
            if file.name != "actions.yaml":
                definition = load_flow(file, actions())
                found[definition.name] = definition
    return found


def load_flow(file: Path, known_actions: Mapping[str, Action]) -> Definition:
    """Reads one flow file and checks it: shape, slots, actions, and no write without a confirmation before it."""
    raw = file.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{file.name} is no valid YAML: {error}") from error
    if mistake := best_match(VALIDATOR.iter_errors(data)):
        where = "/".join(str(p) for p in mistake.absolute_path) or "the file"
        raise InvalidInput(f"{file.name}, {where}: {mistake.message}")
    _check_steps(file.name, data, known_actions)
    return definition_from_dict(data, hashlib.sha256(raw.encode()).hexdigest()[:16])


def definition_from_dict(data: dict[str, Any], version: str) -> Definition:
    slots = {name: Slot(name, s["entity"], s.get("from_customer", "")) for name, s in data.get("slots", {}).items()}
    return Definition(data["flow"], version, data["title"], tuple(data["intents"]), slots, tuple(data["steps"]))


def _check_steps(name: str, data: dict[str, Any], known: Mapping[str, Action]) -> None:
    for step, confirmed in _walk(data["steps"], confirmed=False):
        if "ask" in step and step["ask"] not in data.get("slots", {}):
            raise InvalidInput(f"{name}: `ask: {step['ask']}` names no slot. Add it under `slots`.")
        if "if" in step and not check_condition(step["if"]):
            raise InvalidInput(f"{name}: `if: {step['if']}` can't be read. Use `a.b` or `a.b == 'value'`.")
        if "call" in step:
            action = known.get(step["call"])
            if action is None:
                raise InvalidInput(f"{name}: `call: {step['call']}` names no action. Add it to actions.yaml.")
            if action.writes and not confirmed:
                raise InvalidInput(f"{name}: `call: {action.name}` writes; put a `confirm` step before it.")


def _walk(steps: list[dict[str, Any]], *, confirmed: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every step with whether a confirmation stands before it on every way to it."""
    for step in steps:
        yield step, confirmed
        for branch in ("then", "else", "declined", "on_refused", "on_unknown"):
            # what follows a call has had that call's confirmation; a declined one has not
            yield from _walk(step.get(branch) or [], confirmed=confirmed and branch != "declined")
        if "confirm" in step:
            confirmed = True
        elif "call" in step and confirmed:
            confirmed = False  # one yes is good for one call


def stored_definition(name: str, version: str) -> Definition:
    """The definition a run began with, from the files while they are the same, else from the store."""
    current = active_flows().get(name)
    if current and current.version == version:
        return current
    return definition_from_dict(FlowVersion.objects.get(version=version).data, version)


def do_store_version(definition: Definition) -> None:
    """Keeps a definition for the runs that begin with it."""
    data = {
        "flow": definition.name,
        "title": dict(definition.title),
        "intents": list(definition.intents),
        "slots": {s.name: {"entity": s.entity, "from_customer": s.from_customer} for s in definition.slots.values()},
        "steps": [dict(step) for step in definition.steps],
    }
    FlowVersion.objects.get_or_create(version=definition.version, defaults={"data": data})
