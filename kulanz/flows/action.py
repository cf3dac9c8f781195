"""An action: what a flow may do in a back office, and the rules that hold for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kulanz.flows.back_offices.operation import Operation

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
    office: str = ""
