"""How soon a customer needs an answer: low, normal or high."""

from __future__ import annotations

from kulanz.core.reading import Finding
from kulanz.understanding.clean import evidence
from kulanz.understanding.wordings import load, whole_words

_LOOKED_AT = 2_000
_LOW, _HIGH, _WAITING = (whole_words(load("urgency")[name]) for name in ("low", "high", "waiting"))


def read_urgency(text: str, emotion: Finding, signals: tuple[Finding, ...] = ()) -> Finding:
    """`low`, `normal` or `high` with its probability and the words it rests on; offsets hold for `text`."""
    view = text[:_LOOKED_AT]
    if low := _LOW.search(view):
        return Finding("low", 0.85, (evidence(view, low.start(), low.end()),))
    if high := _HIGH.search(view):
        return Finding("high", 0.9, (evidence(view, high.start(), high.end()),))
    upset = emotion.value in ("frustrated", "worried") and emotion.probability >= 0.6
    complains = any(signal.value == "complains" for signal in signals)
    if (waiting := _WAITING.search(view)) and (upset or complains):
        return Finding("high", 0.7, (evidence(view, waiting.start(), waiting.end()),))
    if len(view) < 40 and any(signal.value in ("thanks", "says_bye") for signal in signals):
        return Finding("low", 0.6)
    return Finding("normal", 0.6 if upset else 0.8)
