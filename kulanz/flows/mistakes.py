"""What is wrong with a file, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jsonschema import ValidationError

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: file, line from 1, and a sentence that says what to do. An error keeps the file out of force, a
    warning and a note do not."""

    file: str
    line: int
    text: str
    level: Level = "error"

    def __str__(self) -> str:
        mark = "" if self.level == "error" else f"{self.level}: "
        return f"{self.file}:{self.line}: {mark}{self.text}"


def said(mistake: ValidationError) -> str:
    """What a schema has against an entry, as a sentence."""
    if mistake.validator == "additionalProperties" and isinstance(mistake.schema, Mapping):
        allowed = ", ".join(mistake.schema.get("properties", {}))
        return f"{mistake.message}. Known here: {allowed}."
    if mistake.validator == "type" and isinstance(mistake.instance, bool):
        return f"{mistake.message}. Put yes, no, on and off in quotes."
    return f"{mistake.message}."
