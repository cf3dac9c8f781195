"""Friendly words against the course of things; plain praise never counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kulanz.core.reading import Finding, Reading
from kulanz.understanding.sarcasm import sarcasm

NEUTRAL = Finding("neutral", 0.6)
CALM = Reading("", Finding("de", 0.9), (), 1.0, True, (), NEUTRAL, NEUTRAL)
ANGRY = replace(CALM, emotion=Finding("frustrated", 0.9))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Na super, wieder nicht da", "Na super"),
        ("great job, third time wrong", "great job"),
        ("Danke fuer nichts!", "Danke fuer nichts"),
        ("Oh great, another delay", "Oh great"),
        ("Bravo! Schon wieder die falsche Farbe.", "Bravo"),
        ("Well done, you lost my parcel again", "Well done"),
        ("Klasse Leistung, Paket weg", "Klasse"),
    ],
)
def test_praise_beside_a_failure(text: str, words: str) -> None:
    found = sarcasm(text, NEUTRAL)
    assert found is not None
    assert (found.value, found.evidence[0].text) == ("sarcastic", words)
    surer = sarcasm(text, NEUTRAL, ANGRY)
    assert surer is not None
    assert surer.probability >= found.probability


@pytest.mark.parametrize(
    "text",
    [
        "Super, danke!",
        "You guys are great",
        "Great product, but it arrived broken",
        "Die Tasse ist toll, leider ist der Henkel kaputt",
        "Great job resolving the issue I had for three weeks",
        "Das wäre super, ich warte seit Wochen",
        "Super, danke! Noch eine Frage: meine zweite Bestellung ist immer noch nicht da",
        "Na super, dann hat sich das erledigt, danke!",
    ],
)
def test_meant_praise_is_never_sarcastic(text: str) -> None:
    assert sarcasm(text, NEUTRAL) is None
    assert sarcasm(text, NEUTRAL, CALM) is None


def test_a_lone_super_says_the_opposite_only_after_anger() -> None:
    assert sarcasm("Super.", NEUTRAL, CALM) is None
    assert sarcasm("Super.", NEUTRAL, ANGRY) is not None
    assert sarcasm("Super, danke, das hat geholfen", NEUTRAL, ANGRY) is None
