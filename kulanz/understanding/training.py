"""Trains the intent classifier from the stored examples and puts it to work."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from kulanz.core.errors import InvalidInput
from kulanz.nlp.embedder import DIMENSIONS, embedder
from kulanz.understanding.active import forget_loaded
from kulanz.understanding.fitting import examples_of, fit_classifier, steps_of
from kulanz.understanding.intents import stored
from kulanz.understanding.models import IntentExample, IntentModel
from kulanz.understanding.ngrams import Floats

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do, in examples (the fits count as many as their share of the work)."""

KEPT_MODELS = 3
"""Earlier models that stay, so that a training can be taken back."""

_BATCH = 32
_FIT_WORTH = 200  # one fit of the models takes about as long as so many vectors


def do_train(progress: Progress | None = None, vectors: Mapping[str, NDArray[Any]] | None = None) -> dict[str, Any]:
    """Trains on every stored example and activates the model in one transaction. Returns the model's manifest.

    `vectors` maps texts to query vectors (384,) that are already known; so do the kept ones of the active model, so
    that only new texts cost their 15 ms. Raises `InvalidInput` where there are fewer than two intents.
    """
    rows = _examples()
    texts, intents = [text for text, _ in rows], [intent for _, intent in rows]
    fits = steps_of(len(rows))
    report = _Report(progress, len(rows) + fits * _FIT_WORTH)
    known = _vectors(texts, vectors or {}, report)
    examples = examples_of(texts, intents, known)
    if len(examples.labels) < 2:
        raise InvalidInput("Training needs examples of at least two intents: run `kulanz import intents FILE` first.")
    classifier, figures = fit_classifier(examples, lambda: report.add(_FIT_WORTH))
    manifest = _manifest(rows, classifier.labels, classifier.has_none, figures)
    data = stored(
        classifier,
        digests=np.array([digest_of(text) for text in texts], np.uint64),
        vectors=known.astype(np.float16),
    )
    do_activate(manifest, data)
    return manifest


def examples_hash() -> str:
    """The hash of every stored example: a model that carries it as its `data_hash` was trained on just these."""
    return _hash(_examples())


def _examples() -> list[tuple[str, str]]:
    return list(IntentExample.objects.order_by("intent", "text").values_list("text", "intent"))


def _hash(rows: list[tuple[str, str]]) -> str:
    """Over the rows in an order that no database's collation can change."""
    lines = sorted(f"{intent}\t{text}" for text, intent in rows)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


class _Report:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def add(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(min(self.done, self.total), self.total)


def digest_of(text: str) -> int:
    """Eight bytes that stand for exactly this text and the embedder that reads it."""
    whole = f"{embedder().name}\n{text}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "little")


def _kept_vectors() -> dict[int, NDArray[Any]]:
    row = IntentModel.objects.filter(active=True).first()
    if row is None:
        return {}
    with np.load(io.BytesIO(bytes(row.arrays)), allow_pickle=False) as file:
        if "kept_vectors" not in file.files:
            return {}
        return dict(zip(file["kept_digests"].tolist(), file["kept_vectors"], strict=True))


def _vectors(texts: list[str], given: Mapping[str, NDArray[Any]], report: _Report) -> Floats:
    """Shape (len(texts), 384), in the order of `texts`."""
    found = np.zeros((len(texts), DIMENSIONS), np.float32)
    kept, missing = _kept_vectors(), []
    for row, text in enumerate(texts):
        vector = given.get(text)  # looked up, never listed: the caller may keep hashes alone
        vector = kept.get(digest_of(text)) if vector is None else vector
        if vector is None:
            missing.append(row)
        else:
            found[row] = vector
    report.add(len(texts) - len(missing))
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        found[batch] = embedder().query([texts[row] for row in batch])
        report.add(len(batch))
    return found


def _manifest(
    rows: list[tuple[str, str]], labels: tuple[str, ...], has_none: bool, figures: dict[str, float]
) -> dict[str, Any]:
    data_hash, now = _hash(rows), timezone.now()
    return {
        "version": f"{now:%Y%m%d-%H%M%S}-{data_hash[:8]}",
        "trained_at": now.isoformat(),
        "data_hash": data_hash,
        "examples": len(rows),
        "intents": list(labels),
        "has_none": has_none,
        "embedder": embedder().name,
        "held_out": figures,
    }


def do_activate(manifest: dict[str, Any], data: bytes) -> None:
    """Stores a model, as `do_train` made it here or elsewhere, and puts it in force."""
    with transaction.atomic():
        with connection.cursor() as cursor:  # two trainings at once: the later one to finish stays active
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kulanz.understanding.intent_model'))")
        IntentModel.objects.filter(active=True).update(active=False)
        IntentModel.objects.create(manifest=manifest, arrays=data, active=True)
        earlier = IntentModel.objects.filter(active=False).order_by("-pk").values_list("pk", flat=True)
        IntentModel.objects.filter(pk__in=list(earlier[KEPT_MODELS:])).delete()
    forget_loaded()
