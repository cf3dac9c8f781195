"""Measures the intent classifier: `python -m kulanz.understanding.evaluate --train FILE --test FILE`.

Prints one JSON object. Files are JSONL with `text` and `intent`; `oos` is none of them. `--fold 5` leaves every fifth
row out of `--train` and tests on those. `--few N` trains on the first N examples of each intent. `--cache FILE` keeps
vectors between runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import embedder
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.fitting import Examples, examples_of, fit_classifier
from kulanz.understanding.intents import NONE_OF_THEM, IntentClassifier, Verdict, classifier_from, stored

Row = tuple[str, str]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [(row["text"], row["intent"]) for line in lines for row in [json.loads(line)]]


def _few(rows: list[Row], most: int) -> list[Row]:
    seen: Counter[str] = Counter()
    kept = []
    for text, intent in rows:
        seen[intent] += 1
        if seen[intent] <= most:
            kept.append((text, intent))
    return kept


def vectors_of(texts: list[str], cache: Path | None) -> dict[str, NDArray[np.float32]]:
    """Every text's vector, from `cache` (an .npz file, written back) where it holds them."""
    known: dict[str, NDArray[np.float32]] = {}
    if cache and cache.exists():
        with np.load(cache) as file:
            known = dict(zip(file["texts"].tolist(), file["vectors"], strict=True))
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    for start in range(0, len(missing), 64):
        batch = missing[start : start + 64]
        known.update(zip(batch, embedder().query(batch), strict=True))
    if cache and missing:
        np.savez(cache, texts=np.array(list(known)), vectors=np.array(list(known.values()), np.float32))
    return known


def _classify(classifier: IntentClassifier, rows: list[Row]) -> tuple[list[Verdict], list[float]]:
    verdicts, took = [], []
    for text, _ in rows:
        start = time.perf_counter()
        verdicts.append(classifier.classify(text, LazyVector(text)))
        took.append((time.perf_counter() - start) * 1000)
    return verdicts, took


def _figures(rows: list[Row], verdicts: list[Verdict], took: list[float]) -> dict[str, float]:
    inside = np.array([intent != NONE_OF_THEM for _, intent in rows])
    named = np.array([bool(v.candidates) and v.candidates[0][0] == i for v, (_, i) in zip(verdicts, rows, strict=True)])
    accepted = np.array([not verdict.rejected for verdict in verdicts])
    early = np.array([not verdict.embedded for verdict in verdicts])
    milliseconds = np.array(took)
    figures = {
        "accuracy": named[inside].mean(),
        "accuracy_with_rejection": (named & accepted)[inside].mean(),
        "precision_of_accepted": named[accepted].mean(),
        "oos_recall": (~accepted)[~inside].mean() if (~inside).any() else None,
        "oos_precision": (~inside)[~accepted].mean() if (~accepted).any() else None,
        "without_embedding": early.mean(),
        "without_embedding_in_scope": early[inside].mean(),
        "precision_without_embedding": named[early].mean() if early.any() else None,
        "ms_p50": np.percentile(milliseconds, 50),
        "ms_p95": np.percentile(milliseconds, 95),
        "ms_p50_without_embedding": np.percentile(milliseconds[early], 50) if early.any() else None,
    }
    return {name: round(float(value), 4) for name, value in figures.items() if value is not None}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures the intent classifier.")
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--fold", type=int, default=0, help="test on every n-th row of --train, left out of training")
    parser.add_argument("--few", type=int, default=0, help="train on so many examples of each intent")
    parser.add_argument("--no-oos", action="store_true", help="train without the examples of none of them")
    parser.add_argument("--cache", type=Path, help="an .npz file that keeps vectors between runs")
    return parser.parse_args()


def _sets(given: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    train = _rows(given.train)
    test = _rows(given.test) if given.test else train[:: given.fold or 5]
    if not given.test:
        train = [row for i, row in enumerate(train) if i % (given.fold or 5)]
    if given.no_oos:
        train = [row for row in train if row[1] != NONE_OF_THEM]
    return list(dict.fromkeys(_few(train, given.few) if given.few else train)), test


def main() -> None:
    given = _arguments()
    train, test = _sets(given)
    known = vectors_of([text for text, _ in train], given.cache)
    start = time.perf_counter()
    examples: Examples = examples_of(
        [t for t, _ in train], [i for _, i in train], np.array([known[t] for t, _ in train])
    )
    classifier, held_out = fit_classifier(examples)
    seconds = time.perf_counter() - start
    manifest = {"intents": classifier.labels, "has_none": classifier.has_none, "version": "measured"}
    data = stored(classifier)
    classifier = classifier_from(data, manifest)  # what a worker really runs
    verdicts, took = _classify(classifier, test)
    result = {
        "train": len(train),
        "test": len(test),
        "intents": len(classifier.labels),
        **_figures(test, verdicts, took),
        "fit_seconds": round(seconds, 1),
        "megabytes": round(len(data) / 1e6, 1),
        "held_out": held_out,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
