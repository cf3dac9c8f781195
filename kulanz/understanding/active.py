"""The process's loaded intent classifier: follows the database, at one cheap query every two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput
from kulanz.nlp.embedder import reader_name
from kulanz.settings.logging import logger
from kulanz.understanding.intents import DAMAGED, IntentClassifier, classifier_from
from kulanz.understanding.models import IntentModel

log = logger(__name__)
CHECK_EVERY = 2.0
"""Seconds between looks at which model is active."""

FORMAT = 1
"""The format of a model's arrays that this version writes and reads; manifests from before it was written have 1."""


class _Loaded:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.key: int | None = None
        self.classifier: IntentClassifier | None = None
        self.checked = float("-inf")


_loaded = _Loaded()


def active_classifier() -> IntentClassifier | None:
    """The active model, or None before the first training. Safe for threads: one loads, the others wait for it."""
    if time.monotonic() - _loaded.checked < CHECK_EVERY:
        return _loaded.classifier
    with _loaded.lock:
        if time.monotonic() - _loaded.checked >= CHECK_EVERY:
            key = IntentModel.objects.filter(active=True).values_list("pk", flat=True).first()
            if key != _loaded.key:
                _loaded.classifier = _load(key)
                _loaded.key = key
            _loaded.checked = time.monotonic()
    return _loaded.classifier


def forget_loaded() -> None:
    """Makes the next look go to the database at once: after training in this process, and between tests."""
    _loaded.checked = float("-inf")


def check_format(manifest: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for a model that this version can't run: another format, or made for another network."""
    made = (manifest.get("format", 1), manifest.get("embedder", reader_name()))
    if made != (FORMAT, reader_name()):
        problem = _(
            "This model was made by another version of Kulanz ({made}; this one runs {wanted}). The model in force "
            "stays. Please train anew."
        )
        raise InvalidInput(problem.format(made=_in_words(*made), wanted=_in_words(FORMAT, reader_name())))


def _in_words(number: int, network: str) -> str:
    return f"format {number}, {network}"


def _load(key: int | None) -> IntentClassifier | None:
    """The model with this key; where it can't be run, the newest earlier one that was in force and can."""
    if key is None:
        return None
    earlier = IntentModel.objects.exclude(pk=key).exclude(activated_at=None).order_by("-activated_at")
    for row in [*IntentModel.objects.filter(pk=key), *earlier[:3]]:
        try:
            check_format(row.manifest)
            return classifier_from(bytes(row.arrays), row.manifest)
        except (InvalidInput, *DAMAGED) as error:
            log.error("an intent model can't be run", model=row.pk, problem=str(error))  # noqa: TRY400
    return _loaded.classifier
