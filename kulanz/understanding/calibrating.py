"""Measures on held-out texts how far an intent classifier may be trusted: the cascade's weights and thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kulanz.understanding.intents import (
    Calibration,
    IntentClassifier,
    early_features,
    logistic,
    none_features,
)
from kulanz.understanding.ngrams import Floats, softmax

EARLY_LOSS = 0.004
"""Share of the known texts that n-grams alone may get wrong although both models together got them right."""

EARLY_FOREIGN = 0.06
"""Share of the foreign texts that n-grams alone may take for an intent although both models together rejected them."""

WRONGLY_REJECTED = 0.008
"""Share of the texts understood rightly that the threshold for "none of them" may cost."""

# Where few examples are given, their own held-out figures say little: fits are pulled towards these weights, which
# public sets gave at 5 examples an intent.
PRIOR = Calibration(
    alone=8.0,
    mix=(2.4, 1.5),
    early=np.array([0.65, 1.2, 1.5, 2.5, -0.5, -2.75], np.float32),
    early_threshold=0.97,
    none=np.array([-0.95, -0.7, -0.1, -2.5, 0.0, 0.3, 0.4], np.float32),
    none_threshold=0.75,
)
_HALF_TRUSTED = 100  # held-out texts whose quantile counts half: then one of them is all that lies beyond it
_PULL = 3.0
_FEW = 60  # held-out texts: below, a share says too little to move a threshold

Figures = dict[str, float]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Held:
    """What a classifier says of texts it never saw. `truth` holds its own class numbers; `len(labels)` is "none"."""

    classifier: IntentClassifier
    margins: Floats
    coverage: Floats
    embedded: Floats
    nearest: Floats
    truth: NDArray[np.intp]

    @property
    def known(self) -> Flags:
        return self.truth < len(self.classifier.labels)

    def scores(self, calibration: Calibration) -> tuple[Floats, Floats]:
        """Both models' scores together, for the intents and for `oos`."""
        machine = replace(self.classifier, calibration=calibration)
        return machine.split(machine.mixed(self.margins, self.embedded, self.coverage))

    def shares(self, calibration: Calibration) -> Floats:
        """Both models' probabilities of the intents, (n, intents)."""
        return softmax(self.scores(calibration)[0])

    def none_features(self, calibration: Calibration) -> Floats:
        scores, none = self.scores(calibration)
        inside, _ = self.classifier.split(self.margins)
        return none_features(scores, inside, none, self.nearest, self.coverage)


def calibrate(held: list[Held]) -> tuple[Calibration, Figures]:
    """Fits the cascade's few numbers, in the order in which they build on each other."""
    if not held:
        return PRIOR, {}
    (alone,) = _fit_scales(held, (PRIOR.alone,), lambda h, s: s[0] * h.classifier.split(h.margins)[0])
    mix = _fit_scales(held, PRIOR.mix, lambda h, s: h.scores(replace(PRIOR, mix=(s[0], s[1])))[0])
    found = replace(PRIOR, alone=alone, mix=(mix[0], mix[1]))

    known = np.concatenate([h.known for h in held])
    features, correct = _none(held, found)
    weights = fit_logistic(features, ~known, PRIOR.none)
    against = logistic(features, weights)
    found = replace(found, none=weights, none_threshold=_none_threshold(against[correct]))
    rejected = against >= found.none_threshold

    early, right = _early(held, alone)
    weights = fit_logistic(early, right, PRIOR.early)
    certain = logistic(early, weights)
    costs = (known & correct & ~rejected & ~right, ~known & rejected)
    found = replace(found, early=weights, early_threshold=_early_threshold(certain, known, *costs))
    decided = certain >= found.early_threshold
    return found, _figures(known, np.where(decided, right, correct), decided, rejected & ~decided)


