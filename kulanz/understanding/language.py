"""Which language a customer writes: py3langid (naive Bayes over byte n-grams, Lui and Baldwin 2011), a prior, and the
hint of the conversation for words that belong to several languages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from kulanz.core.reading import Evidence, Finding
from kulanz.nlp.languages import identifier
from kulanz.understanding.clean import evidence
from kulanz.understanding.wordings import load

# what customers in Central Europe write, and the big scripts; more candidates only add mistakes
LANGUAGES = tuple(
    "de en fr es it nl pl pt tr ru uk ar cs ro sv da hu el bg hr zh ja ko he fa vi".split()  # noqa: SIM905
)
_PRIOR = {"de": 4.0, "en": 4.0}
_HINT_FACTOR = 6.0
_TELLING_FACTOR = 6.0
_MOST_TELLING = 4  # telling words that count
_SCORED = 400  # characters: more don't change the verdict

_NO_LANGUAGE = re.compile(
    r"\S*(?:@|://|www\.)\S*"  # addresses
    r"|[\w+/-]*\d[\w+/=-]*"  # numbers, base64
    r"|\w{31,}|\w*_\w*|\w+\([^)\s]*\)|[a-z]+[A-Z]\w*"  # what no language writes: long runs, code
    r"|[^\w\s'-]"
)
_LETTER = re.compile(r"[^\W\d_]")
_TELLING = {code: frozenset(str(words).split()) for code, words in load("languages").items()}

_PART = re.compile(r"[^.!?;:\n…]+[.!?;:…]*|\n+")
_MAX_PARTS = 12
_WORDS_AT_LEAST = 3
_LETTERS_AT_LEAST = 10
_SURE = 0.9
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def detect_language(text: str, hint: str | None = None) -> Finding:
    """The ISO 639-1 code of the text's language and its probability.

    `hint` (the conversation's language, for example "de" or "de-AT") decides where the text says nothing: numbers,
    emoji, code, "ok". Without a hint such texts are German with probability 0.5.
    """
    hint = (hint or "")[:2].lower()
    words = _NO_LANGUAGE.sub(" ", text[:_SCORED])
    if not _LETTER.search(words):
        return Finding(hint if hint in LANGUAGES else "de", 0.5)
    prior = {code: _PRIOR.get(code, 1.0) for code in LANGUAGES}
    if hint in prior:
        prior[hint] = max(_HINT_FACTOR, prior[hint])
    for code, count in _telling(words).items():
        prior[code] *= _TELLING_FACTOR ** min(_MOST_TELLING, count)
    weighted = {code: p * prior[code] for code, p in identifier(LANGUAGES).rank(words)}
    best = max(weighted, key=lambda code: weighted[code])
    return Finding(best, round(weighted[best] / sum(weighted.values()), 4))


def _telling(words: str) -> dict[str, int]:
    written = words.lower().split()
    return {code: count for code, telling in _TELLING.items() if (count := sum(word in telling for word in written))}


def other_languages(text: str, main: Finding) -> tuple[Finding, ...]:
    """The languages of sentences that are surely not in `main`'s, in the order of the text, each once; the evidence
    are all its sentences. A part in Latin letters must hold a telling word, so that names of goods don't count."""
    found: dict[str, tuple[float, list[Evidence]]] = {}
    parts = list(_parts(text[: _SCORED * _MAX_PARTS]))
    for start, end in parts if len(parts) > 1 else ():  # the language of a single part is `main`
        part = _other(text[start:end], main.value)
        if part:
            probability, where = found.setdefault(part.value, (part.probability, []))
            where.append(evidence(text, start, end))
            found[part.value] = (max(probability, part.probability), where)
    return tuple(Finding(code, probability, tuple(where)) for code, (probability, where) in found.items())


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, divided at their commas too: people change over in the middle of one."""
    for match in itertools.islice(_PART.finditer(text), _MAX_PARTS):
        start = match.start()
        pieces = match[0].split(", ") if len(match[0]) > 2 * _LETTERS_AT_LEAST else [match[0]]
        for piece in pieces:
            yield start, start + len(piece)
            start += len(piece) + 2


def _other(part: str, main: str) -> Finding | None:
    words = _NO_LANGUAGE.sub(" ", part[:_SCORED])
    if len(_LETTER.findall(words)) < _LETTERS_AT_LEAST // 2:
        return None
    latin = bool(_LATIN.search(words))
    telling = _telling(words) if latin else {}
    best = max(telling, key=lambda code: telling[code], default=main)
    long_enough = len(words.split()) + telling.get(best, 0) > _WORDS_AT_LEAST
    if latin and (best == main or telling[best] <= telling.get(main, 0) or not long_enough):
        return None
    found = detect_language(part)
    sure = found.probability >= (_SURE if latin else 0.5)  # another alphabet needs no more
    return found if sure and found.value != main and (not latin or found.value in telling) else None
