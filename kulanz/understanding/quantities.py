"""How many of something: `3 Stück`, `zwei Tassen`, `5x`, `a dozen mugs`. No times, people, percentages, sums."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence
from kulanz.understanding.number_words import NUMBER_WORDS, number_from_words
from kulanz.understanding.wordings import load

_LIST = load("quantities")
_NOT = frozenset(_LIST["not_counted"])
_ENGLISH_WORDS = frozenset(_LIST["english"])
_NUMBER = re.compile(
    r"(?<![\w.,:/€$£#+-])(?<!nr )(?<!nr\. )(?<!no )(?<!no\. )"
    rf"(?:(?P<digits>[0-9]{{1,4}})(?![.,:/%€$£-]*[0-9])|(?P<words>{NUMBER_WORDS}))",
    re.IGNORECASE,
)
_UNIT = re.compile(rf" ?(?:[x×](?! ?[0-9])|{'|'.join(_LIST['units'])})(?!\w)", re.IGNORECASE)
_GERMAN = re.compile(r" (?P<noun>(?:[a-zäöüß]{2,14}e[nrs]? ){0,2}[A-ZÄÖÜ][a-zäöüß-]{2,30})(?![\w-])")
_ENGLISH = re.compile(r" (?P<noun>(?:[a-z]{2,14} ){0,2}?[a-z-]{2,20}s)(?![\w-])", re.IGNORECASE)
_TIMES = re.compile(
    r"(?<!\w)[x×] ?(?P<digits>[0-9]{1,3})(?![\w.,])|(?<![\w.,])(?P<before>[0-9]{1,3}) ?[x×] ?(?=[A-Za-zÄÖÜ])"
)
_PAIR = re.compile(r"(?<!\w)a (?:couple|pair) of (?P<noun>[a-z-]{2,20}s)(?!\w)", re.IGNORECASE)
_DOZEN = ("dozen", "dutzend")


def find_quantities(view: str) -> Iterator[Entity]:
    """Quantities as whole numbers ("12"); candidates may overlap. One of something needs a digit or a unit: "ein Paket"
    is an article."""
    for number in _NUMBER.finditer(view):
        value = int(number["digits"]) if number["digits"] else number_from_words(number["words"])
        counted = _counted(view, number, value) if value else None
        if counted:
            yield Entity("quantity", str(value), counted[1], evidence(view, number.start(), counted[0]))
    for times in _TIMES.finditer(view):
        value = int(times["digits"] or times["before"])
        if value:
            yield Entity("quantity", str(value), 0.9, evidence(view, times.start(), times.end()))
    for pair in _PAIR.finditer(view):
        if pair["noun"].lower() not in _NOT:
            yield Entity("quantity", "2", 0.6, evidence(view, pair.start(), pair.end()))


def _counted(view: str, number: re.Match[str], value: int) -> tuple[int, float] | None:
    """Where the counted thing after `number` ends and how sure that is, or None."""
    if unit := _UNIT.match(view, number.end()):
        return unit.end(), 0.95
    if (number["words"] or "").lower().endswith(_DOZEN):
        return number.end(), 0.9
    if _is_year(number["digits"]) or (value == 1 and not number["digits"]):
        return None
    english = (number["words"] or "").lower() in _ENGLISH_WORDS
    for pattern, probability in ((_ENGLISH, 0.75),) if english else ((_GERMAN, 0.8), (_ENGLISH, 0.7)):
        noun = pattern.match(view, number.end())
        if noun and not any(word in _NOT for word in noun["noun"].lower().split()):
            return noun.end(), probability
    return None


def _is_year(digits: str | None) -> bool:
    return digits is not None and len(digits) == 4 and digits[:2] in ("19", "20")
