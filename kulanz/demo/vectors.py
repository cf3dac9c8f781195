"""The vectors of the demo's articles, computed once and shipped, so that the first start does not wait for them.

`python -m kulanz.demo.build` writes the file anew. A text that is not in it is simply computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import E5

HERE = Path(__file__).parent
FILE = HERE / "vectors.npz"
Vector = NDArray[np.float32]


class KnownVectors(Mapping[str, Vector]):
    """Text → vector of shape (384,), looked up by the text's hash."""

    def __init__(self, keys: NDArray[np.str_], vectors: NDArray[np.float16]) -> None:
        self._row = {key: number for number, key in enumerate(keys.tolist())}
        self._vectors = vectors

    def __getitem__(self, text: str) -> Vector:
        vector: Vector = self._vectors[self._row[digest(text)]].astype(np.float32)
        return vector

    def __iter__(self) -> Iterator[str]:
        raise TypeError("only hashes are kept, not the texts")

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and digest(text) in self._row

    def __len__(self) -> int:
        return len(self._row)


def digest(text: str) -> str:
    """The key of a text under the embedder in use: 16 hex digits."""
    return hashlib.sha256(f"{E5.name}\0{text}".encode()).hexdigest()[:16]


def known_vectors() -> KnownVectors:
    with np.load(FILE, allow_pickle=False) as file:
        return KnownVectors(file["keys"], file["vectors"])
