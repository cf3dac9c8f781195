"""`python -m tests.measurements.planted_noise --data DIR`: are wrong labels found, and is what is listed wrong?

Of the training rows of Banking77 (77 intents) 2,000 are drawn; 100 of them get a wrong label, drawn from all intents
or from the three whose middles lie nearest. Prints, as the mean of three draws, how many of the planted rows are
listed as *probably under the wrong intent*, how many of those listed were planted, and how many are listed untouched.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import reader
from kulanz.understanding.quality import judged_without, mislabelled

ROWS, PLANTED, DRAWS, SIMILAR = 2_000, 100, 3, 3
Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    vectors, numbers = drawn(parser.parse_args().data / "intents" / "banking77_en.train.jsonl")
    print(f"untouched: {len(listed(vectors, numbers))} of {ROWS} rows listed")
    for name, others in (("all intents", everything(numbers)), ("the three most similar", similar(vectors, numbers))):
        shares = [found(vectors, numbers, others, seed) for seed in range(DRAWS)]
        recall, precision = np.mean(shares, axis=0)
        print(f"wrong labels from {name}: {recall:.0%} found, {precision:.0%} of what is listed was planted")


def drawn(file: Path) -> tuple[Floats, Numbers]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    sample = random.Random(1).sample(rows, ROWS)
    names = sorted({row["intent"] for row in sample})
    numbers = np.array([names.index(row["intent"]) for row in sample], np.intp)
    return np.asarray(reader().vectors([row["text"] for row in sample]), np.float32), numbers


def everything(numbers: Numbers) -> list[list[int]]:
    """For each label all the others."""
    labels = range(int(numbers.max()) + 1)
    return [[other for other in labels if other != label] for label in labels]


def similar(vectors: Floats, numbers: Numbers) -> list[list[int]]:
    """For each label those whose middles lie nearest to its own."""
    centred = vectors - vectors.mean(axis=0)
    middles = np.stack([centred[numbers == label].mean(axis=0) for label in range(int(numbers.max()) + 1)])
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    near = np.argsort(-(middles @ middles.T), axis=1)
    return [[int(n) for n in row if n != label][:SIMILAR] for label, row in enumerate(near)]


def found(vectors: Floats, numbers: Numbers, others: list[list[int]], seed: int) -> tuple[float, float]:
    """(share of the planted rows that are listed, share of the listed rows that were planted)."""
    draw = random.Random(seed)
    planted = draw.sample(range(len(numbers)), PLANTED)
    noisy = numbers.copy()
    for row in planted:
        noisy[row] = draw.choice(others[numbers[row]])
    suspected = listed(vectors, noisy)
    both = len(suspected & set(planted))
    return both / PLANTED, both / max(1, len(suspected))


def listed(vectors: Floats, numbers: Numbers) -> set[int]:
    return {suspect.row for suspect in mislabelled(numbers, judged_without(vectors, numbers))}


if __name__ == "__main__":
    main()
