"""Measures the readers on labelled files; what `kulanz evaluate` prints."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kulanz.core.errors import InvalidInput
from kulanz.nlp.embedder import reader
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clean import same_length
from kulanz.understanding.emotion import EMOTIONS, read_feelings
from kulanz.understanding.fitting import examples_of, fit_classifier
from kulanz.understanding.human_request import read_human_request
from kulanz.understanding.intents import NONE_OF_THEM, IntentClassifier, Verdict, classifier_from, stored
from kulanz.understanding.language import detect_language
from kulanz.understanding.rows import Row
from kulanz.understanding.signals import find_signals

Progress = Callable[[int, int], None]

_BINS = 15
_BATCH = 256
_LISTED = 200  # wrong rows
_SUREST = 20  # of sets with thousands of rows


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier as a worker would load it, and what it took."""

    classifier: IntentClassifier
    seconds: float
    megabytes: float
    held_out: dict[str, float]


def train_on(rows: Sequence[Row], progress: Progress) -> Trained:
    """Embeds and fits, as `kulanz train` does without its database."""
    start = time.perf_counter()
    rows = list(dict.fromkeys(rows))
    texts = [text for text, _ in rows]
    vectors = np.zeros((len(texts), 384), np.float32)
    for at in range(0, len(texts), _BATCH):
        vectors[at : at + _BATCH] = reader().vectors(texts[at : at + _BATCH])
        progress(min(at + _BATCH, len(texts)), len(texts))
    classifier, figures = fit_classifier(examples_of(texts, [label for _, label in rows], vectors))
    data = stored(classifier)
    manifest = {"intents": classifier.labels, "has_none": classifier.has_none, "version": "measured"}
    seconds = time.perf_counter() - start
    return Trained(classifier_from(data, manifest), seconds, len(data) / 1e6, figures)


def evaluate_intents(train: Sequence[Row], test: Sequence[Row], progress: Progress) -> dict[str, Any]:
    """The figures of a classifier trained on `train`; `oos` in `test` is none of the intents. Rows of `test` whose
    intent has no training example are left out of every figure and named in `unknown_labels`, with their number."""
    known = {label for _, label in train} | {NONE_OF_THEM}
    unknown = Counter(label for _, label in test if label not in known)
    test = [row for row in test if row[1] in known]
    if not test:
        raise InvalidInput("No intent of the test file has training examples. Are these two files of the same set?")
    trained = train_on(train, progress)
    verdicts, took = _classified(trained.classifier, [text for text, _ in test])
    return {
        "train": len(train),
        "test": len(test),
        "intents": len(trained.classifier.labels),
        **_intent_figures(test, verdicts),
        "train_seconds": round(trained.seconds, 1),
        "ms_per_message": _percentiles(took),
        "megabytes": round(trained.megabytes, 1),
        "held_out": trained.held_out,
        "unknown_labels": dict(sorted(unknown.items())),
    }


def _classified(classifier: IntentClassifier, texts: Iterable[str]) -> tuple[list[Verdict], list[float]]:
    classifier.classify("warm up, nothing else", LazyVector("warm up, nothing else"))
    _ = LazyVector("warm up").reading
    verdicts, took = [], []
    for text in texts:
        start = time.perf_counter()
        verdicts.append(classifier.classify(text, LazyVector(text)))
        took.append((time.perf_counter() - start) * 1000)
    return verdicts, took


