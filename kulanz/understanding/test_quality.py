"""Planted errors are found by name, and clean examples are left in peace."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kulanz.understanding import quality
from kulanz.understanding.effect import predictions
from kulanz.understanding.quality import Floats

LABELS, EACH, WIDE = 12, 20, 64


def planted(seed: int = 0, scatter: float = 0.6) -> tuple[Floats, NDArray[np.intp]]:
    """Unit vectors around one centre a label: (240, 64)."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(LABELS, WIDE))
    numbers = np.repeat(np.arange(LABELS), EACH)
    vectors = centres[numbers] + scatter * random.normal(size=(len(numbers), WIDE))
    unit: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit, numbers


def test_wrong_labels_are_named_with_the_right_one() -> None:
    vectors, right = planted()
    given = right.copy()
    wrong = np.random.default_rng(1).permutation(len(given))[:12]
    given[wrong] = (given[wrong] + 5) % LABELS
    suspects = quality.mislabelled(given, quality.judged_without(vectors, given))
    found = {s.row for s in suspects}
    assert found <= set(wrong.tolist())  # nothing right is accused …
    assert len(found) >= 10  # … and few of twelve escape: those that vouch for each other
    assert all(s.predicted == right[s.row] and s.given == given[s.row] for s in suspects)


def test_clean_examples_raise_no_suspicion() -> None:
    vectors, numbers = planted()
    judged = quality.judged_without(vectors, numbers)
    assert quality.mislabelled(numbers, judged) == ()
    assert quality.overlapping(numbers, judged) == ()
    assert ((judged.probability > 0) & (judged.probability <= 1)).all()


def test_a_row_is_judged_by_models_that_never_saw_it() -> None:
    """With random labels nothing can be predicted but by looking at the row's own label."""
    vectors, numbers = planted()
    random = np.random.default_rng(2).permutation(numbers)
    judged = quality.judged_without(vectors, random)
    assert (judged.predicted == random).mean() < 0.2


def test_overlapping_labels_are_a_pair_with_its_rate() -> None:
    vectors, numbers = planted()
    numbers[EACH : 2 * EACH] = np.random.default_rng(3).integers(0, 2, EACH)  # one matter under two names
    overlaps = quality.overlapping(numbers, quality.judged_without(vectors, numbers))
    assert [o.labels for o in overlaps] == [(0, 1)]
    assert 0.1 < overlaps[0].rate < 0.6
    assert set(overlaps[0].rows) <= set(range(2 * EACH))


def test_the_same_words_under_two_labels_contradict_each_other() -> None:
    texts = ["Where is it?", "where is it", "Cancel", "Cancel", "Other"]
    numbers = np.array([0, 1, 2, 2, 0])
    assert quality.contradictions(texts, numbers) == ((0, 1),)


def test_labels_with_few_examples_and_near_duplicates() -> None:
    numbers = np.array([0, 0, 1, 1, 1, 1, 1])
    texts = ["a", "b", "when does my parcel arrive", "When does my parcel arrive?", "c", "d", "e"]
    vectors = np.eye(7, dtype=np.float32)
    vectors[3] = vectors[2]
    assert quality.too_few(numbers) == ((0, 2),)
    assert quality.near_duplicates(texts, numbers, vectors) == ((2, 3),)


def test_figures_of_each_label() -> None:
    judged = quality.Judged(np.array([0, 0, 1, 0]), np.ones(4, np.float32), np.ones(4, np.float32))
    assert quality.per_label(np.array([0, 0, 1, 1]), judged, 2) == [(2, 2 / 3, 1.0), (2, 1.0, 0.5)]


@pytest.mark.parametrize("size", [2, 3])
def test_the_smallest_sets_are_judged_too(size: int) -> None:
    judged = quality.judged_without(np.eye(size, 8, dtype=np.float32), np.arange(size))
    assert judged.predicted.shape == (size,)


def test_the_estimate_moves_what_lies_near_the_new_examples() -> None:
    vectors, numbers = planted(scatter=0.2)
    new_matter, _ = planted(seed=9, scatter=0.2)
    added, asked = new_matter[:10], np.concatenate([new_matter[10:14], vectors[:4]])
    before, after = predictions(vectors, numbers, added, LABELS, asked)
    assert after == [LABELS] * 4 + [0] * 4
    assert before[4:] == [0] * 4
    assert LABELS not in before
