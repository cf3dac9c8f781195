"""What accepting proposals would probably change: an estimate within a second, where training takes longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kulanz.understanding.emotion import EMOTIONS
from kulanz.understanding.feelings import felt, learnt, named_feelings
from kulanz.understanding.models import ExampleProposal, ProtectedCase, StoredReading
from kulanz.understanding.quality import Floats, Numbers
from kulanz.understanding.training import stored_examples
from kulanz.understanding.vectors import kept_vectors, readable, unpacked

PROBES = 300
"""Newest readings with a vector on which the effect is estimated."""

_RIDGE = 40.0


@dataclass(frozen=True, slots=True)
class Effect:
    """One text that would be read differently; `protected` where it is a protected case."""

    text: str
    before: str
    after: str
    protected: bool


def estimated_effect(proposals: Sequence[ExampleProposal], intent: str) -> tuple[Effect, ...]:
    """What stored recent messages and protected cases would probably become if `proposals` were examples of
    `intent`. A ridge classifier stands in for the real model, so this is an estimate: it knows no rejection. For
    emotions it is what the training will make of all that is accepted, and of `proposals`."""
    if any(proposal.kind == ExampleProposal.Kind.EMOTION for proposal in proposals):
        return _effect_on_feelings(proposals, intent)
    rows = stored_examples()
    kept = kept_vectors([text for text, _ in rows])
    rows = [row for row in rows if row[0] in kept]
    added = [unpacked(p.vector) for p in proposals if p.vector and readable(p.vector)]
    probes = _probes()
    if not rows or not added or not probes:
        return ()
    labels = sorted({label for _, label in rows} | {intent})
    numbers = np.array([labels.index(label) for _, label in rows], np.intp)
    vectors = np.array([kept[text] for text, _ in rows])
    before, after = predictions(
        vectors, numbers, np.array(added), labels.index(intent), np.array([p[1] for p in probes])
    )
    return tuple(
        Effect(text, labels[old], labels[new], protected)
        for (text, _, protected), old, new in zip(probes, before, after, strict=True)
        if old != new
    )


def _effect_on_feelings(proposals: Sequence[ExampleProposal], emotion: str) -> tuple[Effect, ...]:
    probes = _probes()
    if emotion not in EMOTIONS or not probes:
        return ()
    accepted = {row[0]: row for row in named_feelings()}
    added = {proposal.text: (proposal.text, emotion, proposal.language) for proposal in proposals}
    (before, _), (after, _) = learnt(list(accepted.values())), learnt(list((accepted | added).values()))
    seen = felt([(text, "") for text, _, _ in probes], np.array([vector for _, vector, _ in probes]))
    readings = zip(probes, seen.read(before).tolist(), seen.read(after).tolist(), strict=True)
    return tuple(
        Effect(text, EMOTIONS[old], EMOTIONS[new], protected)
        for (text, _, protected), old, new in readings
        if old != new
    )


def predictions(
    vectors: Floats, numbers: Numbers, added: Floats, label: int, probes: Floats
) -> tuple[list[int], list[int]]:
    """The label numbers of `probes` (m, 384) without and with `added` (k, 384) as examples of `label`."""
    mean = vectors.mean(axis=0)
    scale = float(vectors.std()) or 1.0
    count = max(int(numbers.max()), label) + 1
    wide = [np.hstack([(v - mean) / scale, np.ones((len(v), 1))]) for v in (vectors, added, probes)]
    known, new, asked = (w.astype(np.float64) for w in wide)
    square, target = known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ np.eye(count)[numbers]
    without = np.linalg.solve(square, target)
    extra = np.zeros((len(new), count))
    extra[:, label] = 1
    with_them = np.linalg.solve(square + new.T @ new, target + new.T @ extra)
    return (asked @ without).argmax(axis=1).tolist(), (asked @ with_them).argmax(axis=1).tolist()


def _probes() -> list[tuple[str, Floats, bool]]:
    newest = StoredReading.objects.exclude(vector=None).order_by("-id")[:PROBES]
    rows = newest.values_list("data__text", "vector")
    found = [(text, unpacked(data), False) for text, data in rows if data is not None and readable(data)]
    cases = list(ProtectedCase.objects.values_list("text", flat=True))
    kept = kept_vectors(cases)
    return found + [(text, kept[text], True) for text in cases if text in kept]
