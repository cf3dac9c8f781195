"""Language, emotion and urgency."""

from __future__ import annotations

import pytest

from kulanz.core.reading import Finding
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.emotion import read_feelings
from kulanz.understanding.language import detect_language
from kulanz.understanding.signals import find_signals
from kulanz.understanding.urgency import read_urgency


def emotion_of(text: str, language: str) -> Finding:
    return read_feelings(text, LazyVector(text), language, find_signals(text))[0]


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("Wo ist meine Bestellung?", "en", "de"),
        ("where is my order", "de", "en"),
        ("Where is order ML-10234, max@muster.de?", "de", "en"),
        ("bonjour où est ma commande", None, "fr"),
        ("ML-10234", "en", "en"),
        ("ok", "en", "en"),
        ("ok", "de-AT", "de"),
        ("ja", "en", "de"),
        ("yes", "de", "en"),
        ("😀", "en", "en"),
        ("", None, "de"),
        ("", "klingon", "de"),
    ],
)
def test_language(text: str, hint: str | None, language: str) -> None:
    found = detect_language(text, hint)
    assert found.value == language
    assert 0 < found.probability <= 1


@pytest.mark.parametrize(
    ("text", "language", "emotion", "words"),
    [
        ("Das ist doch eine Frechheit!!!", "de", "frustrated", "Frechheit"),
        ("This is ridiculous, nobody answers", "en", "frustrated", "ridiculous"),
        ("Ich bin nicht zufrieden", "de", "disappointed", "nicht zufrieden"),
        ("I'm not happy with it", "en", "disappointed", "not happy"),
        ("Ich mache mir Sorgen um das Paket", "de", "worried", "Sorgen"),
        ("I'm worried about my parcel", "en", "worried", "worried"),
        ("ich verstehe die Rechnung nicht", "de", "confused", "verstehe die Rechnung nicht"),
        ("Vielen Dank, super!", "de", "pleased", "Vielen Dank"),
        ("😡", "de", "frustrated", "😡"),
        ("Wo ist meine Bestellung?", "de", "neutral", None),
        ("I want to cancel my order", "en", "neutral", None),
    ],
)
def test_emotion(text: str, language: str, emotion: str, words: str | None) -> None:
    found = emotion_of(text, language)
    assert found.value == emotion
    assert [evidence.text for evidence in found.evidence][:1] == ([words] if words else [])


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Ich brauche das Geschenk bis morgen", "high"),
        ("my card was stolen", "high"),
        ("Das ist eine Frechheit, ich warte seit drei Wochen", "high"),
        ("hat keine Eile", "low"),
        ("no rush", "low"),
        ("Wo ist meine Bestellung?", "normal"),
    ],
)
def test_urgency(text: str, urgency: str) -> None:
    assert read_urgency(text, emotion_of(text, detect_language(text).value), find_signals(text)).value == urgency
