"""Vectors moved to the middle of their language, so that what is alike stands out.

Sentence vectors of multilingual-e5 all lie in one narrow cone, and German and English in two corners of it: a German
question is nearer to any German text than to the English answer, and some short texts are near to everything. Taking
away most of the mean vector of the language (Mu and Viswanath, "All-but-the-Top", ICLR 2018, without its second step,
which did not help here) mends both: measured by `python -m kulanz.knowledge.calibrate`, see `docs/measurements.md`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import DIMENSIONS, embedder

FILE = Path(__file__).with_name("centres.npz")
SHARE = 0.8
"""How much of the mean is taken away: 0.6 to 1.0 differ little; all of it also takes the topic from a small corpus."""

Vector = NDArray[np.float32]
Kind = Literal["query", "passage"]


@lru_cache(maxsize=1)
def _centres() -> dict[str, Vector]:
    with np.load(FILE, allow_pickle=False) as stored:
        return {name: np.asarray(stored[name]) for name in stored.files}


def centre(kind: Kind, language: str) -> Vector:
    """The mean vector of questions or passages of a language, shape (384,); the mean of all languages where it is
    unknown, and zeros for an embedder that was not measured."""
    known = {name: vector for name, vector in _centres().items() if name.startswith(f"{embedder().name}/{kind}/")}
    if not known:
        return np.zeros(DIMENSIONS, np.float32)
    exact = known.get(f"{embedder().name}/{kind}/{language}")
    return exact if exact is not None else np.mean(list(known.values()), axis=0).astype(np.float32)


def centred(vector: Vector, kind: Kind, language: str) -> Vector:
    """`vector`, shape (384,), without SHARE of its language's mean and of unit length again."""
    moved = vector - np.float32(SHARE) * centre(kind, language)
    length = float(np.linalg.norm(moved))
    return (moved / np.float32(length)).astype(np.float32) if length > 0 else vector
