"""Numbers a company gives: orders, invoices, customers, by the patterns of a YAML file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from kulanz.core.errors import InvalidInput
from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence

DEFAULT_FILE = Path(__file__).with_name("entities.yaml")
_SEPARATOR = r"[ ./_–-]{0,3}"


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """One way to write a number of `kind`; `value` is a template filled by the pattern's named groups."""

    kind: str
    value: str
    pattern: re.Pattern[str]
    probability: float
    context: re.Pattern[str] | None


@lru_cache(maxsize=8)
def load_patterns(path: Path = DEFAULT_FILE) -> tuple[NumberPattern, ...]:
    """Reads a patterns file. Raises `InvalidInput` naming the kind that can't be used."""
    try:
        kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path}: the entity patterns can't be read: {error}") from error
    if not isinstance(kinds, dict):
        raise InvalidInput(f"{path}: expected a mapping from the kind of number to its patterns")
    return tuple(pattern for kind, spec in kinds.items() for pattern in _of_kind(path, str(kind), spec))


def _of_kind(path: Path, kind: str, spec: dict[str, object]) -> Iterator[NumberPattern]:
    try:
        context = re.compile(str(spec["context"]), re.IGNORECASE) if "context" in spec else None
        patterns = spec["patterns"]
        if not isinstance(patterns, list):
            raise TypeError("patterns must be a list")
        for entry in patterns:
            source = re.compile(str(entry["pattern"]).replace("{sep}", _SEPARATOR), re.IGNORECASE)
            template = str(spec["value"])
            template.format(**dict.fromkeys(source.groupindex, "1"))
            yield NumberPattern(kind, template, source, float(entry["probability"]), context)
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise InvalidInput(f"{path}: the patterns of {kind!r} can't be used: {error!r}") from error


def find_numbers(text: str, patterns: tuple[NumberPattern, ...]) -> Iterator[Entity]:
    """Candidates, surest patterns first within each kind; they may overlap."""
    for entry in patterns:
        probability = entry.probability
        if probability < 0.9 and ((entry.context and entry.context.search(text)) or text.strip(" #.!").isdecimal()):
            probability = 0.85
        for match in entry.pattern.finditer(text):
            value = entry.value.format(**{name: value or "" for name, value in match.groupdict().items()})
            start = match.start() if match.end() - match.start() < 20 else match.start("number")
            yield Entity(entry.kind, value, probability, evidence(text, start, match.end()))
