"""Values on their way to a back office and back: clean ones only."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kulanz.core.errors import PermanentError

_MONEY = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?) ([A-Z]{3})")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,12})?")
_NEVER = re.compile("[\x00\ud800-\udfff]")  # what neither PostgreSQL nor UTF-8 can hold


class Unfit(PermanentError):
    """The arguments do not fit what the back office takes, so nothing was sent. `problems` name them without their
    values, which are the customer's."""

    def __init__(self, name: str, problems: list[str]) -> None:
        super().__init__(f"{name}: {'; '.join(problems)}. Nothing was sent.")
        self.problems = problems


def number_in(value: Any, currency: str) -> int | float | None:
    """The number that a value is: a number, a plain decimal such as `1234.50`, or a sum of money in this currency as
    the understanding writes it, `1234.50 EUR`. None for everything else: `1.234,50` is not guessed at."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < 1e15 else None  # neither infinite nor NaN
    if isinstance(value, Decimal):
        return number_in(str(value), currency)
    if not isinstance(value, str):
        return None
    money = _MONEY.fullmatch(value.strip())
    if money and money[2] != currency:
        return None
    plain = money[1] if money else value.strip()
    if not _NUMBER.fullmatch(plain) or not plain.isascii():
        return None
    return int(plain) if "." not in plain else float(plain)


def other_currency(value: Any, currency: str) -> str:
    """The currency of a sum of money that is not in this one, else ""."""
    money = _MONEY.fullmatch(value.strip()) if isinstance(value, str) else None
    return money[2] if money and money[2] != currency else ""


def not_a_number(name: str, value: Any, currency: str) -> str:
    """Why a value is no number, as a sentence without the value."""
    if other := other_currency(value, currency):
        return f"{name} is in {other}, and this back office takes {currency}"
    return f"{name} must be a number"


def data_of(content: bytes | None) -> dict[str, Any] | None:
    """An answer's object; {} for no content, None for anything else than JSON."""
    if content is None:
        return None
    if not content.strip():
        return {}
    try:
        data = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return as_data(data)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def as_data(data: Any) -> dict[str, Any]:
    """Any JSON value as an object that can be stored."""
    clean = _clean(data)
    return clean if isinstance(clean, dict) else {"items": clean}


def finds_something(data: Mapping[str, Any]) -> bool:
    """Whether a look-up's answer holds anything: a search that finds nothing answers with an empty list and a 0."""
    return any(data.values())


def _clean(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no such number, and neither does the database
    if isinstance(value, str):
        return _NEVER.sub("�", value)
    if isinstance(value, dict):
        return {_NEVER.sub("�", str(name)): _clean(part) for name, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, list) else value
