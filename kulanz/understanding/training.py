"""Trains the intent classifier from the stored examples: as a candidate, or straight into force."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from kulanz.core.errors import InvalidInput
from kulanz.nlp.embedder import reader_name
from kulanz.understanding.active import FORMAT, check_format
from kulanz.understanding.candidates import do_put_in_force
from kulanz.understanding.feelings import Named, learnt, named_feelings
from kulanz.understanding.findings import findings_json
from kulanz.understanding.fitting import Examples, examples_of, fit_classifier, steps_of
from kulanz.understanding.intents import IntentClassifier, stored
from kulanz.understanding.models import Intent, IntentExample, IntentModel, TrainingRun
from kulanz.understanding.quality import Judged, judged_without
from kulanz.understanding.vectors import text_key, vectors_of

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do, in examples (the fits count as many as their share of the work)."""

MAX_EXAMPLES = 100_000
_FIT_WORTH = 200  # one fit of the models takes about as long as so many vectors


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model, not yet stored. `held_out` is what `IntentModel.held_out` keeps."""

    manifest: dict[str, Any]
    data: bytes
    held_out: dict[str, Any]


def do_train(progress: Progress | None = None, vectors: Mapping[str, NDArray[Any]] | None = None) -> dict[str, Any]:
    """Trains on every stored example and activates the model, whatever it is worth. Returns the model's manifest.

    `vectors` maps texts to the reader's vectors (384,) that are already known; so does the table of earlier
    trainings, so that only new texts cost their 2 to 5 ms. Raises `InvalidInput` for fewer than two intents.
    """
    trained = train(progress, vectors)
    do_put_in_force(do_keep(trained), "system")
    return trained.manifest


def do_activate(manifest: dict[str, Any], data: bytes) -> None:
    """Stores a model that was made elsewhere (`bundle.bundled`, or the bare arrays) and puts it in force. Raises
    `InvalidInput` for a model that this version can't run; then the old one stays."""
    from kulanz.understanding.bundle import unbundled

    manifest = {"format": 1, **manifest}
    check_format(manifest)
    with transaction.atomic():
        bare, held_out = unbundled(manifest, data)
        do_put_in_force(do_keep(Trained(manifest, bare, held_out)), "system")


def do_keep(trained: Trained, actor: str = "system", note: str = "") -> IntentModel:
    """Stores a trained model as a candidate."""
    return IntentModel.objects.create(
        manifest=trained.manifest, arrays=trained.data, held_out=trained.held_out, created_by=actor, note=note[:200]
    )


def train(progress: Progress | None = None, vectors: Mapping[str, NDArray[Any]] | None = None) -> Trained:
    """Fits a classifier to the stored examples, and to those of emotions what is to be added to the reader of feelings;
    stores nothing but the vectors. Raises `InvalidInput`."""
    rows, named = stored_examples(), named_feelings()
    texts, intents = [text for text, __ in rows], [intent for __, intent in rows]
    check_trainable(intents)
    report = _Report(progress, len(rows) + steps_of(len(rows)) * _FIT_WORTH)
    examples = examples_of(texts, intents, vectors_of(texts, vectors, report.add))
    classifier, figures = fit_classifier(examples, lambda: report.add(_FIT_WORTH))
    held = held_out_of(examples)
    corrections, judged = learnt(named)
    manifest = _manifest(rows, named, classifier, figures)
    return Trained(
        manifest,
        stored(replace(classifier, feelings=corrections)),
        held_out_json(examples, held) | {"feelings": judged},
    )


def check_trainable(intents: list[str]) -> None:
    """Raises `InvalidInput` with the remedy for what no model can be trained from."""
    if len(set(intents) - {"oos"}) < 2:
        raise InvalidInput(_("Training needs examples of at least two intents. Please add some first."))
    if len(intents) > MAX_EXAMPLES:
        too_many = _("{count} examples are too many: training takes {limit} at most.")
        raise InvalidInput(too_many.format(count=len(intents), limit=MAX_EXAMPLES))


def held_out_of(examples: Examples) -> Judged:
    """What a model that never saw an example makes of it, for every example."""
    return judged_without(examples.vectors, examples.numbers)


def held_out_json(examples: Examples, held: Judged) -> dict[str, Any]:
    """`Judged`, and what is wrong with the examples, as they are kept with a model: by keys, without the texts."""
    keys = [text_key(text) for text in examples.texts]
    return {
        "labels": [*examples.labels, "oos"],
        "keys": keys,
        "given": examples.numbers.tolist(),
        "predicted": held.predicted.tolist(),
        "probability": [round(float(p), 3) for p in held.probability],
        "findings": findings_json(examples.texts, examples.numbers, examples.vectors, held),
    }


def last_run() -> TrainingRun | None:
    """The newest training that was asked for on the page."""
    return TrainingRun.objects.order_by("-pk").first()


def examples_hash() -> str:
    """The hash of every stored example: a model that carries it as its `data_hash` was trained on just these."""
    return _hash(stored_examples(), named_feelings())


def stored_examples() -> list[tuple[str, str]]:
    """(text, intent) of every example, the descriptions of intents among them."""
    rows = list(IntentExample.objects.order_by("intent", "text").values_list("text", "intent"))
    known = {intent for __, intent in rows}
    described = Intent.objects.order_by("name").values_list("name", "description_de", "description_en")
    rows += [(text, name) for name, *texts in described for text in texts if text and name in known]
    return list(dict.fromkeys(rows))


def _hash(rows: list[tuple[str, str]], named: list[Named]) -> str:
    """Over the rows in an order that no database's collation can change."""
    lines = sorted(f"{intent}\t{text}" for text, intent in rows)
    lines += sorted(f"{emotion}\t{text}\t{language}" for text, emotion, language in named)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


class _Report:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def add(self, count: int) -> None:
        self.done += count
        if self.progress:
            self.progress(min(self.done, self.total), self.total)


def _manifest(
    rows: list[tuple[str, str]], named: list[Named], classifier: IntentClassifier, figures: dict[str, float]
) -> dict[str, Any]:
    data_hash, now = _hash(rows, named), timezone.now()
    return {
        "format": FORMAT,
        "version": f"{now:%Y%m%d-%H%M%S.%f}-{data_hash[:8]}",
        "trained_at": now.isoformat(),
        "data_hash": data_hash,
        "examples": len(rows),
        "feelings": len(named),
        "intents": list(classifier.labels),
        "has_none": classifier.has_none,
        "embedder": reader_name(),
        "held_out": dict(figures),
    }
