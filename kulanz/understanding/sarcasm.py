"""Friendly words that mean the opposite: praise beside a failure, or praise where the conversation went badly."""

from __future__ import annotations

import re

from kulanz.core.reading import Finding, Reading
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.wordings import load, whole_words

_LOOKED_AT = 1_000  # characters
_NEAR = 90  # characters between the praise and the failure
_BARE = 50  # characters: up to here a lone "Super." after anger says the opposite
_UPSET = frozenset({"frustrated", "disappointed"})
_WORDS = load("sarcasm")
_BITTER, _PRAISE, _FAILURE, _MEANT, _TURN = (
    whole_words(_WORDS[name]) for name in ("bitter", "praise", "failure", "meant", "turn")
)


def sarcasm(text: str, sentiment: Finding, before: Reading | None = None) -> Finding | None:
    """`sarcastic` with its probability and the words that are praise on the face of it, or None.

    `sentiment` is that of `text`, `before` the reading of the customer's turn before. Plain praise is never sarcastic:
    there must be a failure near it, a fixed bitter phrase, or anger in the turn before.
    """
    view = same_length(text)[:_LOOKED_AT]
    if bitter := _BITTER.search(view):
        if _FAILURE.search(view):
            return _found(text, bitter, 0.93)
        if not _MEANT.search(view):
            return _found(text, bitter, 0.9 if _went_badly(before) or sentiment.value == "negative" else 0.75)
    praise = _PRAISE.search(view)
    if praise is None or _MEANT.search(view):
        return None
    if _fails_near(view, praise):
        return _found(text, praise, 0.9 if _went_badly(before) or sentiment.value == "negative" else 0.8)
    if _went_badly(before) and len(view.strip()) <= _BARE and "?" not in view:
        return _found(text, praise, 0.6)
    return None


def _found(text: str, words: re.Match[str], probability: float) -> Finding:
    return Finding("sarcastic", probability, (evidence(text, words.start(), words.end()),))


def _fails_near(view: str, praise: re.Match[str]) -> bool:
    """A failure close to the praise with no turn ("but", "leider") between them: that would be an honest mixture."""
    for failure in _FAILURE.finditer(view, max(0, praise.start() - _NEAR), praise.end() + _NEAR):
        first, last = sorted((praise.span(), failure.span()))
        if last[0] >= first[1] and not _TURN.search(view, first[1], last[0]):
            return True
    return False


def _went_badly(before: Reading | None) -> bool:
    if before is None:
        return False
    upset = before.emotion.value in _UPSET and before.emotion.probability >= 0.5
    negative = before.sentiment.value == "negative" and before.sentiment.probability >= 0.6
    return upset or negative or before.signal("complains") is not None
