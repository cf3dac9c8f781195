"""The process's loaded intent classifier: follows the database, at one cheap query every two seconds."""

from __future__ import annotations

import threading
import time

from kulanz.understanding.intents import IntentClassifier, classifier_from
from kulanz.understanding.models import IntentModel

CHECK_EVERY = 2.0
"""Seconds between looks at which model is active."""


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


def _load(key: int | None) -> IntentClassifier | None:
    row = IntentModel.objects.filter(pk=key).first() if key else None
    return classifier_from(bytes(row.arrays), row.manifest) if row else None
