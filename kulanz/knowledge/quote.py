"""The sentences of a passage that fit a question best, word for word."""

from __future__ import annotations

import re
import unicodedata

from kulanz.knowledge.sentences import spans

LENGTH = 400
"""Characters of a quote, as far as sentences and lists allow."""
LIST_LENGTH = 1_200
"""A list stays together up to this length."""
MOST_SENTENCES = 3
STEM = 5
"""Letters by which two words count as the same: crude, but equal for German and English and free of any table."""

_WORD = re.compile(r"\w+")
_LIST_LINE = re.compile(r"[ \t]*(?:[-*•]|\d{1,3}[.)])\s")


def quote(question: str, text: str) -> str:
    """One to three neighbouring sentences of `text` that share most with the question, in reading order; a list is
    kept together with the sentence that leads into it. The result is always a part of `text`, character by
    character. Without a shared word (another language) it is the beginning."""
    units = _units(text)
    if not units:
        return text.strip()[:LENGTH]
    wanted = _stems(question)
    gains = [_gain(wanted, text[start:end]) for start, end in units]
    best = max(_windows(units), key=lambda window: _worth(gains, *window))
    return text[units[best[0]][0] : units[best[1]][1]]


def _units(text: str) -> list[tuple[int, int]]:
    """Sentences as offsets; the lines of a list, with the sentence before it, are one unit."""
    units: list[tuple[int, int]] = []
    for start, end in spans(text):
        previous = text[slice(*units[-1])] if units else ""
        if _LIST_LINE.match(text[start:end]) and _belongs(previous) and end - units[-1][0] <= LIST_LENGTH:
            units[-1] = (units[-1][0], end)
        else:
            units.append((start, end))
    return units


def _belongs(previous: str) -> bool:
    return previous.endswith(":") or bool(_LIST_LINE.match(previous.rsplit("\n", 1)[-1]))


def _windows(units: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of one to three neighbouring units, as (first, last), short enough for a quote."""
    found = [(index, index) for index in range(len(units))]
    for first in range(len(units)):
        for last in range(first + 1, min(first + MOST_SENTENCES, len(units))):
            if units[last][1] - units[first][0] <= LENGTH:
                found.append((first, last))
    return found


def _gain(wanted: set[str], unit: str) -> set[str]:
    return wanted & _stems(unit)


def _worth(gains: list[set[str]], first: int, last: int) -> tuple[float, int]:
    """More shared words, then more context, then the earlier one; a sentence that adds nothing costs a little only
    at the end of the passage."""
    shared = set().union(*gains[first : last + 1])
    return sum(min(len(stem), STEM) for stem in shared) + 0.5 * (last - first), -first


def _stems(text: str) -> set[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return {word[:STEM] for word in words if len(word) > 3 or word.isdigit()}
