"""Misspelt words and German compounds of a question find what the knowledge calls otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kulanz.knowledge.importing import do_import
from kulanz.knowledge.spelling import known_words

ROWS = [
    {"id": "a", "language": "de", "title": "Versand", "text": "Die Kosten für den Versand trägt die Zentrale."},
    {"id": "b", "language": "de", "title": "Rückgabe", "text": "Die Frist für eine Rückgabe beträgt dreißig Tage."},
    {"id": "c", "language": "en", "title": "Delivery", "text": "Appliances are delivered by a forwarding company."},
]  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _knowledge(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    do_import([file], source="test_spelling")


@pytest.mark.parametrize(
    ("question", "language", "read_as"),
    [
        ("Wo sitzt die Zentarle?", "de", "Wo sitzt die zentral?"),
        ("Wer trägt die Versandkosten?", "de", "Wer trägt die versand kost?"),
        ("Wie ist die Rückgabefrist?", "de", "Wie ist die ruckgab frist?"),
        ("Who delivers aplliances?", "en", "Who delivers applianc?"),
    ],
)
def test_an_unknown_word_is_read_as_known_ones(question: str, language: str, read_as: str) -> None:
    assert known_words(question, language) == read_as


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wer trägt die Kosten für den Versand?", "de"),
        ("Gibt es Staubsauger?", "de"),
        ("Wo ist die Zentarle?", "en"),
        ("Où est le siège?", "fr"),
        ("", "de"),
        ("x" * 2_000, "de"),
        ("\\'%s {0} \\b(a+)+$ " * 20, "en"),
    ],
)
def test_other_words_stay(question: str, language: str) -> None:
    assert known_words(question, language) == question
