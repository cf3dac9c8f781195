"""Which language a customer writes: py3langid (naive Bayes over byte n-grams, Lui and Baldwin 2011), a prior, and the
hint of the conversation for words that belong to several languages."""

from __future__ import annotations

import re

from kulanz.core.reading import Finding
from kulanz.nlp.languages import identifier
from kulanz.understanding.wordings import load

# what customers in Central Europe write, and the big scripts; more candidates only add mistakes
LANGUAGES = tuple(
    "de en fr es it nl pl pt tr ru uk ar cs ro sv da hu el bg hr zh ja ko he fa vi".split()  # noqa: SIM905
)
_PRIOR = {"de": 4.0, "en": 4.0}
_HINT_FACTOR = 6.0
_SCORED = 400  # characters: more don't change the verdict

_NO_LANGUAGE = re.compile(r"\S*(?:@|://|www\.)\S*|[\w-]*\d[\w-]*|[^\w\s'-]")
_LETTER = re.compile(r"[^\W\d_]")
_TELLING = {code: frozenset(str(words).split()) for code, words in load("languages").items()}


def detect_language(text: str, hint: str | None = None) -> Finding:
    """The ISO 639-1 code of the text's language and its probability.

    `hint` (the conversation's language, for example "de" or "de-AT") decides where the text says nothing: numbers,
    emoji, "ok". Without a hint such texts are German with probability 0.5.
    """
    hint = (hint or "")[:2].lower()
    words = _NO_LANGUAGE.sub(" ", text[:_SCORED])
    if not _LETTER.search(words):
        return Finding(hint if hint in LANGUAGES else "de", 0.5)
    prior = {code: _PRIOR.get(code, 1.0) for code in LANGUAGES}
    if hint in prior:
        prior[hint] = max(_HINT_FACTOR, prior[hint])
    for code, telling in _TELLING.items():
        prior[code] *= 6.0 ** min(4, sum(word in telling for word in words.lower().split()))
    weighted = {code: p * prior[code] for code, p in identifier(LANGUAGES).rank(words)}
    best = max(weighted, key=lambda code: weighted[code])
    return Finding(best, round(weighted[best] / sum(weighted.values()), 4))
