"""Flows in force: files, overridden by what was published on the desk; kept in the version that a run began with."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.flow import Definition, Slot
from kulanz.core.flow.definition import Texts
from kulanz.flows.actions import FILE, Action, actions, flow_folders
from kulanz.flows.checking import check_flow
from kulanz.flows.mistakes import Mistake
from kulanz.flows.models import EditionState, FlowEdition, FlowVersion
from kulanz.flows.sources import Source, read_source
from kulanz.settings.logging import logger

log = logger(__name__)
CHECK_EVERY = 2.0
"""Seconds between looks at what is published on the desk."""
SCRIPT = ".test.yaml"
"""How the names of scripted conversations end, which lie beside the flows."""


class _ActiveFlows:
    """The process's flows: files are read once, the desk's versions are followed at one cheap query every two seconds.
    Safe for threads: one loads, the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: dict[str, Source] = {}
        self._flows: Mapping[str, Definition] | None = None
        self._key: tuple[int, ...] = ()
        self._checked = float("-inf")

    def __call__(self) -> Mapping[str, Definition]:
        """Every flow in force, by name. Raises InvalidInput for files with mistakes."""
        if self._flows is not None and time.monotonic() - self._checked < CHECK_EVERY:
            return self._flows
        with self._lock:
            if self._flows is None or time.monotonic() - self._checked >= CHECK_EVERY:
                self._flows = self._newest()
                self._checked = time.monotonic()
            return self._flows

    def _newest(self) -> Mapping[str, Definition]:
        published = FlowEdition.objects.filter(state=EditionState.PUBLISHED).order_by("name")
        key = tuple(published.values_list("pk", flat=True))
        if self._flows is not None and key == self._key:
            return self._flows
        self._sources = self._sources or _checked_files()
        self._key = key
        return _combined(self._sources, published_sources(), actions())

    def cache_clear(self) -> None:
        """Everything is read anew at the next call: after other settings, and between tests."""
        self._sources, self._flows, self._key = {}, None, ()
        self.look_again()

    def look_again(self) -> None:
        """Makes the next call look at what is published: after publishing in this process."""
        self._checked = float("-inf")


active_flows = _ActiveFlows()


def handover_labels() -> Mapping[str, Texts]:
    """The reasons of the active flows for calling a person, in agents' words, by their codes."""
    flows = active_flows()
    return _labels(tuple(flow.version for flow in flows.values()))


@lru_cache(maxsize=4)
def _labels(versions: tuple[str, ...]) -> Mapping[str, Texts]:  # noqa: ARG001 - what the cache goes by
    found: dict[str, Texts] = {}
    todo: list[Any] = [flow.steps for flow in active_flows().values()]
    while todo:
        part = todo.pop()
        if isinstance(part, Mapping):
            if "hand_over" in part and "label" in part:
                found[part["hand_over"]] = part["label"]
            todo += part.values()
        elif isinstance(part, list | tuple):
            todo += part
    return found


def flow_files(folder: Path) -> dict[str, Path]:
    """The flow files of a folder by name, without its actions and scripted conversations."""
    files = (file for file in sorted(folder.glob("*.yaml")) if file.name != FILE and not file.name.endswith(SCRIPT))
    return {file.stem: file for file in files}


def file_sources() -> dict[str, Source]:
    """Every flow file, by name. Raises InvalidInput, naming each that is no YAML."""
    files = {name: file for folder in flow_folders() for name, file in flow_files(folder).items()}
    return _read(files)


def sources_in(folder: Path) -> dict[str, Source]:
    """The flow files of one folder, by name. Raises InvalidInput, naming each that is no YAML."""
    return _read(flow_files(folder))


def _read(files: Mapping[str, Path]) -> dict[str, Source]:
    found: dict[str, Source] = {}
    problems: list[str] = []
    for name, file in files.items():
        try:
            found[name] = read_source(file.read_text(encoding="utf-8"), file.name)
        except InvalidInput as error:
            problems.append(str(error))
        except UnicodeDecodeError:
            problems.append(f"{file.name}:1: This is no text in UTF-8. Save it anew.")
    if problems:
        raise InvalidInput("\n".join(problems))
    return found


