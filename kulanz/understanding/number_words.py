"""Numbers written as words, German and English, up to 999,999."""

from __future__ import annotations

import re

_ONES = {
    "null": 0, "zero": 0, "ein": 1, "eins": 1, "eine": 1, "einen": 1, "one": 1, "zwei": 2, "zwo": 2, "two": 2,
    "drei": 3, "three": 3, "vier": 4, "four": 4,
    "fünf": 5, "fuenf": 5, "five": 5, "sechs": 6, "six": 6, "sieben": 7, "seven": 7,
    "acht": 8, "eight": 8, "neun": 9, "nine": 9, "zehn": 10, "ten": 10, "elf": 11, "eleven": 11, "zwölf": 12,
    "zwoelf": 12, "twelve": 12, "dreizehn": 13, "thirteen": 13, "vierzehn": 14, "fourteen": 14, "fünfzehn": 15,
    "fuenfzehn": 15, "fifteen": 15, "sechzehn": 16, "sixteen": 16, "siebzehn": 17, "seventeen": 17, "achtzehn": 18,
    "eighteen": 18, "neunzehn": 19, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "zwanzig": 20, "twenty": 20, "dreißig": 30, "dreissig": 30, "thirty": 30, "vierzig": 40, "forty": 40, "fourty": 40,
    "fünfzig": 50, "fuenfzig": 50, "fifty": 50, "sechzig": 60, "sixty": 60, "siebzig": 70, "seventy": 70, "achtzig": 80,
    "eighty": 80, "neunzig": 90, "ninety": 90,
}  # fmt: skip
_FACTORS = {"hundert": 100, "hundred": 100, "tausend": 1000, "thousand": 1000}
_DOZENS = {"dutzend": 12, "dozen": 12}
_VALUES = {**_ONES, **_TENS, **_FACTORS, **_DOZENS}


def _any(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_PIECE = re.compile(rf"{_any(_VALUES)}|und|and|a(?=\b)", re.IGNORECASE)
_UNIT = _any({**_ONES, **_TENS, **_FACTORS})
_MAX_PIECES = 5  # "one hundred (and) twenty five thousand"
NUMBER_WORDS = (
    rf"(?:(?:half an?|ein halbes|an?|ein|zwei|two|drei|three) {_any(_DOZENS)}|{_any(_DOZENS)}"
    rf"|(?:a |{_UNIT})(?:(?:[ -]?(?:und|and)[ -]?|[ -]?){_UNIT}){{0,{_MAX_PIECES}}})(?!\w)"
)
"""A regular expression for one number in words, to be put after a word boundary. `a` alone is no number."""


def number_from_words(words: str) -> int | None:
    """`zweihundertfünfzig` as 250, `two dozen` as 24, `a hundred and five` as 105; None for what makes no number."""
    written = words.lower().strip()
    half = written.startswith(("half", "ein halbes"))
    pieces = [piece for piece in _PIECE.findall(written) if piece not in ("und", "and", "a")]
    if not pieces:
        return None
    total, group = 0, 0
    for piece in pieces:
        value = _VALUES[piece]
        if value == 1000:
            total, group = total + max(group, 1) * value, 0
        elif piece in _FACTORS or piece in _DOZENS:
            group = max(group, 1) * value
        else:
            group += value
    return (total + group) // 2 if half else total + group
