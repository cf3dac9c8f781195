"""A model in one file with all that belongs to it, so that another installation need not compute it again."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kulanz.nlp.embedder import DIMENSIONS, reader_name
from kulanz.understanding.models import IntentModel
from kulanz.understanding.training import stored_examples
from kulanz.understanding.vectors import digest_of, keep_vectors, kept_vectors, packed


def bundled(model: IntentModel) -> bytes:
    """The model's .npz file with the vectors of the stored examples and its `held_out` beside the arrays."""
    kept = kept_vectors([text for text, _ in stored_examples()])
    with np.load(io.BytesIO(bytes(model.arrays)), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    out = io.BytesIO()
    np.savez(
        out,
        allow_pickle=False,
        **arrays,
        kept_digests=np.array([digest_of(text) for text in kept], np.int64),
        kept_vectors=np.array(list(kept.values()), np.float16).reshape(-1, DIMENSIONS),
        kept_held_out=np.frombuffer(json.dumps(model.held_out).encode(), np.uint8),
    )
    return out.getvalue()


def unbundled(manifest: Mapping[str, Any], data: bytes) -> tuple[bytes, dict[str, Any]]:
    """The inverse of `bundled`: the bare model and its `held_out`; the vectors move to the table, unless another
    network computed them."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    kept = {name: arrays.pop(name) for name in list(arrays) if name.startswith("kept_")}
    if not kept:
        return data, {}
    if manifest.get("embedder") == reader_name():
        digests = kept["kept_digests"].astype(np.int64).tolist()
        keep_vectors({d: packed(v) for d, v in zip(digests, kept["kept_vectors"], strict=True)})
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    held_out: dict[str, Any] = json.loads(kept["kept_held_out"].tobytes()) if "kept_held_out" in kept else {}
    return out.getvalue(), held_out
