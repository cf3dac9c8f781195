"""Classifiers that ship with Kulanz: feelings, the wish for a person, risky matters.

`python -m kulanz.understanding.build` makes them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from kulanz.nlp.embedder import reader_name
from kulanz.understanding.intents import IntentClassifier, classifier_from, stored

FOLDER = Path(__file__).with_name("weights")

Name = Literal["feelings", "human_request", "risks"]


@lru_cache(maxsize=3)
def shipped(name: Name) -> IntentClassifier:
    """The classifier of that name, loaded on first use."""
    data = (FOLDER / f"{name}.npz").read_bytes()
    manifest = manifest_of(name)
    if manifest["reader"] != reader_name():
        raise ValueError(f"{name}.npz belongs to another reader. Run `python -m kulanz.understanding.build` again.")
    return classifier_from(data, manifest)


@lru_cache(maxsize=3)
def manifest_of(name: Name) -> dict[str, Any]:
    """What the classifier of that name was made of, and what was measured then."""
    manifest: dict[str, Any] = json.loads((FOLDER / f"{name}.manifest.json").read_text(encoding="utf-8"))
    return manifest


def do_ship(name: Name, classifier: IntentClassifier, **facts: object) -> None:
    """Writes the classifier into the package, with a manifest that says what it was made of."""
    FOLDER.mkdir(exist_ok=True)
    manifest = {
        "version": name,
        "reader": reader_name(),
        "intents": list(classifier.labels),
        "has_none": classifier.has_none,
        **facts,
    }
    (FOLDER / f"{name}.npz").write_bytes(stored(classifier, packed=True))
    (FOLDER / f"{name}.manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    manifest_of.cache_clear()
    shipped.cache_clear()