def _fit_scales(
    held: list[Held], start: tuple[float, ...], scores: Callable[[Held, tuple[float, ...]], Floats]
) -> tuple[float, ...]:
    """The positive scales at which the softmax of `scores` gives the held-out truth the highest probability."""

    def loss(logs: NDArray[np.float64]) -> float:
        scales = tuple(np.exp(logs).tolist())
        total = _PULL * float(((logs - np.log(start)) ** 2).sum())
        for part in held:
            shares = softmax(scores(part, scales))[part.known]
            total -= float(np.log(shares[np.arange(len(shares)), part.truth[part.known]] + 1e-9).sum())
        return total

    from scipy.optimize import minimize  # heavy, and only training needs it

    best = minimize(loss, np.log(start), method="Nelder-Mead", options={"maxiter": 60, "xatol": 0.02, "fatol": 0.1})
    return tuple(np.exp(best.x).tolist())


def fit_logistic(features: Floats, target: Flags, prior: Floats, pull: float = _PULL) -> Floats:
    """Logistic weights, both outcomes weighing the same in total, pulled towards `prior` (a Gaussian around it)."""
    share = float(np.clip(target.mean(), 0.02, 0.98))
    weight = np.where(target, 0.5 / share, 0.5 / (1 - share))
    sign = np.where(target, 1.0, -1.0)
    wide = features.astype(np.float64)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (wide @ weights)
        off = weights - prior
        slope = -sign * weight / (1 + np.exp(np.clip(margin, -30, 30)))
        return float((weight * np.logaddexp(0, -margin)).sum() + pull * (off @ off)), wide.T @ slope + 2 * pull * off

    from scipy.optimize import minimize

    found = minimize(loss, prior.astype(np.float64), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, np.float32)


def _early(held: list[Held], alone: float) -> tuple[Floats, Flags]:
    features, right = [], []
    for part in held:
        inside, none = part.classifier.split(part.margins)
        features.append(early_features(inside, none, part.coverage, alone))
        right.append(inside.argmax(axis=1) == part.truth)
    return np.concatenate(features), np.concatenate(right)


def _early_threshold(certain: Floats, known: Flags, lost: Flags, let_in: Flags) -> float:
    """The lowest certainty from which on the n-gram model alone is hardly worse than both together: `lost` and
    `let_in` (n,) are its mistakes that both together avoid. Never below what a text decided alone deserves."""
    if known.sum() < _FEW:
        return PRIOR.early_threshold
    order = np.argsort(-certain, kind="stable")
    foreign = max(1, int((~known).sum()))
    fine = (np.cumsum(lost[order]) <= EARLY_LOSS * known.sum()) & (np.cumsum(let_in[order]) <= EARLY_FOREIGN * foreign)
    last = int(np.flatnonzero(fine)[-1]) if fine[0] else 0
    return float(np.clip(certain[order[last]], 0.6, 0.99))


def _none(held: list[Held], found: Calibration) -> tuple[Floats, Flags]:
    features, correct = [], []
    for part in held:
        features.append(part.none_features(found))
        correct.append(part.shares(found).argmax(axis=1) == part.truth)
    return np.concatenate(features), np.concatenate(correct)


def _none_threshold(against: Floats) -> float:
    """What costs no more than `WRONGLY_REJECTED` of the texts understood rightly; `against` (n,) is theirs. Few texts
    say little about so small a share, so that their quantile is drawn towards what is usual."""
    if len(against) < _FEW:
        return PRIOR.none_threshold
    found = float(np.quantile(against, 1 - WRONGLY_REJECTED))
    trust = len(against) ** 2 / (len(against) ** 2 + _HALF_TRUSTED**2)
    return float(np.clip(PRIOR.none_threshold + trust * (found - PRIOR.none_threshold), 0.2, 0.95))


def _figures(known: Flags, correct: Flags, decided: Flags, rejected: Flags) -> Figures:
    accepted = ~rejected
    figures = {
        "accuracy": correct[known].mean(),
        "accuracy_with_rejection": (correct & accepted)[known].mean(),
        "none_of_them_found": rejected[~known].mean() if (~known).any() else np.nan,
        "decided_without_embedding": decided[known].mean(),
        "held_out": float(len(known)),
    }
    return {name: round(float(value), 4) for name, value in figures.items() if not np.isnan(value)}
