"""Matters that belong to people: death, injuries, danger, the law, threats, fraud. Words that tell, and for all other
wordings a classifier taught on wordings written by hand."""

from __future__ import annotations

import re

from kulanz.core.reading import Evidence, Finding
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clauses import clauses
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.intents import telling_words
from kulanz.understanding.shipped import shipped
from kulanz.understanding.wordings import load

NO_RISK = "none"

_LOOKED_AT = 2_000  # characters
_BY_WORDS = 0.9
_SURE = 0.5  # chosen on wordings that nothing was taught with; a false alarm costs the customer an answer

_STORY = 4  # parts


def _compiled(words: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(word, re.IGNORECASE) for word in words)


_WORDS = {name: (_compiled(entry["words"]), _compiled(entry["unless"])) for name, entry in load("risks").items()}


def read_risks(text: str, vector: LazyVector) -> tuple[Finding, ...]:
    """The risky matters with their probabilities and the words they rest on; offsets hold for `text`."""
    view = same_length(text)[:_LOOKED_AT]
    if not any(character.isalnum() for character in view):
        return ()
    model = shipped("risks")
    shares = dict(zip(model.labels, model.shares(view, vector).tolist(), strict=True))
    known, found = telling(view), []
    for name in _WORDS:
        words, share = known.get(name), shares.get(name, 0.0)
        if words:
            found.append(Finding(name, round(max(_BY_WORDS, share), 4), (words,)))
        elif share >= _SURE and _in_a_part(view, model.labels.index(name)):
            column = model.labels.index(name)
            found.append(Finding(name, round(share, 4), telling_words(model.ngrams, view, column)))
    return tuple(found)


def _in_a_part(view: str, column: int) -> bool:
    """Of a long story the whole sounds like much that nobody said: one of its parts must sound like it too."""
    parts = clauses(view)
    if len(parts) < _STORY:
        return True
    model = shipped("risks")
    return any(float(model.shares(p.text, LazyVector(p.text))[column]) >= _SURE for p in parts)


def telling(view: str) -> dict[str, Evidence]:
    """The risks that words alone tell, with the first of these words."""
    found = ((name, _first(view, *patterns)) for name, patterns in _WORDS.items())
    return {name: words for name, words in found if words}


def _first(view: str, patterns: tuple[re.Pattern[str], ...], unless: tuple[re.Pattern[str], ...]) -> Evidence | None:
    for pattern in unless:
        view = pattern.sub(lambda match: " " * len(match.group()), view)
    hits = [found for pattern in patterns if (found := pattern.search(view))]
    first = min(hits, key=lambda found: found.start(), default=None)
    return evidence(view, first.start(), first.end()) if first else None
