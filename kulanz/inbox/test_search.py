"""The search: what is found by which words, and that nothing which writes messages can forget it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.utils import timezone

from kulanz.core.message import Reply
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.erasure import erase
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Customer, Message
from kulanz.inbox.search import RANKED, best, sentences, wanted
from kulanz.inbox.search_models import ConversationWords

pytestmark = pytest.mark.django_db


def talk(*texts: str, name: str = "Petra Müller", email: str = "") -> Conversation:
    claims = Claims(name=name, email=email or f"{name.split(maxsplit=1)[0].lower()}@example.org")
    conversation = do_open_conversation("web_chat", "de", claims)[0]
    for text in texts:
        do_append(conversation, Reply(text, author="customer"))
    return conversation


def found(text: str) -> list[UUID]:
    looked_for = wanted(text)
    return best(Conversation.objects.all(), looked_for, timezone.now()) if looked_for else []


def marked(conversation: Conversation, text: str) -> tuple[str, list[str]]:
    looked_for = wanted(text)
    assert looked_for
    pieces = sentences([conversation.pk], looked_for)[conversation.pk]
    return "".join(piece.text for piece in pieces), [piece.text for piece in pieces if piece.found]


@pytest.mark.parametrize(
    "text",
    [
        "bestellung", "Bestellungen", "orders", "returned", "ML-10234", "ml10234", "10234", "ml-102", "Rechnu",
        "Petra", "müller rechnung", "MULLER", "petra@example.org", '"fehlt die Rechnung"', "rechnung; order!",
    ],
)  # fmt: skip
def test_words_in_all_forms_and_both_languages_names_and_numbers(text: str) -> None:
    conversation = talk("Zu meinen Bestellungen ML-10234 fehlt die Rechnung.", "I will return the order.")
    talk("Wo ist der Mixer?", name="Ralf Otto")
    assert found(text) == [conversation.pk]


@pytest.mark.parametrize(
    "text", ["", "  ", "!!", "%", "\0", "' or 1=1 --", "zz\ud800", '"', "a & | <-> :*", "x" * 5_000]
)
def test_strange_words_find_nothing_and_break_nothing(text: str) -> None:
    talk("Zu meiner Bestellung ML-10234 fehlt die Rechnung.")
    assert found(text) == []


def test_whom_the_words_stand_beside_best_comes_first() -> None:
    aside = talk("Ich habe eine Frage zur Lieferung, zum Preis, zur Farbe und zur Rechnung.", name="Ralf")
    about = talk("Rechnung fehlt. Bitte die Rechnung senden, ohne Rechnung zahle ich nicht.", name="Anna")
    named = talk("Guten Tag", name="Rechnung Rosa")
    assert found("Rechnung") == [named.pk, about.pk, aside.pk]


def test_the_sentence_shows_the_words_as_they_were_written() -> None:
    conversation = talk("Guten Tag", "Meine <b>Rechnungen</b> zu ML-10234 fehlen. " + "Und so weiter. " * 30)
    text, words = marked(conversation, "rechnung 10234")
    assert words == ["Rechnungen", "10234"]
    assert text.startswith("Meine <b>Rechnungen</b> zu ML-10234")
    assert text.endswith(" …")


def test_what_changes_is_found_as_it_is_now() -> None:
    conversation = talk("Die Kaffeemaschine leckt.")
    other = talk("Guten Tag", name="Ralf")
    message = Message.objects.get(conversation=conversation)
    Message.objects.filter(pk=message.pk).update(conversation=other, seq=2)
    assert found("Kaffeemaschine") == [other.pk]
    Message.objects.filter(pk=message.pk).update(text="Die Teekanne leckt.")
    assert (found("Kaffeemaschine"), found("Teekanne")) == ([], [other.pk])
    Customer.objects.filter(pk=other.customer_id).update(name="Rolf")
    assert (found("Ralf"), found("Rolf")) == ([other.pk], [other.pk])  # the address still says Ralf
    Message.objects.filter(pk=message.pk).delete()
    assert found("Teekanne") == []


def test_notices_are_not_searched_and_the_erased_is_gone() -> None:
    conversation = talk("Guten Tag")
    do_append(conversation, Reply("Mia kümmert sich jetzt um Sie.", author="system"))
    assert found("kümmert") == []
    erase(conversation.customer_id)
    assert not ConversationWords.objects.exists()


def test_a_book_of_a_message_stops_nothing() -> None:
    conversation = talk(*(" ".join(f"wort{n * 1000 + m}x" for m in range(900)) for n in range(60)))
    do_append(conversation, Reply("Zum Schluss", author="customer"))
    assert found("wort1x") == [conversation.pk]


def test_of_very_many_the_newest_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kulanz.inbox.search.RANKED", 3)
    all_of_them = [talk("Wo ist mein Paket?", name=f"Kunde{n}").pk for n in range(6)]
    assert RANKED > 3
    assert found("Paket") == all_of_them[:2:-1]
