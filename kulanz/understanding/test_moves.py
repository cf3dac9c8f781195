"""What a message does in the course of a conversation."""

from __future__ import annotations

import pytest

from kulanz.understanding.signals import find_signals

MOVES = {"confirms_success", "hesitates", "threatens_to_leave", "refers_back", "corrects", "small_talk"}


def moves(text: str) -> dict[str, str]:
    return {s.value: s.evidence[0].text for s in find_signals(text) if s.value in MOVES}


@pytest.mark.parametrize(
    ("text", "move", "words"),
    [
        ("Jetzt funktioniert es, danke!", "confirms_success", "Jetzt funktioniert es"),
        ("das problem ist geloest", "confirms_success", "problem ist geloest"),
        ("Hat geklappt", "confirms_success", "Hat geklappt"),
        ("That worked, thank you", "confirms_success", "That worked"),
        ("it's all sorted now", "confirms_success", "all sorted"),
        ("Mein Paket ist heute angekommen", "confirms_success", "Paket ist heute angekommen"),
        ("Ich weiss nicht ob ich stornieren soll", "hesitates", "weiss nicht ob"),
        ("das muss ich mir noch ueberlegen", "hesitates", "muss ich mir noch ueberlegen"),
        ("let me think about it", "hesitates", "let me think about"),
        ("I'm not sure whether I want that", "hesitates", "not sure whether I want"),
        ("hmm", "hesitates", "hmm"),
        ("Dann kuendige ich eben", "threatens_to_leave", "Dann kuendige ich"),
        ("Sonst wechsle ich den Anbieter", "threatens_to_leave", "Sonst wechsle ich"),
        ("I'll take my business elsewhere", "threatens_to_leave", "take my business elsewhere"),
        ("fix this or I'm leaving", "threatens_to_leave", "or I'm leaving"),
        ("you just lost a customer", "threatens_to_leave", "lost a customer"),
        ("die andere Bestellung", "refers_back", "die andere"),
        ("wie gesagt, sie ist kaputt", "refers_back", "wie gesagt"),
        ("As I said, it's broken", "refers_back", "As I said"),
        ("I mean the second one", "refers_back", "the second one"),
        ("Das Gleiche nochmal bitte", "refers_back", "Das Gleiche nochmal"),
        ("nein, ich meinte die Kanne", "corrects", "nein, ich meinte"),
        ("sorry, wrong number, it's ML-10235", "corrects", "sorry, wrong number"),
        ("Nicht die Tasse, sondern die Kanne", "corrects", "Nicht die Tasse, sondern"),
        ("*ML-10235", "corrects", "*ML-10235"),
        ("Hallo, wie geht es dir heute?", "small_talk", "wie geht es dir heute"),
        ("bist du ein Bot?", "small_talk", "bist du ein Bot"),
        ("tell me a joke please", "small_talk", "tell me a joke"),
    ],
)
def test_the_move_is_found_with_its_words(text: str, move: str, words: str) -> None:
    found = moves(text)
    assert move in found
    assert found[move].startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "Hat es geklappt?",
        "Hat leider nicht geklappt",
        "it works now but the old one doesn't",
        "Wenn es wieder funktioniert, schreibe ich",
        "Ich möchte meine Bestellung stornieren",
        "Ich möchte meinen Vertrag kündigen",
        "I want to cancel my order",
        "wenn die Lampe nicht kommt, storniere ich die Bestellung",
        "Do I have to go to the bank to change my PIN?",
        "Gibt es eine andere Farbe?",
        "I was charged twice for the same item",
        "Sie haben die falsche Tasse geschickt",
        "I received the wrong order",
        "I'm not sure if my payment went through",
        "How are you? Where is my order?",
        "what's up with my order",
    ],
)
def test_ordinary_messages_make_none_of_these_moves(text: str) -> None:
    assert moves(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "Wie lange kann ich etwas zurueckgeben?",
        "Was kostet ein Umtausch?",
        "Hallo, muss ich die Rücksendung bezahlen?",
        "Bis wann kann man stornieren?",
        "How long can I return something?",
        "Do I have to pay for the return?",
        "And who pays the postage?",
    ],
)
def test_a_question_about_the_terms(text: str) -> None:
    assert "asks_terms" in {signal.value for signal in find_signals(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Wie lange dauert es noch?",
        "Wie lange braucht meine Bestellung?",
        "Wo ist mein Paket?",
        "Wann kommt der Techniker?",
        "Können Sie das stornieren?",
        "How much longer will it take?",
        "How long does my refund take?",
        "Can you cancel it?",
        "It took how long",
    ],
)
def test_a_question_about_the_own_matter(text: str) -> None:
    assert "asks_terms" not in {signal.value for signal in find_signals(text)}
