"""What is wrong with a set of examples: pure functions on texts, label numbers and vectors.

A label number counts into a tuple of names; every function treats `oos` like any other label.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kulanz.understanding.ngrams import softmax, words_of

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]

FEW = 5
"""Examples an intent should have at least."""

DOUBTED = 0.05
"""A row is suspected where its own label gets less than this share of what the best label gets. Measured on 2,000
rows of Banking77 with 5 % wrong labels planted: see docs/teaching.md."""

_NEIGHBOURS = (3, 15)  # fewest and most that vote
_BLOCK = 1_000  # rows compared at once: 1,000 x 10,000 cosines are 40 MB
_RIDGES = (0.3, 1.0, 3.0)
_SCALES = (4.0, 8.0, 12.0, 16.0, 24.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What models that never saw a row make of it: `predicted` (n,) label numbers with their `probability` (n,), and
    the probability of the given label, `own` (n,)."""

    predicted: Numbers
    probability: Floats
    own: Floats


@dataclass(frozen=True, slots=True)
class Suspect:
    """Row `row` is given as `given`, but reads like `predicted`."""

    row: int
    given: int
    predicted: int
    probability: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two labels taken for each other; `rate` is the share of both labels' rows, `rows` are those confused."""

    labels: tuple[int, int]
    rate: float
    rows: tuple[int, ...]


def judged_without(vectors: Floats, numbers: Numbers) -> Judged:
    """Judgement of every row by two models that never saw it, averaged: a ridge classifier and the row's neighbours.
    `vectors` (n, 384) of unit length, `numbers` (n,); 10,000 rows take some seconds."""
    centred = vectors - vectors.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
    count = int(numbers.max(initial=0)) + 1
    ridge, near = _ridge_without(centred, numbers, count), _neighbours_without(centred, numbers, count)
    shares = np.asarray((ridge + near) / 2, np.float32)
    rows, predicted = np.arange(len(shares)), shares.argmax(axis=1)
    return Judged(predicted, shares[rows, predicted], shares[rows, numbers])


def _ridge_without(centred: Floats, numbers: Numbers, count: int) -> Floats:
    """Leave-one-out shares (n, labels) of a ridge classifier, one target a label, in closed form: the prediction
    without row i is `(ŷ - h·y) / (1 - h)`, h being the row's leverage (Cook and Weisberg, Residuals and Influence in
    Regression, 1982). The ridge is the one with the most rows right."""
    wide = np.hstack([centred, np.full((len(centred), 1), 0.3, np.float32)]).astype(np.float64)
    values, basis = np.linalg.eigh(wide.T @ wide)
    turned, targets = wide @ basis, np.eye(count)[numbers]
    projected, squares = turned.T @ targets, turned**2
    best, most = targets, -1.0
    for ridge in _RIDGES:
        shrunk = 1 / (np.maximum(values, 0) + ridge)
        leverage = np.clip(squares @ shrunk, 0, 0.999)[:, None]
        scores = (turned @ (shrunk[:, None] * projected) - leverage * targets) / (1 - leverage)
        right = float((scores.argmax(axis=1) == numbers).mean())
        best, most = (scores, right) if right > most else (best, most)
    return _scaled(best.astype(np.float32), numbers)


def _scaled(scores: Floats, numbers: Numbers) -> Floats:
    """Probabilities at the temperature that gives the given labels the highest likelihood."""
    rows = np.arange(len(numbers))
    options = [softmax(scale * scores) for scale in _SCALES]
    return min(options, key=lambda shares: -float(np.log(shares[rows, numbers] + 1e-9).sum()))


