"""Fits an intent classifier to examples: pure arrays in, a classifier and its figures out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kulanz.core.errors import InvalidInput
from kulanz.nlp.embedder import was_taught
from kulanz.understanding.calibrating import PRIOR, Figures, Held, calibrate
from kulanz.understanding.intents import NONE_OF_THEM, IntentClassifier, digest
from kulanz.understanding.ngrams import Counted, Floats, class_weights, train_ngrams

_ENOUGH = 200  # texts to measure on

PROTOTYPES = 8
"""An intent's examples are summed up by at most so many mean vectors."""


@dataclass(frozen=True, slots=True)
class Examples:
    """`texts` with their intents as numbers into `labels`; `len(labels)` stands for `oos`. `vectors` (n, 384)."""

    texts: Sequence[str]
    numbers: NDArray[np.intp]
    labels: tuple[str, ...]
    counted: Counted
    vectors: Floats

    def only(self, rows: NDArray[np.intp]) -> Examples:
        """These rows, with only the intents that still have examples."""
        numbers = self.numbers[rows]
        left = sorted(set(numbers.tolist()) - {len(self.labels)})
        new = np.full(len(self.labels) + 1, len(left))
        new[left] = np.arange(len(left))
        grams = Counted([self.counted.grams[row] for row in rows])
        labels = tuple(self.labels[number] for number in left)
        return Examples([self.texts[row] for row in rows], new[numbers], labels, grams, self.vectors[rows])


def examples_of(texts: Sequence[str], intents: Sequence[str], vectors: Floats) -> Examples:
    """`texts` and their `intents` (equally many; `oos` for none of them) with their vectors (n, 384)."""
    labels = tuple(sorted(set(intents) - {NONE_OF_THEM}))
    number = {label: i for i, label in enumerate((*labels, NONE_OF_THEM))}
    numbers = np.array([number[intent] for intent in intents], np.intp)
    return Examples(texts, numbers, labels, Counted.of(texts), vectors)


def steps_of(examples: int) -> int:
    """How many times the models are fitted, for progress bars."""
    return _folds(examples) + 1


def fit_classifier(
    examples: Examples, step: Callable[[], None] = lambda: None, *, closed: bool = False
) -> tuple[IntentClassifier, Figures]:
    """The classifier, calibrated on held-out texts and held-out intents, and the figures of those. `step` is called
    after each of `steps_of(len(texts))` parts of the work. `closed`: the labels cover everything (feelings, say); none
    is held out to stand for what nobody thought of, and rare labels weigh as much as frequent ones.

    Raises `InvalidInput` for fewer than two intents."""
    if len(examples.labels) < 2:
        raise InvalidInput("Training needs examples of at least two intents besides 'oos'.")
    held = []
    for inside, outside in _splits(examples, closed):
        part = examples.only(inside)
        held.append(_hold(_fit_models(part, closed), part, examples, outside))
        step()
    calibration, figures = calibrate(held)
    classifier = replace(_fit_models(examples, closed), calibration=calibration)
    step()
    return classifier, figures


def _folds(examples: int) -> int:
    return 5 if examples < 2_000 else 2


def _splits(examples: Examples, closed: bool) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to fit and rows to measure on: a fifth of every intent's texts, and a fifth of the intents altogether, which
    then stand for everything a customer may bring up that nobody thought of. Texts that the reader was taught with
    would flatter the figures: where there are some, and enough others, only the others are measured on."""
    random = np.random.default_rng(0)
    count, rows = len(examples.labels), np.arange(len(examples.texts))
    folds, fresh = _folds(len(rows)), ~was_taught(examples.texts)
    fold_of_row = random.permutation(len(rows)) % 5
    if fresh.all() or fresh.sum() < _ENOUGH:
        fresh[:] = True
    else:
        fold_of_row = np.where(fresh, fold_of_row % folds, -1)
    fold_of_intent = random.permutation(count) % 5
    for fold in range(folds):
        foreign = np.flatnonzero(fold_of_intent == fold)
        foreign = foreign[: 0 if closed else max(0, count - 3)]  # something has to be left to confuse with
        outside = (fold_of_row == fold) | np.isin(examples.numbers, foreign)
        if len(set(examples.numbers[~outside].tolist()) - {count}) >= 2 and (outside & fresh).any():
            yield rows[~outside], rows[outside & fresh]


def _fit_models(part: Examples, closed: bool) -> IntentClassifier:
    has_none = bool((part.numbers == len(part.labels)).any())
    weights, bias = _fit_embedding(part, closed)
    return IntentClassifier(
        labels=part.labels,
        has_none=has_none,
        ngrams=train_ngrams(part.counted, part.numbers, balanced=closed),
        embedding=weights,
        embedding_bias=bias,
        prototypes=_prototypes(part),
        known=_known(part),
        calibration=PRIOR,
    )


def _fit_embedding(part: Examples, balanced: bool) -> tuple[Floats, Floats]:
    """Multinomial logistic regression; the vectors' common direction is taken out first, the rest scaled to unit
    variance, and both are folded into the weights again: (384, classes) and (classes,)."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = part.vectors.mean(axis=0), float(part.vectors.std()) or 1.0
    weight = class_weights(part.numbers) if balanced else None
    machine = LogisticRegression(C=_strength(len(part.numbers)), max_iter=200, tol=1e-3, class_weight=weight).fit(
        (part.vectors - mean) / scale, part.numbers
    )
    coefficients, bias = machine.coef_ / scale, machine.intercept_
    if len(bias) == 1:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
    return coefficients.T.astype(np.float32), (bias - coefficients @ mean).astype(np.float32)


def _strength(examples: int) -> float:
    """The inverse of the regularisation, chosen on the development sets: few examples have to be trusted more."""
    return float(np.clip(200 / examples, 0.2, 1.0))


def _prototypes(part: Examples) -> Floats:
    """Unit vectors that stand for the intents' examples: all of them where they are few, else the means of clusters."""
    from sklearn.cluster import KMeans

    found = []
    for number in range(len(part.labels)):
        vectors = part.vectors[part.numbers == number]
        if len(vectors) > PROTOTYPES:
            vectors = KMeans(PROTOTYPES, n_init=1, max_iter=20, random_state=0).fit(vectors).cluster_centers_
        found.append(vectors)
    together = np.concatenate(found)
    return np.asarray(together / np.linalg.norm(together, axis=1, keepdims=True), np.float32)


def _known(part: Examples) -> dict[int, int]:
    """Texts that stand for exactly one intent; what stands for two proves nothing."""
    intents: dict[int, set[int]] = {}
    for text, number in zip(part.texts, part.numbers.tolist(), strict=True):
        intents.setdefault(digest(text), set()).add(number)
    return {key: numbers.pop() for key, numbers in intents.items() if len(numbers) == 1}


def _hold(classifier: IntentClassifier, part: Examples, examples: Examples, outside: NDArray[np.intp]) -> Held:
    margins, coverage = zip(*(classifier.ngrams.margins(examples.texts[row]) for row in outside), strict=True)
    vectors = examples.vectors[outside]
    number = {label: i for i, label in enumerate(part.labels)}
    names = (*examples.labels, NONE_OF_THEM)
    return Held(
        classifier,
        np.array(margins, np.float32),
        np.array(coverage, np.float32),
        vectors @ classifier.embedding + classifier.embedding_bias,
        (vectors @ classifier.prototypes.T).max(axis=1),
        np.array([number.get(names[examples.numbers[row]], len(part.labels)) for row in outside], np.intp),
    )
