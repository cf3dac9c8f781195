"""Whether the customer wants a person, in any wording: patterns that are right where they fit, and a classifier taught
on wordings written by hand, for all the others."""

from __future__ import annotations

from dataclasses import replace

from kulanz.core.reading import Finding
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clean import same_length
from kulanz.understanding.intents import telling_words
from kulanz.understanding.shipped import shipped

WISH, OTHER = "wants_person", "other"
_LOOKED_AT = 600  # characters, as much as the vector is made of
_FROM = 0.4  # whoever is not heard asks in vain; whoever is misheard gets a person
_TERSE = 3  # words
_SURE_AGAINST = 0.03  # a pattern that fits a story about persons


def read_human_request(text: str, vector: LazyVector, signals: tuple[Finding, ...]) -> Finding | None:
    """The wish with its probability and the words it rests on, or None. `signals` are what `find_signals` found."""
    found = {signal.value: signal for signal in signals}
    pattern = found.get(WISH)
    if pattern is None and len(text.split()) <= _TERSE and found.keys() & {"affirms", "denies", "thanks", "greets"}:
        return None  # "ja bitte" answers a question
    model = shipped("human_request")
    view = same_length(text)[:_LOOKED_AT]
    column = model.labels.index(WISH)
    share = float(model.shares(view, vector)[column]) if any(c.isalnum() for c in view) else 0.0
    if pattern:
        return (
            None if share < _SURE_AGAINST else replace(pattern, probability=max(pattern.probability, round(share, 4)))
        )
    if share < _FROM:
        return None
    return Finding(WISH, round(share, 4), telling_words(model.ngrams, view, column))
