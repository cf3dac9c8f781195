"""Photos as answers: what is one, what may be said instead, and what is neither."""

from __future__ import annotations

from typing import Any

import pytest

from kulanz.core.files import File
from kulanz.core.flow import Ask, Choice, Slot
from kulanz.core.reading import Finding, Reading
from kulanz.flows.choosing import MISSING
from kulanz.flows.sent import MOST, given_before, sent

NO_PHOTO = Choice("none", {"de": "Kein Foto", "en": "No photo"}, {"en": ("without a photo",)})
PHOTO = File("1", "a.jpg", "image/jpeg")
PDF = File("2", "b.pdf", "application/pdf")


def ask(entity: str = "photo", *, or_text: bool = True, choices: tuple[Choice, ...] = (NO_PHOTO,)) -> Ask:
    text = {"de": "?", "en": "?"}
    return Ask(Slot("photo", entity, or_text=or_text), text, text, {}, choices)


def read(text: str, *files: File, signal: str = "") -> Reading:
    plain = Finding("neutral", 1.0)
    signals = (Finding(signal, 1.0),) if signal else ()
    return Reading(text, Finding("en", 1.0), (), 1.0, True, (), plain, plain, signals, files=files)


def test_a_photo_is_the_answer_with_its_words() -> None:
    value = sent(ask(), read("The lid", PHOTO, File("3", "c.png", "image/png")))
    assert value == {"name": "a.jpg", "id": "1", "count": 2, "all": "1, 3", "text": "The lid"}


def test_a_pdf_is_a_file_and_no_photo() -> None:
    assert sent(ask(or_text=False), read("Here", PDF)) is MISSING
    assert sent(ask("file"), read("", PDF))["name"] == "b.pdf"


@pytest.mark.parametrize(
    ("text", "signal", "expected"),
    [
        ("No photo", "", "none"),
        ("kein Foto", "", "none"),
        ("Sorry, it has to do without a photo", "", "none"),
        ("No, sorry", "denies", "none"),
        ("The lid is cracked, photo attached", "", "The lid is cracked, photo attached"),
        ("No, it is the lid that broke off", "denies", "No, it is the lid that broke off"),
        ("Yes, of course", "affirms", MISSING),
        ("How do I do that?", "", MISSING),
        ("I don't know", "", MISSING),
        ("", "", MISSING),
    ],
)
def test_what_may_be_said_instead(text: str, signal: str, expected: Any) -> None:
    value = sent(ask(), read(text, signal=signal))
    assert (value["text"] if isinstance(value, dict) else value) == expected


def test_words_do_only_where_the_flow_says_so() -> None:
    assert sent(ask(or_text=False, choices=()), read("The lid is cracked")) is MISSING


def test_what_was_sent_before_is_taken_once_and_the_newest_of_many() -> None:
    first = given_before(ask(), [PHOTO, PDF], [None, {"status": "done", "data": {}}])
    assert first["value"]["all"] == "1"
    assert given_before(ask(), [PHOTO, PDF], [None, first]) is MISSING
    assert given_before(ask("file"), [PHOTO, PDF], [first])["value"]["all"] == "2"
    many = [File(str(n), "x.jpg", "image/jpeg") for n in range(9)]
    assert given_before(ask(), many, [])["value"]["all"] == "4, 5, 6, 7, 8"
    assert MOST == 5
    assert given_before(ask("order_number"), [PHOTO], []) is MISSING
