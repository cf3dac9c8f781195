"""Things named in a message, each with the exact words and a normalised value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher
from stdnum import iban

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.dates import find_dates
from kulanz.understanding.numbers import NumberPattern, find_numbers, load_patterns

MAX_ENTITIES = 50
_MAX_TRIES = 20  # candidates of one kind whose check costs more than a regular expression

_EMAIL = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@/]{1,190}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_PHONE_SHAPE = re.compile(r"(?:\+|\(0|(?<![\w.,-])0)[0-9 ()/.-]{5,}[0-9]")
_AMOUNT = (
    r"(?P<amount>[0-9]{1,3}(?:[., '][0-9]{3}){1,3}(?:[.,][0-9]{1,2})?|[0-9]{1,9}(?:[.,][0-9]{1,2})?)(?:,-|,–|\.-)?"
)
_UNIT = r"(?P<unit>€|euros?|eur|us-dollar|dollars?|usd|us\$|\$|£|pounds?|pfund|gbp|chf|franken|francs?)"
_MONEY = (
    re.compile(rf"(?<![\w]){_UNIT} ?{_AMOUNT}(?![\w]|[.,][0-9])", re.IGNORECASE),
    re.compile(rf"(?<![\w.,-]){_AMOUNT} ?{_UNIT}(?!\w)", re.IGNORECASE),
)
_CURRENCIES = {"e": "EUR", "€": "EUR", "d": "USD", "u": "USD", "$": "USD", "£": "GBP", "g": "GBP", "p": "GBP"}


def find_entities(
    text: str, today: date | None = None, patterns: tuple[NumberPattern, ...] | None = None
) -> tuple[Entity, ...]:
    """Everything named in `text`, in its order, without overlaps: the surer, then the longer candidate wins.

    `text[e.evidence.start:e.evidence.end] == e.evidence.text` holds for every entity.
    """
    view = same_length(text)
    found: list[Entity] = []
    candidates = list(_candidates(view, today, patterns or load_patterns()))
    candidates.sort(key=lambda e: (-e.probability, e.evidence.start - e.evidence.end, e.evidence.start))
    taken = bytearray(len(view))
    for entity in candidates:
        start, end = entity.evidence.start, entity.evidence.end
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Entity(entity.kind, entity.value, entity.probability, evidence(text, start, end)))
    found.sort(key=lambda e: e.evidence.start)
    return tuple(found[:MAX_ENTITIES])


def _candidates(view: str, today: date | None, patterns: tuple[NumberPattern, ...]) -> Iterator[Entity]:
    if any(character in "0123456789" for character in view):
        yield from find_numbers(view, patterns)
        yield from _ibans(view)
        yield from _money(view)
        yield from _phones(view)
    if "@" in view:
        yield from _emails(view)
    yield from find_dates(view, today)


def _emails(view: str) -> Iterator[Entity]:
    for _, match in zip(range(_MAX_TRIES), _EMAIL.finditer(view), strict=False):
        words = match[0].rstrip(".!?*_-")
        try:
            # `.test` is what demo companies use; whether the domain exists is the mail server's business
            checked = validate_email(words, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            continue
        yield Entity("email", checked.normalized, 0.99, evidence(view, match.start(), match.start() + len(words)))


def _ibans(view: str) -> Iterator[Entity]:
    for _, match in zip(range(_MAX_TRIES), _IBAN.finditer(view), strict=False):
        for end in range(match.end(), match.start() + 14, -1):  # what follows may be the next word of the sentence
            if view[end - 1] not in " -" and not view[end : end + 1].isalnum():
                words = view[match.start() : end]
                if iban.is_valid(words, check_country=False):
                    yield Entity("iban", iban.compact(words), 0.999, evidence(view, match.start(), end))
                    break


def _amount(written: str) -> str:
    """`1.234,50`, `1,234.50`, `1 234` or `12,5` as `1234.50`: the last separator is a decimal one if one or two
    digits follow it."""
    digits = re.sub(r"[ ']", "", written)
    head, separator, tail = max(digits.rpartition("."), digits.rpartition(","), key=lambda parts: len(parts[0]))
    cents = tail if separator and len(tail) < 3 else ""
    whole = head if cents else digits
    return str(Decimal(f"{re.sub('[.,]', '', whole)}.{cents or 0}").quantize(Decimal("0.01")))


def _money(view: str) -> Iterator[Entity]:
    for pattern in _MONEY:
        for match in pattern.finditer(view):
            unit = match["unit"].lower()
            currency = "CHF" if unit[0] in "cf" else _CURRENCIES["g" if unit == "pfund" else unit[0]]
            try:
                value = f"{_amount(match['amount'])} {currency}"
            except InvalidOperation:
                continue
            yield Entity("money", value, 0.97, evidence(view, match.start(), match.end()))


def _phones(view: str) -> Iterator[Entity]:
    if not _PHONE_SHAPE.search(view):  # the matcher is slow (1 ms) and most messages hold no such number
        return
    for match in PhoneNumberMatcher(view, "DE", Leniency.VALID, max_tries=_MAX_TRIES):
        if match.raw_string.lstrip("( ")[:1] in "+0":  # five digits in a row are an order here, not a call
            value = phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
            yield Entity("phone", value, 0.93, evidence(view, match.start, match.end))
