"""Things named in a message, each with the exact words and a normalised value."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import Leniency, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher
from stdnum import iban, luhn

from kulanz.core.reading import Entity
from kulanz.understanding.addresses import find_addresses
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.dates import find_dates
from kulanz.understanding.money import find_money
from kulanz.understanding.numbers import NumberPattern, find_numbers, load_patterns
from kulanz.understanding.quantities import find_quantities

MAX_ENTITIES = 50
_MAX_TRIES = 20  # candidates of one kind whose check costs more than a regular expression

_EMAIL = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@/]{1,190}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_PHONE_SHAPE = re.compile(r"(?:\+|\(0|(?<![\w.,-])0)[0-9 ()/.-]{5,}[0-9]")
_US_SHAPE = re.compile(r"(?<![\w+.,-])(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}(?![\w-])")
_CARD = re.compile(r"(?<![\w.,-])[0-9](?:[ -]?[0-9]){13,18}(?![\w-]|[.,][0-9])")
# first digits of the schemes (ISO/IEC 7812) with their lengths; Luhn alone passes every tenth number
_SCHEMES = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?"  # Visa
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12}(?:[0-9]{3})?"  # Discover
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}(?:[0-9]{2})?"  # Diners Club
    r"|(?:50[0-9]{2}|5[6-9][0-9]{2}|6[0-9]{3})[0-9]{10,15}"  # Maestro, Dankort, UnionPay
    r"|1[0-9]{14}"  # UATP
)


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
        yield from _cards(view)
        yield from _phones(view)
        yield from find_addresses(view)
    if "@" in view:
        yield from _emails(view)
    yield from find_money(view)
    yield from find_quantities(view)
    yield from find_dates(view, today)


def _emails(view: str) -> Iterator[Entity]:
    for match in itertools.islice(_EMAIL.finditer(view), _MAX_TRIES):
        words = match[0].rstrip(".!?*_-")
        try:
            # `.test` is what demo companies use; whether the domain exists is the mail server's business
            checked = validate_email(words, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            continue
        yield Entity("email", checked.normalized, 0.99, evidence(view, match.start(), match.start() + len(words)))


def _ibans(view: str) -> Iterator[Entity]:
    for match in itertools.islice(_IBAN.finditer(view), _MAX_TRIES):
        for end in range(match.end(), match.start() + 14, -1):  # what follows may be the next word of the sentence
            if view[end - 1] not in " -" and not view[end : end + 1].isalnum():
                words = view[match.start() : end]
                if iban.is_valid(words, check_country=False):
                    yield Entity("iban", iban.compact(words), 0.999, evidence(view, match.start(), end))
                    break


def _cards(view: str) -> Iterator[Entity]:
    for match in itertools.islice(_CARD.finditer(view), _MAX_TRIES):
        digits = re.sub(r"[ -]", "", match[0])
        if _SCHEMES.fullmatch(digits) and luhn.is_valid(digits):
            yield Entity("card", digits, 0.98, evidence(view, match.start(), match.end()))


def _phones(view: str) -> Iterator[Entity]:
    """International numbers, and national ones of Germany, else Britain; American ones by their shape."""
    for match in itertools.islice(_US_SHAPE.finditer(view), _MAX_TRIES):
        number = phonenumbers.parse(match[0], "US")
        if phonenumbers.is_valid_number(number):
            yield _phone(view, number, match.start(), match.end(), 0.85)
    if not _PHONE_SHAPE.search(view):  # the matcher is slow (1 ms) and most messages hold no such number
        return
    for region, probability in (("DE", 0.93), ("GB", 0.88)):
        for found in PhoneNumberMatcher(view, region, Leniency.VALID, max_tries=_MAX_TRIES):
            if found.raw_string.lstrip("( ")[:1] in "+0":  # five digits in a row are an order here, not a call
                yield _phone(view, found.number, found.start, found.end, probability)


def _phone(view: str, number: PhoneNumber, start: int, end: int, probability: float) -> Entity:
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return Entity("phone", value, probability, evidence(view, start, end))