def _checked_files() -> dict[str, Source]:
    sources = file_sources()
    _check(sources, actions())
    return sources


def _check(sources: Mapping[str, Source], known_actions: Mapping[str, Action]) -> None:
    if mistakes := mistakes_of(sources, known_actions):
        raise InvalidInput("\n".join(map(str, mistakes)))


def mistakes_of(sources: Mapping[str, Source], known_actions: Mapping[str, Action]) -> list[Mistake]:
    return [m for source in sources.values() for m in check_flow(source, sources, known_actions)]


def published_sources() -> dict[str, Source]:
    """What is published on the desk, by name; left out where it can't be read any more."""
    found: dict[str, Source] = {}
    for edition in FlowEdition.objects.filter(state=EditionState.PUBLISHED).order_by("name"):
        try:
            found[edition.name] = read_source(edition.text, f"{edition.name}.yaml")
        except InvalidInput as error:
            log.error("a published flow can't be read", flow=edition.name, problem=str(error))  # noqa: TRY400
    return found


def _combined(
    files: Mapping[str, Source], published: Mapping[str, Source], known_actions: Mapping[str, Action]
) -> dict[str, Definition]:
    """Files and published versions together. A version that no longer fits (an action is gone) gives way to its file,
    so that one flow's trouble stays its own."""
    while True:
        sources = {**files, **published}
        wrong = {name: check_flow(source, sources, known_actions) for name, source in published.items()}
        broken = {name for name, mistakes in wrong.items() if mistakes}
        if not broken:
            break
        for name in broken:
            log.error("a published flow does not fit any more", flow=name, problem=str(wrong[name][0]))
        published = {name: source for name, source in published.items() if name not in broken}
    return _made(sources)


def _made(sources: Mapping[str, Source]) -> dict[str, Definition]:
    return {name: definition_of(source, sources) for name, source in sources.items()}


def load_flows(folder: Path, known_actions: Mapping[str, Action]) -> dict[str, Definition]:
    """The flows of a folder. Raises InvalidInput, naming every mistake with its file and line."""
    sources = sources_in(folder)
    _check(sources, known_actions)
    return _made(sources)


def definition_of(source: Source, sources: Mapping[str, Source]) -> Definition:
    """The definition of a checked source, with those of its parts."""
    parts = {name: definition_of(sources[name], sources) for name in source.parts()}
    return definition_from_dict({**source.data, "parts": {n: _as_dict(part) for n, part in parts.items()}})


def definition_from_dict(data: Mapping[str, Any]) -> Definition:
    """A definition from what was read or stored; its version is the hash of all that it consists of."""
    slots = {
        name: Slot(name, s["entity"], s.get("from_customer", ""), bool(s.get("or_text")))
        for name, s in data.get("slots", {}).items()
    }
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
        "slots": {s.name: _slot_as_dict(s) for s in definition.slots.values()},
        "steps": [dict(step) for step in definition.steps],
        "parts": {name: _as_dict(part) for name, part in definition.parts.items()},
    }


def _slot_as_dict(slot: Slot) -> dict[str, Any]:
    words = {"or_text": True} if slot.or_text else {}
    return {"entity": slot.entity, "from_customer": slot.from_customer, **words}


def stored_definition(name: str, version: str) -> Definition:
    """The definition a run began with: the one in force while it is the same, else from the store."""
    current = active_flows().get(name)
    if current and current.version == version:
        return current
    return replace(definition_from_dict(FlowVersion.objects.get(version=version).data), version=version)


def do_store_version(definition: Definition) -> None:
    """Keeps a definition for the runs that begin with it."""
    FlowVersion.objects.get_or_create(version=definition.version, defaults={"data": _as_dict(definition)})
