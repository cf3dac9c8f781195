"""Builds and measures the English emotion weights: `python -m kulanz.understanding.build_emotion [FILE] [--test FILE]`.

Files are JSONL with `text` and `emotion`. `FILE` is trained on. `--test` prints the figures as one JSON object: the
learned model alone, and the whole reader with its word list.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from kulanz.understanding.emotion import EMOTIONS, WEIGHTS, learned_margins, read_emotion
from kulanz.understanding.ngrams import Counted, train_ngrams
from kulanz.understanding.signals import find_signals

FEATURES = 20_000
COST = 0.1


def _rows(path: Path) -> tuple[list[str], np.ndarray]:
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows], np.array([EMOTIONS.index(row["emotion"]) for row in rows])


def build(path: Path) -> None:
    """Trains on `path` and writes the weights into the package."""
    texts, labels = _rows(path)
    model = train_ngrams(Counted.of(texts), labels, max_features=FEATURES, cost=COST, balanced=True)
    np.savez_compressed(WEIGHTS, allow_pickle=False, **model.arrays(""))


def measure(path: Path, language: str = "en") -> dict[str, float]:
    """Macro-F1 and accuracy on `path`."""
    from sklearn.metrics import f1_score

    texts, truth = _rows(path)
    alone = learned_margins(texts).argmax(axis=1)
    whole = np.array([EMOTIONS.index(read_emotion(t, language, find_signals(t)).value) for t in texts])
    each = f1_score(truth, whole, average=None, labels=range(len(EMOTIONS)))
    return {
        "rows": len(texts),
        "macro_f1_learned_alone": round(float(f1_score(truth, alone, average="macro")), 4),
        "macro_f1": round(float(each.mean()), 4),
        "accuracy": round(float((whole == truth).mean()), 4),
        **{f"f1_{name}": round(float(value), 3) for name, value in zip(EMOTIONS, each, strict=True)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds or measures the English emotion weights.")
    parser.add_argument("train", type=Path, nargs="?", help="build from these rows")
    parser.add_argument("--test", type=Path, help="measure on these rows")
    given = parser.parse_args()
    if given.train:
        build(given.train)
    if given.test:
        sys.stdout.write(json.dumps(measure(given.test)) + "\n")


if __name__ == "__main__":
    main()
