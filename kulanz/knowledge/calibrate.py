"""Fits and measures search and confidence: `python -m kulanz.knowledge.calibrate --data DIR` (about five minutes).

DIR holds `search/*.jsonl` and `intents/*.jsonl` (see `calibration_data`). Prints recall and nDCG of the search,
then how well the confidence is calibrated on questions that took no part in the fit, what each threshold means, and the
coefficients to be written into `confidence.py`. Works on temporary tables; stored knowledge is not touched.
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import django
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kulanz.knowledge.calibration_data import Case

Numbers = NDArray[np.float64]
HELD_OUT = 0.3
BINS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description="Fits and measures search and confidence.")
    parser.add_argument("--data", type=Path, required=True, help="folder with search/*.jsonl and intents/*.jsonl")
    folder = parser.parse_args().data
    django.setup()
    from kulanz.knowledge.calibration_data import cases

    report(list(cases(folder)), print)


def report(found: Sequence[Case], say: Callable[[str], None]) -> None:
    """Everything that is measured, line by line."""
    _recall(found, say)
    table = _Table(found)
    train = table.split >= HELD_OUT
    weights, intercept = _fit(table.x[train], table.y[train], table.weight[train])
    chances = _chances(table.x[~train], weights, intercept)
    say("\nconfidence, held-out questions")
    _quality(table.y[~train], chances, say)
    _thresholds(table.y[~train], chances, table.answerable[~train], say)
    say("\nconfidence, fitted without the collection it is measured on")
    for name in sorted(set(table.group)):
        inside = table.group == name
        other = _fit(table.x[~inside], table.y[~inside], table.weight[~inside])
        say(f"{name}:")
        _quality(table.y[inside], _chances(table.x[inside], *other), say)
    weights, intercept = _fit(table.x, table.y, table.weight)
    from kulanz.knowledge.confidence import Features

    say(f"\nINTERCEPT = {intercept:.3f}")
    say("WEIGHTS = Features(" + ", ".join(f"{n}={w:.3f}" for n, w in zip(Features._fields, weights, strict=True)) + ")")


class _Table:
    """Features and outcomes of the best passage of every question. `weight` lets every collection count equally."""

    def __init__(self, found: Sequence[Case]) -> None:
        from kulanz.knowledge.calibration_data import chance
        from kulanz.knowledge.confidence import features
        from kulanz.knowledge.search import rank

        x, y, group, split, answerable = [], [], [], [], []
        for case in found:
            ranked = rank(case.candidates, case.query.language)
            if not ranked or ranked[0][0].text == ranked[0][0].title:
                continue
            x.append(features(case.query.text, ranked, 0, case.query.language))
            y.append(case.is_right(ranked[0][0]))
            group.append(case.corpus.split("_", 1)[0])
            split.append(chance(f"split {case.query.text}"))
            answerable.append(case.answerable)
        self.x, self.y = np.array(x, float), np.array(y, float)
        self.group, self.split, self.answerable = np.array(group), np.array(split), np.array(answerable)
        sizes = {name: float((self.group == name).mean()) for name in set(group)}
        self.weight = np.array([1 / sizes[name] for name in group])


def _fit(x: Numbers, y: Numbers, weight: Numbers) -> tuple[Numbers, float]:
    from sklearn.linear_model import LogisticRegression

    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1_000).fit((x - mean) / spread, y, sample_weight=weight)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - weights @ mean)


def _chances(x: Numbers, weights: Numbers, intercept: float) -> Numbers:
    chances: Numbers = 1 / (1 + np.exp(-(x @ weights + intercept)))
    return chances


def _quality(y: Numbers, chances: Numbers, say: Callable[[str], None]) -> None:
    """AUC, expected calibration error over ten equal bins, and the share of right passages."""
    from sklearn.metrics import roc_auc_score

    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [(bins == b).mean() * abs(y[bins == b].mean() - chances[bins == b].mean()) for b in set(bins.tolist())]
    say(f"  n {len(y)}  right {y.mean():.3f}  AUC {roc_auc_score(y, chances):.3f}  ECE {sum(gaps):.3f}")


def _thresholds(y: Numbers, chances: Numbers, answerable: NDArray[np.bool_], say: Callable[[str], None]) -> None:
    say("  threshold  precision  coverage of what was found right  of all answerable  answered though unanswerable")
    for threshold in np.arange(0.3, 0.91, 0.05):
        given = chances >= threshold
        if given.any():
            say(
                f"  {threshold:9.2f}  {y[given].mean():9.3f}  {y[given].sum() / y.sum():32.3f}"
                f"  {y[given].sum() / answerable.sum():17.3f}  {given[~answerable].mean():28.3f}"
            )


def _recall(found: Sequence[Case], say: Callable[[str], None]) -> None:
    from kulanz.knowledge.search import rank

    places: dict[str, list[list[bool]]] = defaultdict(list)
    for case in found:
        if case.query.relevant and not case.corpus.endswith(")"):
            ranked = rank(case.candidates, case.query.language)
            places[case.corpus].append([case.is_right(candidate) for candidate, _ in ranked[:10]])
    say("collection            n  recall@1  recall@3  recall@5  nDCG@10")
    for name, rows in places.items():
        recall = [np.mean([any(row[:depth]) for row in rows]) for depth in (1, 3, 5)]
        gain = np.mean([max((1 / math.log2(i + 2) for i, right in enumerate(row) if right), default=0) for row in rows])
        say(f"{name:18} {len(rows):4}  {recall[0]:8.3f}  {recall[1]:8.3f}  {recall[2]:8.3f}  {gain:7.3f}")


if __name__ == "__main__":
    main()
