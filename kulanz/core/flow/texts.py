"""Values in texts and arguments: `{order.total|money}`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"\{([\w.]+)(?:\|(\w+))?\}")
STYLES = ("money", "date")


def places(template: str) -> list[tuple[str, str]]:
    """Every place of a text: its path and its style, '' for none."""
    return [(match[1], match[2] or "") for match in _PLACE.finditer(template)]


def lookup(path: str, values: Mapping[str, Any]) -> Any:
    """The value at `order.items` or `order.items.0`, or None where the path leads nowhere."""
    value: Any = values
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, Sequence) and not isinstance(value, str) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def fill_value(template: Any, values: Mapping[str, Any]) -> Any:
    """An argument: a lone place keeps the value's type, other strings are filled in, lists and mappings inside too."""
    if isinstance(template, Mapping):
        return {name: fill_value(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [fill_value(part, values) for part in template]
    if not isinstance(template, str):
        return template
    if alone := _PLACE.fullmatch(template):
        return lookup(alone.group(1), values)
    return fill(template, values, "en")


def fill(template: str, values: Mapping[str, Any], language: str) -> str:
    """A text with its places filled; unknown places become empty."""

    def place(match: re.Match[str]) -> str:
        value = lookup(match.group(1), values)
        if isinstance(value, Mapping):  # a text in several languages
            value = value.get(language) or next(iter(value.values()), "")
        return _format(value, match.group(2), language)

    return _PLACE.sub(place, template).strip()


def number_of(value: Any) -> float | None:
    """The number of an amount as it is stored (12.5, "12.50", "12.50 EUR"); None for what is none."""
    try:
        number = float(str(value).strip().split(" ")[0])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _format(value: Any, style: str | None, language: str) -> str:
    if value is None:
        return ""
    number = number_of(value) if style == "money" else None
    if number is not None:
        whole = f"{number:,.2f}"
        return whole.translate(str.maketrans(",.", ".,")) if language == "de" else whole
    if style == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d.*", str(value)):
        year, month, day = str(value)[:10].split("-")
        return f"{day}.{month}.{year}" if language == "de" else f"{int(day)}/{month}/{year}"
    return str(value)