def _intent_figures(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    labels = [label for _, label in rows]
    inside = np.array([label != NONE_OF_THEM for label in labels])
    said = [verdict.candidates[0][0] if verdict.candidates else "" for verdict in verdicts]
    sure = np.array([verdict.candidates[0][1] if verdict.candidates else 0.0 for verdict in verdicts])
    right = np.array([one == label for one, label in zip(said, labels, strict=True)])
    rejected = np.array([verdict.rejected for verdict in verdicts])
    embedded = np.array([verdict.embedded for verdict in verdicts])
    known = [(label, one) for label, one in zip(labels, said, strict=True) if label != NONE_OF_THEM]
    return {
        "accuracy": _share((right & ~rejected)[inside]),
        "accuracy_without_rejection": _share(right[inside]),
        "macro_f1": macro_f1(known)[0],
        "oos_recall": _share(rejected[~inside]),
        "oos_precision": _share((~inside)[rejected]),
        "ece": calibration_error(sure[inside], right[inside]),
        "without_embedding": _share(~embedded),
        "accuracy_without_embedding": _share(right[inside & ~embedded]),
        "wrong": _surest_wrong(rows, said, sure),
    }


def _surest_wrong(rows: Sequence[Row], said: Sequence[str], sure: Iterable[Any]) -> list[dict[str, Any]]:
    """The wrong rows, those first that were read most surely: what a look at the errors begins with."""
    found = [(float(p), *row, one) for row, one, p in zip(rows, said, sure, strict=True) if row[1] != one]
    return [
        {"text": text, "expected": label, "read": one, "probability": round(probability, 4)}
        for probability, text, label, one in sorted(found, reverse=True)[:_SUREST]
    ]


def evaluate_emotion(rows: Sequence[Row], progress: Progress) -> dict[str, Any]:
    """Accuracy and macro-F1 over the six emotions, and each emotion's precision, recall and F1."""
    return _feeling_figures(rows, EMOTIONS, 0, progress)


def evaluate_sentiment(rows: Sequence[Row], progress: Progress) -> dict[str, Any]:
    """The same for positive, neutral and negative."""
    return _feeling_figures(rows, ("positive", "neutral", "negative"), 1, progress)


def _feeling_figures(rows: Sequence[Row], labels: Sequence[str], which: int, progress: Progress) -> dict[str, Any]:
    unknown = {label for _, label in rows} - set(labels)
    if unknown:
        raise InvalidInput(f"The file has unknown labels: {', '.join(sorted(unknown))}. Known: {', '.join(labels)}.")
    pairs, sure = [], []
    for number, (text, label) in enumerate(rows, start=1):
        view = same_length(text)
        found = read_feelings(view, LazyVector(view), detect_language(view).value, find_signals(view))[which]
        pairs.append((label, found.value))
        sure.append(found.probability)
        progress(number, len(rows))
    right = np.array([label == said for label, said in pairs])
    f1, each = macro_f1(pairs)
    return {
        "test": len(rows),
        "accuracy": _share(right),
        "macro_f1": f1,
        "ece": calibration_error(np.array(sure), right),
        "per_class": each,
        "wrong": _surest_wrong(rows, [one for _, one in pairs], sure),
    }


def evaluate_human_request(rows: Sequence[tuple[str, bool]], progress: Progress) -> dict[str, Any]:
    """Recall and precision of the wish for a person, and the rows that were read wrongly."""
    found = []
    for number, (text, _) in enumerate(rows, start=1):
        view = same_length(text)
        found.append(read_human_request(view, LazyVector(view), find_signals(text)) is not None)
        progress(number, len(rows))
    said, truth = np.array(found), np.array([wish for _, wish in rows])
    wrong = [{"text": text, "wants_human": wish} for (text, wish), one in zip(rows, found, strict=True) if one != wish]
    return {
        "test": len(rows),
        "recall": _share(said[truth]),
        "precision": _share(truth[said]),
        "wrong": wrong[:_LISTED],
    }


def calibration_error(sure: NDArray[Any], right: NDArray[np.bool_]) -> float | None:
    """Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv:1706.04599)."""
    if not len(sure):
        return None
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float(sure[bins == b].mean() - right[bins == b].mean())) * (bins == b).mean() for b in set(bins)]
    return round(float(sum(gaps)), 4)


def macro_f1(pairs: Sequence[tuple[str, str]]) -> tuple[float, dict[str, dict[str, float]]]:
    """The mean F1 over the true labels of `pairs` (truth, said), and each one's figures."""
    true, said = Counter(truth for truth, _ in pairs), Counter(one for _, one in pairs)
    hits = Counter(truth for truth, one in pairs if truth == one)
    each = {
        label: {
            "precision": round(hits[label] / said[label], 4) if said[label] else 0.0,
            "recall": round(hits[label] / true[label], 4),
            "f1": round(2 * hits[label] / (true[label] + said[label]), 4),
            "rows": true[label],
        }
        for label in sorted(true)
    }
    return round(sum(one["f1"] for one in each.values()) / max(1, len(each)), 4), each


def _share(flags: NDArray[np.bool_]) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def _percentiles(took: list[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(took, at)), 2) for name, at in (("p50", 50), ("p95", 95))}
