"""Which articles say the same twice, and which say otherwise. Pure: texts, vectors and claims."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kulanz.knowledge.claims import MONEY, TIME, Claim, claim
from kulanz.knowledge.sentences import sentences
from kulanz.knowledge.wordforms import is_covered

SAME = 0.88
"""Cosine of stored passage vectors (centred, see centring.py) from which two passages say nearly the same. In the
demo company's 78 articles no two passages of different articles reach .84; of 350 documents of a bank 56 pairs reach
.88, and those looked at say the same of two products or in two guides; at .85 pairs begin to differ in substance."""
RELATED = 0.6
"""Cosine below which two passages are not about the same matter, and so can't contradict each other."""
SHARED = 0.7
"""Share of the words of each sentence that the other has, too, from which both are statements on the same thing. With
these limits, 29 of 51 changed numbers, prices, times and negations in testdata/support.yaml are noticed, and none of 63
sentences that only say the same in other words; 350 documents of a bank, many of them alike but for the product, give
ten pairs, the demo company's none."""
SHARED_OWN = 0.8
"""The same where each sentence has words of its own."""
SHARED_BUT_NOT = 0.9
"""The same where only one of them has a negation."""
MOST_PAIRS = 20_000
_BLOCK = 256
_SAME_WORDS = 90.0  # percent of the characters, in order
_FEWEST_CHARACTERS = 60
_LIST_MARK = re.compile(r"^\s*(?:[-*•|]|\d{1,3}[.)])\s+")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """One passage. `key` is that of its article, shared by the language versions."""

    article: UUID
    key: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences on the same thing of which at most one is right; `here` and `there` are what differs: numbers
    with their unit, or "" and "not"; both are empty where it is the day of the week or the month."""

    sentence: str
    other: str
    here: str
    there: str


def near(vectors: Floats, places: Sequence[Place], least: float = RELATED) -> list[tuple[int, int, float]]:
    """(row, other row, cosine) of the passages of one language and of different articles that are nearest to each
    other, nearest first. `vectors` (n, 384) of unit length; language versions of one article are no pair. The time is
    square: 50,000 passages take about a minute."""
    found: list[tuple[int, int, float]] = []
    languages = np.array([place.language for place in places])
    articles = np.array([str(place.article) for place in places])
    for language in sorted(set(languages.tolist())):
        rows = np.flatnonzero(languages == language)
        for start in range(0, len(rows), _BLOCK):
            block, later = rows[start : start + _BLOCK], rows[start:]
            cosines = np.triu(vectors[block] @ vectors[later].T, k=1)
            cosines[articles[block][:, None] == articles[later][None]] = 0
            for one, other in zip(*np.nonzero(cosines >= least), strict=True):
                found.append((int(block[one]), int(later[other]), float(cosines[one, other])))
            found = sorted(found, key=lambda pair: -pair[2])[:MOST_PAIRS]
    return [pair for pair in found if not _versions(places[pair[0]], places[pair[1]])]


def _versions(one: Place, other: Place) -> bool:
    return bool(one.key) and one.key == other.key


def says_the_same(text: str, other: str, cosine: float) -> bool:
    """Whether a reader learns nothing from the second passage: by its vector or, where the titles lead the vectors
    apart, by its very words."""
    if cosine >= SAME:
        return True
    return min(len(text), len(other)) >= _FEWEST_CHARACTERS and fuzz.ratio(text, other) >= _SAME_WORDS


def contradictions(text: str, other: str, *, same: bool = False) -> Iterator[Contradiction]:
    """Pairs of sentences of two related texts in one language that share their words, but differ in a number of the
    same unit or in a negation. In texts that are the `same` but for a few words, a negation counts sooner."""
    there = [(sentence, claim(sentence)) for sentence in _sentences(other)]
    for sentence in _sentences(text):
        said = claim(sentence)
        for opposite, read in there:
            if (difference := _difference(said, read)) and _same_matter(said, read, same=same):
                yield Contradiction(sentence, opposite, *difference)


def _sentences(text: str) -> list[str]:
    """Without the marks and numbers of lists: that a step is the third of one list and the fourth of another says
    nothing."""
    return [said for sentence in sentences(text) if (said := _LIST_MARK.sub("", sentence))]


def _same_matter(said: Claim, other: Claim, *, same: bool) -> bool:
    """Whether two sentences speak of one thing. Where each has words of its own, they may name two ("standard" and
    "express"); a negation alone differs for many reasons ("as long as it is not packed", "until it is packed")."""
    shares = _share(said, other), _share(other, said)
    negated = not same and ("negation" in said.marks) != ("negation" in other.marks)
    return min(shares) >= (SHARED_BUT_NOT if negated else SHARED if max(shares) == 1 else SHARED_OWN)


def _share(said: Claim, other: Claim) -> float:
    if len(said.words) < 2:
        return 0.0
    return sum(is_covered(word, other.vocabulary) for word in said.words) / len(said.words)


def _difference(said: Claim, other: Claim) -> tuple[str, str] | None:
    """What differs: the numbers of a kind of which neither has one of the other's, days, or a negation."""
    for kind in sorted(set(_values(said)) & set(_values(other))):
        here, there = _values(said)[kind], _values(other)[kind]
        if not set(here) & set(there):
            return ", ".join(here.values()), ", ".join(there.values())
    if said.days and other.days and not said.days & other.days:
        return "", ""
    if _values(said) == _values(other) and ("negation" in said.marks) != ("negation" in other.marks):
        return ("not", "") if "negation" in said.marks else ("", "not")
    return None


def _values(said: Claim) -> dict[str, dict[str, str]]:
    """Kind of unit → value → how it is written. Days, working days and weeks are of one kind: 14 days are two weeks,
    but no 14 working days."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for number in said.numbers:
        value, unit = number.value, number.unit
        if unit == "week" and value.isdigit():
            value, unit = str(7 * int(value)), "day"
        kind = "day" if unit == "workday" else unit
        found[kind][f"{value} {unit}"] = f"{number.value} {number.unit}".strip()
    return dict(found)


_COMPARED = (MONEY | TIME | {"percent"}) - {"clock"}
"""Times of day are written otherwise in each language (18 Uhr, 6 pm)."""


def versions_differ(text: str, other: str) -> Contradiction | None:
    """What two language versions of one article say otherwise: prices, times and percentages that only one of them
    has, where each has one of its own (a version that says less is not wrong)."""
    here, there = _numbers(text), _numbers(other)
    for kind in sorted(here.keys() & there.keys()):
        only_here = [said for value, said in here[kind].items() if value not in there[kind]]
        only_there = [said for value, said in there[kind].items() if value not in here[kind]]
        if only_here and only_there:
            (written, sentence), (written_there, opposite) = only_here[0], only_there[0]
            return Contradiction(sentence, opposite, written, written_there)
    return None


def _numbers(text: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Kind of unit → value → (how it is written, its first sentence)."""
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for sentence in _sentences(text):
        for kind, values in _values(claim(sentence)).items():
            for value, written in values.items() if kind in _COMPARED else ():
                found[kind].setdefault(value, (written, sentence))
    return found


def variants(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two articles are about two things of one kind ("Closing a Gold account", "Closing a Silver account"):
    they say the same with other numbers, and both are right. Each has then a word in its title that the other does
    not know at all. The texts are those of the whole articles."""
    return _unknown(title, other_title, other_text) and _unknown(other_title, title, text)


def _unknown(title: str, other_title: str, other_text: str) -> bool:
    known = claim(other_title).vocabulary | claim(other_text).vocabulary
    return any(not is_covered(word, known) for word in claim(title).words)
