"""Texts as vectors: one space for German and English, so that a question in one finds an answer in the other.

Two spaces, in fact, of one network (multilingual-e5-small, arXiv:2402.05672): the one it was published with finds
passages; the one that `kulanz.nlp.teach` made of it tells wishes and feelings apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.encoder import Encoder
from kulanz.nlp.weights import HIDDEN

DIMENSIONS = HIDDEN
MAX_PASSAGE = 2_000  # characters
MAX_QUERY = 600  # characters: a customer's matter stands at the start, and each token costs a third of a millisecond
TAUGHT = Path(__file__).with_name("taught.npz")

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Unit vectors of shape (n, 384); `query` for what customers write, `passage` for what they search."""

    name: str

    def query(self, texts: list[str]) -> Vectors: ...

    def passage(self, texts: list[str]) -> Vectors: ...


class E5:
    """multilingual-e5-small as published, in this process and safe for threads."""

    name = "e5-small-int8"

    def __init__(self) -> None:
        self._encoder = Encoder()

    def query(self, texts: list[str]) -> Vectors:
        return self._encoder.vectors([_clean(text, MAX_QUERY) for text in texts], "query: ")

    def passage(self, texts: list[str]) -> Vectors:
        return self._encoder.vectors([_clean(text, MAX_PASSAGE) for text in texts], "passage: ")


class Reader:
    """The taught network, for reading messages. `name` changes with every new teaching."""

    def __init__(self) -> None:
        self._encoder = Encoder(taught_changes())
        self.name = reader_name()

    def vectors(self, texts: list[str]) -> Vectors:
        """Unit vectors (n, 384)."""
        return self._encoder.vectors([_clean(text, MAX_QUERY) for text in texts], "query: ")


def taught_changes() -> dict[str, Vectors]:
    """What teaching changed in the weights: matrices to add, from their two factors (LoRA, arXiv:2106.09685), and
    tensors that stand in the place of the published ones."""
    with np.load(TAUGHT, allow_pickle=False) as file:
        arrays = {name: file[name].astype(np.float32) for name in file.files if name != "texts"}
    changes = {name: array for name, array in arrays.items() if not name.endswith((".A", ".B"))}
    for name, inner in arrays.items():
        if name.endswith(".A"):
            changes[f"{name[:-2]}.w"] = arrays[f"{name[:-2]}.B"] @ inner
    return changes


@lru_cache(maxsize=1)
def reader_name() -> str:
    """Names the reader without loading it: vectors of another one can't be compared."""
    return f"e5-small-reader-{hashlib.sha256(TAUGHT.read_bytes()).hexdigest()[:8]}"


def was_taught(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which of `texts` (n,) the reader was taught with: what it says of them proves little."""
    return np.array([text_number(text) in _taught_numbers() for text in texts], np.bool_)


def text_number(text: str) -> int:
    """Four bytes that stand for a text, whatever its letter case."""
    plain = text.strip().lower().encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(plain, digest_size=4).digest(), "little")


@lru_cache(maxsize=1)
def _taught_numbers() -> frozenset[int]:
    with np.load(TAUGHT, allow_pickle=False) as file:
        return frozenset(file["texts"].tolist())


def _clean(text: str, limit: int) -> str:
    """Bounded, and without the lone surrogates that no encoding can write."""
    return text[:limit].replace("\0", " ").encode("utf-8", "replace").decode()


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """The process's one embedder, loaded on first use (about 0.5 s and 110 MB)."""
    return E5()


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The process's one reader, loaded on first use (about 0.5 s and 60 MB)."""
    return Reader()
