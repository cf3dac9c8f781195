"""Groups of texts that say nearly the same, on vectors made up for it."""

from __future__ import annotations

import numpy as np
import pytest

from kulanz.nlp.grouping import Floats, clustered, joined


def planted(groups: int = 5, each: int = 40, scatter: float = 0.2, seed: int = 3) -> tuple[Floats, list[int]]:
    """Unit vectors (groups * each, 384) around as many middles, in mixed order, and the group of each."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(groups, 384))
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    labels = rng.permutation(np.repeat(np.arange(groups), each))
    noise = rng.normal(size=(groups * each, 384)) / np.sqrt(384)
    vectors = middles[labels] + scatter * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels.tolist()


def test_texts_that_say_the_same_are_one_group() -> None:
    vectors, labels = planted(groups=7, each=60)  # more rows than are compared at once
    groups = clustered(vectors, 0.7)
    assert [len(rows) for rows in groups] == [60] * 7
    assert all(len({labels[row] for row in rows}) == 1 for rows in groups)


def test_what_comes_later_moves_nothing_that_is_there() -> None:
    vectors, _ = planted(scatter=0.9)
    before = {row: frozenset(rows) for rows in clustered(vectors[:120], 0.5) for row in rows}
    after = {row: frozenset(r for r in rows if r < 120) for rows in clustered(vectors, 0.5) for row in rows}
    assert all(after[row] == rows for row, rows in before.items())


def test_pieces_of_one_matter_are_joined_by_their_middles() -> None:
    vectors, labels = planted(scatter=0.9)  # two of one group have a cosine of about .55
    pieces = clustered(vectors, 0.57)
    groups = joined(vectors, pieces, 0.65)
    assert len(groups) < len(pieces)
    assert all(len({labels[row] for row in rows}) == 1 for rows in groups)
    assert sorted(row for rows in groups for row in rows) == list(range(len(vectors)))


@pytest.mark.parametrize("least", [0.5, 0.9])
def test_nothing_and_one_text(least: float) -> None:
    assert clustered(np.zeros((0, 384), np.float32), least) == []
    assert joined(np.zeros((0, 384), np.float32), [], least) == []
    assert clustered(planted(1, 1)[0], least) == [[0]]
