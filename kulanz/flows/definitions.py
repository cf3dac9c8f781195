"""Flow files: read, checked, and kept in the version that a running flow began with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import Definition, Slot
from kulanz.flows.actions import FILE, Action, actions, flow_folders
from kulanz.flows.checking import check_flow
from kulanz.flows.models import FlowVersion
from kulanz.flows.sources import Source, read_source


@lru_cache(maxsize=1)
def active_flows() -> Mapping[str, Definition]:
    """Every flow in force, by name. Raises InvalidInput for the first file with a mistake."""
    found: dict[str, Definition] = {}
    for folder in flow_folders():
        found |= load_flows(folder, actions())
    return found


def load_flows(folder: Path, known_actions: Mapping[str, Action]) -> dict[str, Definition]:
    """The flows of a folder. Raises InvalidInput, naming every mistake with its file and line."""
    files = {file.stem: file for file in sorted(folder.glob("*.yaml")) if file.name != FILE}
    sources = {name: read_source(file.read_text(encoding="utf-8"), file.name) for name, file in files.items()}
    mistakes = [m for source in sources.values() for m in check_flow(source, sources, known_actions)]
    if mistakes:
        raise InvalidInput("\n".join(map(str, mistakes)))
    return {name: _definition(source, sources) for name, source in sources.items()}


def _definition(source: Source, sources: Mapping[str, Source]) -> Definition:
    parts = {name: _definition(sources[name], sources) for name in source.parts()}
    return definition_from_dict({**source.data, "parts": {n: _as_dict(part) for n, part in parts.items()}})


def definition_from_dict(data: Mapping[str, Any]) -> Definition:
    """A definition from what was read or stored; its version is the hash of all that it consists of."""
    slots = {name: Slot(name, s["entity"], s.get("from_customer", "")) for name, s in data.get("slots", {}).items()}
    parts = {name: definition_from_dict(part) for name, part in data.get("parts", {}).items()}
    whole = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return Definition(
        data["flow"], hashlib.sha256(whole.encode()).hexdigest()[:16], data["title"], tuple(data.get("intents", ())),
        slots, tuple(data["steps"]), tuple(data.get("events", ())), parts,
    )  # fmt: skip


def _as_dict(definition: Definition) -> dict[str, Any]:
    return {
        "flow": definition.name,
        "title": dict(definition.title),
        "intents": list(definition.intents),
        "events": list(definition.events),
        "slots": {s.name: {"entity": s.entity, "from_customer": s.from_customer} for s in definition.slots.values()},
        "steps": [dict(step) for step in definition.steps],
        "parts": {name: _as_dict(part) for name, part in definition.parts.items()},
    }


def stored_definition(name: str, version: str) -> Definition:
    """The definition a run began with, from the files while they are the same, else from the store."""
    current = active_flows().get(name)
    if current and current.version == version:
        return current
    return replace(definition_from_dict(FlowVersion.objects.get(version=version).data), version=version)


def do_store_version(definition: Definition) -> None:
    """Keeps a definition for the runs that begin with it."""
    FlowVersion.objects.get_or_create(version=definition.version, defaults={"data": _as_dict(definition)})
