"""Sums of money as customers write them: `1.234,50 €`, `EUR 12`, `hundert Euro`, `50 bucks`, `1.299,-`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence
from kulanz.understanding.number_words import NUMBER_WORDS, number_from_words

_AMOUNT = (
    r"(?P<amount>[0-9]{1,3}(?:[., '][0-9]{3}){1,3}(?:[.,][0-9]{1,2})?|[0-9]{1,9}(?:[.,][0-9]{1,2})?)"
    r"(?:,-{1,2}|,–|\.-)?"
)
_UNITS = {
    "EUR": r"€|euros?|eur|teuro",
    "USD": r"us-dollar|us dollars?|dollars?|usd|us\$|\$|bucks?",
    "GBP": r"£|pounds?(?: sterling)?|pfund|gbp|quid",
    "CHF": r"chf|schweizer franken|franken|francs?|sfr\.?",
}
_CENTS = {"EUR": r"(?:euro)?cents?|ct", "GBP": "pence|p"}
_UNIT = "(?P<unit>" + "|".join(_UNITS.values()) + ")"
_CENT = "(?P<cent>" + "|".join(_CENTS.values()) + ")"
_BY_UNIT = {code: re.compile(rf"(?:{units})\Z", re.IGNORECASE) for code, units in _UNITS.items()}
_PENCE = re.compile(rf"(?:{_CENTS['GBP']})\Z", re.IGNORECASE)

_NUMBERS = tuple(
    re.compile(source, re.IGNORECASE)
    for source in (
        rf"(?<![\w]){_UNIT} ?{_AMOUNT}(?![\w]|[.,][0-9])",
        rf"(?<![\w.,-]){_AMOUNT} ?{_UNIT}(?!\w)",
        rf"(?<![\w.,-])(?P<amount>[0-9]{{1,4}}) ?{_CENT}(?!\w)",
        r"(?<![\w.,-])(?P<amount>[0-9]{1,3}(?:\.[0-9]{3}){0,2}),(?:-{1,2}|–)(?![\w-])",  # "1.299,-" in shop windows
    )
)
_WORDS = re.compile(rf"(?<![\w-])(?P<words>{NUMBER_WORDS}) (?:{_UNIT}|{_CENT})(?!\w)", re.IGNORECASE)
_ANY_UNIT = re.compile(rf"(?<!\w)(?:{_UNIT}|(?:euro)?cents?|pence)(?!\w)", re.IGNORECASE)
_SURE, _IN_WORDS, _BARE = 0.97, 0.9, 0.8


def find_money(view: str) -> Iterator[Entity]:
    """Sums with their currency as `12.50 EUR`; candidates may overlap."""
    for pattern in _NUMBERS:
        for match in pattern.finditer(view):
            try:
                amount = _amount(match["amount"])
            except InvalidOperation:
                continue
            yield _entity(view, match, amount, _SURE if len(match.groups()) > 1 else _BARE)
    if _ANY_UNIT.search(view):
        for match in _WORDS.finditer(view):
            number = number_from_words(match["words"])
            if number is not None:
                yield _entity(view, match, Decimal(number), _IN_WORDS)


def _entity(view: str, match: re.Match[str], amount: Decimal, probability: float) -> Entity:
    parts = match.groupdict()
    if cent := parts.get("cent"):
        amount, currency = amount / 100, "GBP" if _PENCE.match(cent) else "EUR"
    else:
        unit = parts.get("unit") or "€"
        currency = next((code for code, pattern in _BY_UNIT.items() if pattern.match(unit)), "EUR")
    value = f"{amount.quantize(Decimal('0.01'))} {currency}"
    return Entity("money", value, probability, evidence(view, match.start(), match.end()))


def _amount(written: str) -> Decimal:
    """`1.234,50`, `1,234.50`, `1 234` or `12,5` as 1234.50 …: the last separator is a decimal one if one or two digits
    follow it."""
    digits = re.sub(r"[ ']", "", written)
    head, separator, tail = max(digits.rpartition("."), digits.rpartition(","), key=lambda parts: len(parts[0]))
    cents = tail if separator and len(tail) < 3 else ""
    whole = head if cents else digits
    return Decimal(f"{re.sub('[.,]', '', whole)}.{cents or 0}")
