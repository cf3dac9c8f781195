"""The emotions that people have named: what they add to the classifier that ships, and how both read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.vector import KnownVector
from kulanz.understanding.clean import same_length
from kulanz.understanding.corrected import Corrections, Numbers, fit_corrections, judged_without
from kulanz.understanding.emotion import EMOTIONS, directions, feeling_scores
from kulanz.understanding.language import detect_language
from kulanz.understanding.models import EmotionExample
from kulanz.understanding.ngrams import Floats
from kulanz.understanding.signals import find_signals
from kulanz.understanding.vectors import text_key, vectors_of

GATE = Path(__file__).with_name("wordings") / "feelings.gate.jsonl"
"""Ordinary wordings, ten an emotion and language, that corrections must not spoil. Nothing is ever taught with them."""

Named = tuple[str, str, str]
"""(text, emotion, language or nothing)."""

Right = tuple[bool, bool]
"""Whether the candidate, and whether the model in force, reads a text as people do."""


@dataclass(frozen=True, slots=True)
class Felt:
    """Texts as the shipped classifier sees them: its `scores` (n, 6), their `at` (n, 384) unit vectors."""

    scores: Floats
    at: Floats

    def read(self, corrections: Corrections | None) -> Numbers:
        """Numbers (n,) into `EMOTIONS`."""
        added = corrections.added(self.at) if corrections else 0
        return np.asarray((self.scores + added).argmax(axis=1), np.intp)


def felt(texts: Sequence[tuple[str, str]], vectors: NDArray[np.float32]) -> Felt:
    """(text, language or nothing) with their vectors (n, 384)."""
    scores = []
    for (text, language), vector in zip(texts, vectors, strict=True):
        view = same_length(text)
        code = detect_language(view, language or None).value
        scores.append(feeling_scores(view, KnownVector(view, vector), code, find_signals(text)))
    return Felt(np.array(scores, np.float32).reshape(-1, len(EMOTIONS)), directions(vectors))


def named_feelings() -> list[Named]:
    """Every accepted example of an emotion."""
    return list(EmotionExample.objects.order_by("text").values_list("text", "emotion", "language"))


def gate() -> list[Named]:
    with GATE.open(encoding="utf-8") as lines:
        return [(row["text"], row["emotion"], row["language"]) for row in map(json.loads, lines)]


def learnt(rows: Sequence[Named]) -> tuple[Corrections | None, dict[str, str]]:
    """What examples add to the shipped classifier, and how each (by its `text_key`) is read without itself."""
    if not rows:
        return None, {}
    seen, given = _felt(rows), _numbers(rows)
    without = judged_without(seen.at, seen.scores, given)
    judged = {text_key(row[0]): EMOTIONS[number] for row, number in zip(rows, without, strict=True)}
    return fit_corrections(seen.at, seen.scores, given), judged


def right_with(
    new: Corrections | None, new_judged: Mapping[str, str], old: Corrections | None, old_judged: Mapping[str, str]
) -> dict[str, list[Right]]:
    """How the corrections of a candidate (`new`) and of the model in force do on the gate, and on the accepted examples
    (each judged by a model that did not know it). Nothing where neither has any."""
    if new is None and old is None:
        return {}
    both = {"gate": gate(), "examples": named_feelings()}
    held: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
        "gate": ({}, {}),
        "examples": (new_judged, old_judged),
    }
    found = {}
    for name, rows in both.items():
        seen = _felt(rows)
        columns = [_read(seen, rows, *pair) for pair in zip((new, old), held[name], strict=True)]
        found[name] = [(one == row[1], other == row[1]) for row, one, other in zip(rows, *columns, strict=True)]
    return found


def _read(seen: Felt, rows: Sequence[Named], corrections: Corrections | None, judged: Mapping[str, str]) -> list[str]:
    numbers = seen.read(corrections).tolist()
    return [judged.get(text_key(row[0]), EMOTIONS[number]) for row, number in zip(rows, numbers, strict=True)]


def _felt(rows: Sequence[Named]) -> Felt:
    return felt([(text, language) for text, _, language in rows], vectors_of([row[0] for row in rows]))


def _numbers(rows: Sequence[Named]) -> Numbers:
    return np.array([list[str](EMOTIONS).index(emotion) for _, emotion, _ in rows], np.intp)