def _neighbours_without(centred: Floats, numbers: Numbers, count: int) -> Floats:
    """Shares (n, labels) by the squared cosines of each row's nearest others: as many as half a label's usual rows.
    Exact copies don't vote: they would vouch for their own mistake."""
    most = min(int(np.clip(len(numbers) / count / 2, *_NEIGHBOURS)), len(numbers) - 1)
    shares = np.full((len(numbers), count), 1e-4, np.float32)
    for start in range(0, len(numbers), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(numbers)))
        cosines = centred[block] @ centred.T
        cosines[cosines > 0.9999] = 0
        near = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
        weights = np.clip(np.take_along_axis(cosines, near, axis=1), 0, None) ** 2
        for place in range(most):
            shares[block, numbers[near[:, place]]] += weights[:, place]
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def contradictions(texts: Sequence[str], numbers: Numbers) -> tuple[tuple[int, ...], ...]:
    """Rows that hold the same words (whatever their case and punctuation) under different labels, as groups."""
    groups: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        groups[_same(text)].append(row)
    return tuple(tuple(rows) for rows in groups.values() if len({int(numbers[row]) for row in rows}) > 1)


def _same(text: str) -> str:
    return " ".join(word for word in words_of(text) if word not in "!?") or text


def mislabelled(numbers: Numbers, judged: Judged) -> tuple[Suspect, ...]:
    """Rows likely to stand under the wrong label, the surest first: models that never saw them give their own label
    next to nothing (after confident learning, Northcutt et al. 2021; the share of the best label is the yardstick)."""
    doubt = judged.own / np.maximum(judged.probability, 1e-6)
    rows = np.flatnonzero((doubt < DOUBTED) & (judged.predicted != numbers))
    rows = rows[np.argsort(doubt[rows] - judged.probability[rows], kind="stable")]
    return tuple(Suspect(int(r), int(numbers[r]), int(judged.predicted[r]), float(judged.probability[r])) for r in rows)


def overlapping(numbers: Numbers, judged: Judged, least: float = 0.05, at_least_rows: int = 2) -> tuple[Overlap, ...]:
    """Pairs of labels of whose rows at least `least` are taken for the other label, the worst first."""
    sizes = Counter(numbers.tolist())
    confused: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(judged.predicted != numbers).tolist():
        low, high = sorted((int(numbers[row]), int(judged.predicted[row])))
        confused[low, high].append(row)
    pairs = (Overlap(p, len(rows) / (sizes[p[0]] + sizes[p[1]]), tuple(rows)) for p, rows in confused.items())
    return tuple(sorted((o for o in pairs if o.rate >= least and len(o.rows) >= at_least_rows), key=lambda o: -o.rate))


def too_few(numbers: Numbers, least: int = FEW) -> tuple[tuple[int, int], ...]:
    """(label, examples) of the labels with fewer than `least`, the poorest first."""
    return tuple(sorted(((n, c) for n, c in Counter(numbers.tolist()).items() if c < least), key=lambda pair: pair[1]))


def near_duplicates(
    texts: Sequence[str], numbers: Numbers, vectors: Floats, least: float = 0.95
) -> tuple[tuple[int, int], ...]:
    """Pairs of rows of one label that say the same twice: equal words, or a cosine of at least `least` and nearly the
    same letters. They teach nothing and make the held-out figures look better than they are."""
    words = [frozenset(words_of(text)) for text in texts]
    found = []
    for number in sorted(set(numbers.tolist())):
        rows = np.flatnonzero(numbers == number)
        cosines = np.triu(vectors[rows] @ vectors[rows].T, k=1)
        for one, other in zip(*np.nonzero(cosines >= least), strict=True):
            first, second = int(rows[one]), int(rows[other])
            if _shared(words[first], words[second]) >= 0.75:
                found.append((first, second))
    return tuple(found)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def per_label(numbers: Numbers, judged: Judged, labels: int) -> list[tuple[int, float, float]]:
    """(examples, precision, recall) of each label number, held out; 0 where there is nothing to divide by."""
    result = []
    for number in range(labels):
        given, said = numbers == number, judged.predicted == number
        both = float((given & said).sum())
        result.append((int(given.sum()), both / max(1.0, float(said.sum())), both / max(1.0, float(given.sum()))))
    return result
