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
_SURE_AGAINST = 0.03  # a pattern that fits a story about persons


def read_human_request(text: str, vector: LazyVector, pattern: Finding | None) -> Finding | None:
    """The wish with its probability and the words it rests on, or None. `pattern` is the one that fits, if any."""
    model = shipped("human_request")
    view = same_length(text)[:_LOOKED_AT]
    column = model.labels.index(WISH)
    share = float(model.shares(view, vector)[column]) if any(c.isalnum() for c in view) else 0.0
    if pattern:
        return (
            None if share < _SURE_AGAINST else replace(pattern, probability=max(pattern.probability, round(share, 4)))
        )
    if share < 0.5:
        return None
    return Finding(WISH, round(share, 4), telling_words(model.ngrams, view, column))
