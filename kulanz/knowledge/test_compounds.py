"""A word of the question finds the German compounds it is a part of, by words alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kulanz.knowledge.candidates import Candidate, find_candidates
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Passage
from kulanz.knowledge.spelling import known_words
from kulanz.nlp.embedder import DIMENSIONS

ROWS = [
    ("costs", "de", "Versandkosten", "Die Versandkosten trägt der Empfänger."),
    ("right", "de", "Rückgaberecht", "Das Rückgaberecht gilt dreißig Tage lang."),
    ("express", "de", "Expressversand", "Der Expressversand bringt Pakete über Nacht."),
    ("science", "de", "Wissenschaft", "Die Wissenschaft fördern wir mit einer Spende."),
    ("english", "en", "Shipping", "Shippingcosts are low."),
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _knowledge(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [dict(zip(("id", "language", "title", "text"), row, strict=True)) for row in ROWS]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    do_import([file], source="test_compounds")


def by_words(question: str, language: str = "de") -> set[str]:
    """The titles of passages that share a word with the question."""
    nowhere = np.full(DIMENSIONS, DIMENSIONS**-0.5, np.float32)
    found: list[Candidate] = find_candidates(question, nowhere, language)
    return {candidate.title for candidate in found if candidate.covered > 0}


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Versand", {"Versandkosten", "Expressversand"}),
        ("Rückgabe", {"Rückgaberecht"}),
        ("Was ist mit der Rückgabe?", {"Rückgaberecht"}),
        ("Wissen", set()),
        ("Vers", set()),
    ],
)
def test_a_part_finds_the_whole(question: str, titles: set[str]) -> None:
    assert by_words(question) == titles
    assert known_words(question, "de") == question


def test_in_english_words_stay_apart() -> None:
    assert by_words("cost", "en") == set()


def test_words_are_written_with_their_weights_and_language() -> None:
    words = str(Passage.objects.get(article__title="Rückgaberecht").words)
    assert "'ruckgaberecht':1A" in words
    assert "'gilt':" in words
    assert "'das':" not in words
