"""A follow-up question is searched for with its matter; a new matter is left alone."""

from __future__ import annotations

import pytest

from kulanz.knowledge.context import in_context, lacks_matter

REFUND = "Wie bekomme ich mein Geld zurück, wenn ich die Schuhe zurückschicke?"
DELIVERY = "How do you ship to Switzerland?"

FOLLOW_UPS = [
    "Und wie lange dauert das?", "und was kostet das", "Wie lange dauert das denn normalerweise?",
    "Geht das auch online?", "Wo finde ich das?", "Was muss ich dafür tun?", "Und wenn nicht?", "Warum?",
    "wie genau?", "Und per Express?", "Kann ich das auch ohne Kassenbon machen?", "Und bei Sale-Artikeln?",
    "Gilt das auch für Möbel?", "wie viel ist es denn", "Bis wann geht das?", "Muss ich dafür etwas zahlen?",
    "Und danach?", "Brauche ich dazu den Karton?", "And how long does that take?", "how much is it?",
    "And how much does it cost?", "Can I do that online?", "what about Norway?", "Is it free?", "and by express?",
    "Where do I find that?", "Why not?", "How long does it take?", "And if I don't?", "What do I need for that?",
    "Does that work for furniture as well?", "When will it be there?", "can i change it later?",
]  # fmt: skip
NEW_MATTERS = [
    "Wie ändere ich mein Passwort?", "Und wie ändere ich mein Passwort?", "Haben Sie auch Gutscheine?",
    "Gibt es eine Garantie?", "Ich möchte meine Adresse ändern", "Wo ist Ihr Laden in Berlin?",
    "Wie lange dauert die Lieferung nach Österreich?", "Was kostet der Versand?",
    "Ist es möglich, die Rechnungsadresse zu ändern?", "Ich will das Abo kündigen", "Welche Kaffeesorten gibt es?",
    "Wie lange dauert die Reparatur?", "Und wo finde ich meine Rechnung vom letzten Monat?",
    "How do I change my password?", "And how do I change my password?", "Do you sell gift cards?",
    "Is there a warranty?", "I want to cancel my subscription", "Is it possible to change my billing address?",
    "What does shipping cost?", "How long does the repair take?", "My invoice from last month is missing",
    "Where is your shop in Berlin?", "Are there vegan products?", "Cancel the order", "What are the opening hours?",
]  # fmt: skip


@pytest.mark.parametrize("question", FOLLOW_UPS)
def test_a_follow_up_takes_its_matter_along(question: str) -> None:
    assert in_context(question, [DELIVERY, REFUND]) == f"{REFUND}\n{question}"


@pytest.mark.parametrize("question", NEW_MATTERS)
def test_a_new_matter_is_not_pulled_back(question: str) -> None:
    assert in_context(question, [REFUND]) == question


def test_the_matter_may_stand_further_back() -> None:
    assert in_context("Und was kostet das?", [REFUND, "Und wie lange dauert das?", "Danke"]).startswith(REFUND)
    assert in_context("And what does it cost?", [DELIVERY, *["ok", "thanks"] * 5]) == "And what does it cost?"


def test_what_is_no_question_stays_as_it_is() -> None:
    for text in ("", "🎉", "1234", "   "):
        assert in_context(text, [REFUND]) == text
    assert in_context("Und wie lange dauert das?", []) == "Und wie lange dauert das?"
    long = "Und " + "wie lange dauert das " * 10
    assert not lacks_matter(long)
