"""A follow-up question is searched for in its context, a new matter is not pulled back."""

from __future__ import annotations

import pytest

from kulanz.decision.models import StoredDecision
from kulanz.knowledge.context import in_context
from kulanz.knowledge.search import search
from kulanz.nlp.vector import LazyVector
from tests.journeys.chat import Chat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("musterladen")]

SHIPPING = {"de": "Was kostet der Versand nach Österreich?", "en": "What does shipping to Austria cost?"}


def found(question: str, language: str, earlier: list[str]) -> list[str]:
    asked = in_context(question, earlier)
    return [passage.text for passage in search(asked, LazyVector(asked), language, limit=3)]


@pytest.mark.parametrize(
    ("language", "follow_up", "answer"),
    [("de", "Und wie lange dauert das?", "3 bis 5 Werktage"), ("en", "And how long does that take?", "3 to 5")],
)
def test_a_follow_up_finds_what_it_is_about(language: str, follow_up: str, answer: str) -> None:
    with_context = found(follow_up, language, [SHIPPING[language]])
    assert any(answer in text for text in with_context)
    assert with_context != found(follow_up, language, [])


def test_a_new_matter_is_found_as_if_nothing_had_been_said() -> None:
    for question in ("Welche Kaffeesorten haben Sie?", "Und wie ändere ich mein Passwort?"):
        assert found(question, "de", [SHIPPING["de"]]) == found(question, "de", [])


def test_the_turn_looks_back() -> None:
    chat = Chat()
    chat.say(SHIPPING["de"])
    chat.say("Und wie lange dauert das?")
    made = StoredDecision.objects.order_by("-created_at").first()
    assert made is not None
    asked = in_context("Und wie lange dauert das?", [SHIPPING["de"]])
    wanted = [passage.passage_id for passage in search(asked, LazyVector(asked), "de")]
    assert [passage["passage_id"] for passage in made.data["seen"]["situation"]["passages"]] == wanted
