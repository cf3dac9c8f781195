"""Frequent words mended before the wordings are looked for, with the way back to the customer's own characters.

A word counts as mistyped if it is a known word with two neighbouring letters exchanged, one letter missing or one
doubled: what fingers do most often (Damerau 1964). No other word is touched, so that none turns into another one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kulanz.core.reading import Evidence
from kulanz.understanding.clean import evidence
from kulanz.understanding.wordings import load

_WORD = re.compile(r"[^\W\d_]{4,}")
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Mended:
    """A text with parts of it replaced: pieces, in turn kept and replaced, with their starts here and there."""

    text: str
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def evidence(self, original: str, start: int, end: int) -> Evidence:
        """The words of `original` that `self.text[start:end]` came from; a replaced word counts whole."""
        if end <= start:
            return evidence(original, 0, 0)
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin = self.origins[first] + (0 if first % 2 else start - self.starts[first])
        return evidence(
            original, begin, self.origins[last + 1] if last % 2 else self.origins[last] + end - self.starts[last]
        )


@lru_cache(maxsize=1)
def _slips() -> dict[str, str]:
    """Each mistyped form with the word that is meant; forms of two words, and words themselves, are left out."""
    content = load("typos")
    words, known = content["words"], {*content["words"], *content["never"]}
    forms: dict[str, set[str]] = {}
    for word in words:
        for form in _forms(word):
            forms.setdefault(form, set()).add(word)
    slips = {form: next(iter(meant)) for form, meant in forms.items() if len(meant) == 1 and form not in known}
    return {**slips, **content["also"]}


def _forms(word: str) -> Iterator[str]:
    for i in range(1, len(word)):
        if i < len(word) - 1:  # without its last letter a word is often another form ("spreche")
            yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i] + word[i:]
        if i > 1:
            yield word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]


def mended(text: str) -> Mended:
    """`text` (as `same_length` leaves it) with the mistyped words of `wordings/typos.yaml` put right."""
    slips = _slips()
    return _replaced(
        text, [(m.start(), m.end(), slips[m[0].lower()]) for m in _WORD.finditer(text) if m[0].lower() in slips]
    )


def joined(text: str) -> Mended:
    """`text` without the zero-width characters that hide words from a reader ("ig\u200bnore")."""
    return _replaced(text, [(m.start(), m.end(), "") for m in _ZERO_WIDTH.finditer(text)])


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> Mended:
    if not changes:
        return Mended(text)
    pieces, starts, origins, length, done = [], [0], [0], 0, 0
    for start, end, word in changes:
        pieces += [text[done:start], word]
        length += start - done
        starts.append(length)
        origins.append(start)
        length += len(word)
        starts.append(length)
        origins.append(end)
        done = end
    pieces.append(text[done:])
    return Mended("".join(pieces), tuple(starts), tuple(origins))
