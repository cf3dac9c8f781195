"""A small German set of examples, and the guarantee that no test sees another one's classifier."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kulanz.understanding import active

EXAMPLES = {
    "order_status": [
        "Wo ist meine Bestellung?",
        "Wann kommt mein Paket an?",
        "Wie ist der Stand meiner Lieferung?",
        "Mein Paket ist noch nicht da",
        "Sendung verfolgen",
    ],
    "cancel_order": [
        "Ich möchte meine Bestellung stornieren",
        "Bitte stornieren Sie den Auftrag",
        "Storno bitte",
        "Kann ich den Kauf noch rückgängig machen?",
        "Bestellung widerrufen",
    ],
    "invoice_copy": [
        "Ich brauche eine Kopie der Rechnung",
        "Können Sie mir die Rechnung noch einmal schicken?",
        "Rechnung als PDF",
        "Wo finde ich meine Rechnung?",
        "Rechnung fehlt",
    ],
    "password_reset": [
        "Ich habe mein Passwort vergessen",
        "Passwort zurücksetzen",
        "Ich kann mich nicht anmelden",
        "Login funktioniert nicht",
        "Neues Kennwort anfordern",
    ],
}


@pytest.fixture
def examples_file(tmp_path: Path) -> Path:
    file = tmp_path / "examples.jsonl"
    rows = [{"text": text, "intent": intent, "language": "de"} for intent, texts in EXAMPLES.items() for text in texts]
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return file


@pytest.fixture(autouse=True)
def _fresh_classifier() -> Iterator[None]:
    active.forget_loaded()
    yield
    active.forget_loaded()
