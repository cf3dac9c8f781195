"""The query vectors of examples: computed once, kept beside them, gone with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kulanz.nlp.embedder import DIMENSIONS, reader, reader_name
from kulanz.understanding.models import EmotionExample, Intent, IntentExample, ProtectedCase, TextVector

Floats = NDArray[np.float32]
EMBEDDER = reader_name()  # named without loading it: the pages look vectors up, they never compute one
_TAG = hashlib.blake2b(EMBEDDER.encode(), digest_size=4).digest()
_BATCH = 32
_ROWS = 2_000  # of one database statement


def digest_of(text: str) -> int:
    """Eight bytes, as a signed number, that stand for exactly this text and the network that reads it."""
    whole = f"{EMBEDDER}\n{text}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "little", signed=True)


def text_key(text: str) -> str:
    """Sixteen hex digits that stand for exactly this text, whatever embeds it."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def packed(vector: NDArray[Any]) -> bytes:
    """A vector (384,) as it is stored: who computed it (4 bytes), then 16-bit floats."""
    return _TAG + vector.astype(np.float16).tobytes()


def readable(data: bytes | memoryview | None) -> bool:
    """Whether a stored vector is there, and was computed by the network in use: others can't be compared."""
    return data is not None and bytes(data[:4]) == _TAG


def unpacked(data: bytes | memoryview) -> Floats:
    """The inverse of `packed`, for data that is `readable`."""
    return np.frombuffer(bytes(data)[4:], np.float16).astype(np.float32)


def vectors_of(
    texts: Sequence[str],
    given: Mapping[str, NDArray[Any]] | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Shape (len(texts), 384), in the order of `texts`: from `given`, else from the table, else computed (2 ms a text)
    and kept. `done` is told how many texts have got theirs."""
    found = np.zeros((len(texts), DIMENSIONS), np.float32)
    kept, missing, fresh = _kept(texts), [], {}
    for row, text in enumerate(texts):
        vector = given.get(text) if given else None  # looked up, never listed: the caller may keep hashes alone
        if vector is not None:
            fresh[text] = vector
        vector = kept.get(digest_of(text)) if vector is None else vector
        if vector is None:
            missing.append(row)
        else:
            found[row] = vector
    done(len(texts) - len(missing))
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        found[batch] = reader().vectors([texts[row] for row in batch])
        fresh |= {texts[row]: found[row] for row in batch}
        done(len(batch))
    keep_vectors({digest_of(text): packed(vector) for text, vector in fresh.items()})
    return found


def kept_vectors(texts: Sequence[str]) -> dict[str, Floats]:
    """Text → vector (384,) for those of `texts` whose vectors are kept; computes none."""
    kept = _kept(texts)
    return {text: kept[digest] for text in texts if (digest := digest_of(text)) in kept}


def _kept(texts: Sequence[str]) -> dict[int, Floats]:
    digests = [digest_of(text) for text in texts]
    found: dict[int, Floats] = {}
    for start in range(0, len(digests), _ROWS):
        rows = TextVector.objects.filter(pk__in=digests[start : start + _ROWS])
        found |= {row.digest: unpacked(row.vector) for row in rows}
    return found


def keep_vectors(rows: Mapping[int, bytes]) -> None:
    """Keeps packed vectors by their digests; known ones stay as they are."""
    TextVector.objects.bulk_create(
        [TextVector(digest=digest, vector=data) for digest, data in rows.items()],
        ignore_conflicts=True,
        batch_size=_ROWS,
    )


def forget_vectors(texts: Iterable[str]) -> int:
    """Deletes the vectors of texts that nothing is taught with any more; returns how many."""
    texts = set(texts)
    used: set[str] = set()
    for query in (IntentExample.objects, EmotionExample.objects, ProtectedCase.objects):
        used |= set(query.filter(text__in=texts).values_list("text", flat=True))
    for field in ("description_de", "description_en"):
        used |= set(Intent.objects.filter(**{f"{field}__in": texts}).values_list(field, flat=True))
    return TextVector.objects.filter(pk__in=[digest_of(text) for text in texts - used]).delete()[0]
