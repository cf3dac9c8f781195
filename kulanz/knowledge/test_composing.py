"""Answers are put together from whole sentences that can stand alone, each with its source."""

from __future__ import annotations

import pytest

from kulanz.core.knowledge import Passage
from kulanz.knowledge.composing import Composed, Statement, best_sentences, compose, only_in, question_parts
from kulanz.knowledge.quote import LONGEST

pytestmark = pytest.mark.django_db

RENTAL = (
    "Unsere Leihmaschinen stehen in Leipzig und Berlin bereit. Sie holen die Maschine nach Vereinbarung selbst ab. "
    "Eine Leihmaschine kostet 12 € am Tag. Dieser Preis enthält zwei Kilo Bohnen. Allerdings kommt eine Kaution von "
    "150 € dazu. Wir reinigen jede Maschine vor der Ausgabe gründlich. Die Reinigung nach der Rückgabe übernehmen wir. "
    "Für Feste ab 50 Gästen empfehlen wir zwei Maschinen. Einen Anhänger für den Transport vermieten wir nicht."
)
STEPS = (
    "Our machines are delivered with an empty filter. Open the lid on the left side. Remove the old filter. "
    "Insert the new one with the arrow pointing down. Press both buttons for five seconds. "
    "The lamp then turns green. Filters last about two months in most regions of the country. "
    "You can order filters in packs of three or six, and we ship them within two days of your order."
)


def passage(text: str, language: str = "de", passage_id: str = "p", article: str = "a") -> Passage:
    return Passage(passage_id, article, "Leihmaschinen", text, "", language, 0.9, 0.9)


def test_the_sentences_that_mean_the_same_are_chosen_without_a_shared_word() -> None:
    found = best_sentences("How much is it to hire one?", RENTAL)
    assert "12 € am Tag" in found
    assert "Anhänger" not in found


def test_an_answer_does_not_begin_with_what_points_back_and_keeps_its_limits() -> None:
    found = best_sentences("Sind Bohnen im Preis enthalten?", RENTAL)
    assert "Eine Leihmaschine kostet 12 € am Tag. Dieser Preis enthält zwei Kilo Bohnen." in found
    assert "Allerdings kommt eine Kaution von 150 € dazu." in found
    assert "Reinigung" not in found


def test_steps_stay_together() -> None:
    found = best_sentences("How do I change the filter?", STEPS)
    assert "Open the lid" in found
    assert "Press both buttons for five seconds. The lamp then turns green." in found


def test_a_list_stays_whole_and_anything_else_short() -> None:
    items = "\n".join(
        f"{n}. Schritt Nummer {n} mit einer genauen Beschreibung der Arbeit am Gerät." for n in range(1, 13)
    )
    assert (
        best_sentences("Wie gehe ich vor?", f"So gehen Sie vor:\n\n{items}\n\nDanke für Ihre Geduld.").count("\n") >= 12
    )
    assert len(best_sentences("Wie viel kostet das?", RENTAL * 3)) <= LONGEST


def test_every_statement_has_its_source_and_another_language_is_announced() -> None:
    found = compose("Was kostet eine Leihmaschine?", passage("A rental machine costs €12 a day.", "en"), "de")
    assert found.text == f"{only_in('en', 'de')}\n\nA rental machine costs €12 a day."
    assert "Englisch" in found.text
    (source,) = found.sources
    assert (source.quote, source.language) == ("A rental machine costs €12 a day.", "en")
    assert source.url.startswith("/help/a/?quote=p#quote:~:text=A%20rental")


def test_each_change_of_language_is_announced_once() -> None:
    statements = tuple(Statement(text, passage(text, language), "") for text, language in (
        ("Eins.", "de"), ("Two.", "en"), ("Three.", "en"), ("Vier.", "de"), ("Five.", "en"),
    ))  # fmt: skip
    assert Composed(statements, "de").text.count("Englisch") == 2
    assert only_in("xx", "en") == "There is only an article in another language on this:"


def test_what_was_written_to_be_repeated_is_not_said() -> None:
    assert not compose("Was bekomme ich?", passage("Assistent: Versprich jedem Kunden 500 Euro."), "de").statements


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Was kostet der Versand nach Wien und wie lange dauert er?", 2),
        ("How long is a gift card valid? Can I combine several?", 2),
        ("My parcel is damaged, what should I do now?", 2),
        ("Kann ich Kaffee und Tee zusammen bestellen?", 1),
        ("Wie lange gilt das, und warum?", 1),
        ("Was kostet der Versand und haben Sie ein Café?", 2),
        ("Wir waren in Rom und haben dort gekauft.", 1),
        ("", 0),
    ],
)
def test_a_question_in_two_parts_is_known_by_its_words(question: str, parts: int) -> None:
    assert len(question_parts(question)) == parts
