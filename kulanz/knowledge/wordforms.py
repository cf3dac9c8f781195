"""When two words count as the same: inflection, compounds and a short list of synonyms, German and English.

Deliberately narrow: a word taken for another would let an invented statement pass, a word not recognised only leads
to the quoted answer instead of the worded one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).with_name("support_words.yaml")

_FOLD = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
_ENDINGS = re.compile(r"(?:ungen|ung|ings?|ed|es|en|ern|er|em|est|et|te|ten|st|t|s|e|n|ly)$")
_PARTICIPLE = re.compile(
    r"^(ab|an|auf|aus|bei|durch|ein|fest|frei|her|hin|los|mit|nach|um|unter|vor|weg|weiter|zu|zuruck|zusammen)"
    r"(?:ge|zu)(\w{3,}(?:t|en|n))$"
)
_LEAST = 4  # letters that stay of a word
_NEGATING = ("los", "frei", "less", "free", "un", "non", "nicht", "in")
_LINKS = ("", "s", "n", "es", "en")
_SAME_SHARE = 0.75


@lru_cache(maxsize=1)
def lists() -> dict[str, Any]:
    """The word lists as they stand in the file."""
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=32)
def words_of(name: str) -> frozenset[str]:
    """One of the plain lists, folded."""
    return frozenset(fold(word) for word in str(lists()[name]).split())


@lru_cache(maxsize=8)
def values_of(name: str) -> dict[str, str]:
    """One of the lists of `word=value`, folded."""
    return {fold(word): value for word, value in (entry.split("=") for entry in lists()[name].split())}


@lru_cache(maxsize=1)
def units() -> dict[str, str]:
    """Unit by folded word."""
    return {fold(word): unit for unit, words in lists()["units"].items() for word in words.split()}


@lru_cache(maxsize=1)
def bounds() -> dict[str, str]:
    """ "upper", "lower" or "about" by folded word."""
    return {fold(word): bound for bound, words in lists()["bounds"].items() for word in words.split()}


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    return {stem(fold(word)): f"={number}" for number, words in enumerate(lists()["same"]) for word in words.split()}


def fold(word: str) -> str:
    """Lower case without umlauts."""
    return word.lower().translate(_FOLD)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A folded word without its ending, without the ge- of a participle and the -zu- of an infinitive."""
    word = _PARTICIPLE.sub(r"\1\2", word)
    if len(word) > 6 and word.startswith("ge") and word.endswith(("t", "en")):
        word = word[2:]
    shorter = _ENDINGS.sub("", word)
    return shorter if len(shorter) >= _LEAST else word


@lru_cache(maxsize=20_000)
def meaning(word: str) -> str:
    """The stem of a folded word, or the mark of its group of synonyms."""
    found = stem(word)
    return _groups().get(found, found)


@lru_cache(maxsize=1)
def _benign() -> frozenset[str]:
    return frozenset(stem(word) for word in words_of("benign")) | words_of("benign")


def is_content(word: str) -> bool:
    """Whether a folded word says something that must be supported."""
    return word not in words_of("stop") and word not in _benign() and stem(word) not in _benign()


def is_covered(word: str, source: frozenset[str]) -> bool:
    """Whether folded `word` is among the folded words of `source`, as itself, inflected, as a synonym, or as a part or
    a combination of compounds."""
    return any(_same(word, other) or _part_of(word, other) for other in source) or _combined(word, source)


@lru_cache(maxsize=50_000)
def _same(one: str, other: str) -> bool:
    if one == other or meaning(one) == meaning(other):
        return True
    a, b = stem(one), stem(other)
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return shared >= max(5, _SAME_SHARE * max(len(a), len(b)))


@lru_cache(maxsize=50_000)
def _part_of(word: str, compound: str) -> bool:
    """`frist` in `ruckgabefrist`: the answer says less than the source. Not `kosten` in `kostenlos`."""
    root = stem(word)
    if len(root) < 5 or len(compound) < len(root) + 3:
        return False
    if compound.startswith(root):
        rest = compound[len(root) :]
        return not rest.lstrip("esn").startswith(_NEGATING) and not rest.endswith(_NEGATING)
    at = compound.rfind(root)
    return at >= 3 and not compound[:at].endswith(_NEGATING) and len(compound) - at - len(root) <= 3


def _combined(word: str, source: frozenset[str]) -> bool:
    """`ruckgabefrist` where the source says `frist` and `ruckgabe`."""
    if len(word) < 9:
        return False
    for other in source:
        root = stem(other)
        if len(root) >= _LEAST and word.startswith(root):
            rest = word[len(root) :]
            tails = [rest[len(link) :] for link in _LINKS if rest.startswith(link)]
            if any(_says_no_more(tail, source) for tail in tails if len(tail) >= 4 and tail not in _NEGATING):
                return True
    return False


def _says_no_more(tail: str, source: frozenset[str]) -> bool:
    return not is_content(tail) or any(_same(tail, other) for other in source)
