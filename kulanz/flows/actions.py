"""Actions: what a flow may do in back offices, described in `flows/actions.yaml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from django.conf import settings
from django.utils.module_loading import import_string

from kulanz.core.errors import InvalidInput
from kulanz.core.flow.steps.wait_for import seconds_of
from kulanz.flows.back_offices.http import HttpOperation
from kulanz.flows.back_offices.operation import Operation

FILE = "actions.yaml"
Duplicates = Literal["key", "reference", "none"]
Level = Literal["anonymous", "claimed", "verified", "strong"]
LEVELS: tuple[Level, ...] = ("anonymous", "claimed", "verified", "strong")


@dataclass(frozen=True, slots=True)
class Undo:
    """How an action is taken back within `seconds`: another action, its arguments from this one's and its `receipt`."""

    action: str
    arguments: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Action:
    """One operation of a back office, and the rules that hold for it.

    `duplicates` is how the back office tells a second request from the first: by its `key`, by a `reference` that can
    be looked up, or not at all (`none`). `about` names the arguments by which two wishes are the same, whoever says
    so; without them it is all arguments of one customer. For `same_for` seconds (None: always) such a wish is told
    as done already, and `repeatable` says whether it can be done again at all. `amount` is the path of the sum of money
    in the arguments, `at_most` its limit, and above `approve_above` a person agrees first.
    """

    name: str
    operation: Operation
    writes: bool = False
    tier: Literal["low", "medium", "high"] = "low"
    level: Level = "anonymous"
    duplicates: Duplicates = "none"
    about: tuple[str, ...] = ()
    same_for: float | None = None
    repeatable: bool = True
    amount: str = ""
    at_most: float | None = None
    approve_above: float | None = None
    per_day: int | None = None
    undo: Undo | None = None
    reference: str = ""
    summary: Mapping[str, str] = field(default_factory=dict)


def flow_folders() -> list[Path]:
    """Where flows and actions lie: `flows` in the data folder, and in demo mode the demo company's."""
    own = settings.DATA_DIR / "flows"
    demo = settings.PACKAGE / "demo" / "flows"
    return [folder for folder in ([own, demo] if settings.DEMO else [own]) if folder.is_dir()]


@lru_cache(maxsize=1)
def actions() -> Mapping[str, Action]:
    """Every action, from `flows/actions.yaml` in the data folder, and in demo mode the demo company's."""
    found: dict[str, Action] = {}
    for folder in flow_folders():
        file = folder / FILE
        if file.exists():
            found |= read_actions(yaml.safe_load(file.read_text(encoding="utf-8")), file.name)
    return found


def read_actions(data: Mapping[str, Any], where: str) -> dict[str, Action]:
    """The actions of one file. Raises InvalidInput, naming the entry."""
    try:
        offices = dict(data["back_offices"])
        return {name: _action(name, entry, offices) for name, entry in data["actions"].items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidInput(f"{where} lacks or misplaces an entry: {error}. docs/flows.md shows a full one.") from error


def _action(name: str, entry: Mapping[str, Any], offices: Mapping[str, Any]) -> Action:
    office = offices[entry["at"]] if "at" in entry else next(iter(offices.values()))
    undo = entry.get("undo")
    return Action(
        name=name,
        operation=_operation(name, entry, office),
        writes=bool(entry.get("writes", False)),
        tier=entry.get("tier", "low"),
        level=entry.get("level", "anonymous"),
        duplicates=entry.get("duplicates", "none"),
        about=tuple(entry.get("about", ())),
        same_for=_seconds(entry["same_for"]) if "same_for" in entry else None,
        repeatable=bool(entry.get("repeatable", True)),
        amount=entry.get("amount", ""),
        at_most=_number(entry.get("at_most")),
        approve_above=_number(entry.get("approve_above")),
        per_day=entry.get("per_day"),
        undo=Undo(undo["action"], undo.get("with", {}), _seconds(undo["within"])) if undo else None,
        reference=entry.get("reference", ""),
        summary=entry.get("summary", {}),
    )


def _operation(name: str, entry: Mapping[str, Any], office: Mapping[str, Any]) -> Operation:
    base = str(office["url"]).replace("{base_url}", settings.BASE_URL).rstrip("/")
    return HttpOperation(
        name=name,
        method=entry["method"].upper(),
        url=base + entry["path"],
        header=(office.get("key_header", ""), _secret(office)),
        timeout=float(entry.get("timeout", office.get("timeout", 5))),
        query=tuple(entry.get("query", ())),
        found_at=base + entry["look_up"] if entry.get("look_up") else "",
    )


def _seconds(span: str) -> float:
    seconds = seconds_of(str(span))
    if seconds is None:
        raise ValueError(f"`{span}` is no span of time such as 30min, 24h or 14d")
    return seconds


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _secret(office: Mapping[str, Any]) -> str:
    """The key of the back office, from the environment variable named; the demo's is made by its own function."""
    if "key_function" in office:
        return str(import_string(office["key_function"])())
    return os.environ.get(office["key_env"], "") if "key_env" in office else ""
