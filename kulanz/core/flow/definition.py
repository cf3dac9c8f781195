"""A flow as it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Texts = Mapping[str, str]
"""Language → text, with `{path.to.value}` places, optionally `|money` or `|date`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something the flow must know. `entity` is the kind that fills it; `from_customer` a field of the record;
    `or_text` says that words do where a file is asked for."""

    name: str
    entity: str
    from_customer: str = ""
    or_text: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked flow. `steps` are mappings with one verb each, as in the file; `version` is the hash of the file and of
    its `parts`, the flows that it does on the way. `events` start it from outside."""

    name: str
    version: str
    title: Texts
    intents: tuple[str, ...]
    slots: Mapping[str, Slot]
    steps: tuple[Mapping[str, Any], ...]
    events: tuple[str, ...] = ()
    parts: Mapping[str, Definition] = field(default_factory=dict)
