"""What is shown of a passage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.knowledge.passages import plain, split
from kulanz.knowledge.quote import LENGTH, quote
from kulanz.knowledge.sentences import sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Wir liefern z. B. am Mo. und Di. nach Wien. Sonntags nicht.", 2),
        ("Zahlen Sie z.B. per Karte. Oder auf Rechnung.", 2),
        ("Bring your receipt, e.g. the e-mail. Then wait.", 2),
        ("Die Rechnung Nr. 12345 finden Sie im Konto. Sie kommt am 3. Mai.", 2),
        ("Dr. Müller antwortet bis 18.30 Uhr. Danach nicht mehr!", 2),
        ("Das kostet 4,90 €. Ab 49 € ist es frei. Mehr nicht.", 3),
        ("We started in 1998. Since then we roast coffee.", 2),
        ("Rufen Sie an? Ja! Gern.", 3),
        ("Steps:\n1. Open the lid.\n2. Pour water.", 3),
        ("Wir prüfen das usw. und melden uns.", 1),
        ("", 0),
    ],
)
def test_abbreviations_do_not_end_a_sentence(text: str, count: int) -> None:
    found = sentences(text)
    assert len(found) == count, found
    assert " ".join(found).split() == text.split()


LONG = (
    "Unsere Rösterei steht in Leipzig und besteht seit vielen Jahren. " * 4
    + "Sie können jeden Artikel innerhalb von 30 Tagen zurückgeben. Einen Grund brauchen Sie nicht. "
    + "Unsere Mitarbeiterinnen und Mitarbeiter beraten Sie gern am Telefon. " * 4
)


def test_the_fitting_sentence_is_quoted_word_for_word() -> None:
    found = quote("Wie viele Tage habe ich zum Zurückgeben?", LONG)
    assert "innerhalb von 30 Tagen zurückgeben." in found
    assert found in LONG
    assert len(found) <= LENGTH
    assert found.endswith(".")


def test_a_list_stays_together_with_its_lead_in() -> None:
    (part,) = split("# Entkalken\nSo geht es:\n\n1. Tank füllen.\n2. **Mittel** zugeben.\n3. [Spülen](x).", "")
    assert quote("Wie entkalke ich die Maschine?", part.text) == (
        "So geht es:\n\n1. Tank füllen.\n2. Mittel zugeben.\n3. Spülen."
    )


def test_markdown_marks_are_stripped_and_html_stays_text() -> None:
    assert plain("**Fett** und `code` [Link](http://x) <script>alert(1)</script>") == (
        "Fett und code Link <script>alert(1)</script>"
    )


def test_another_language_gets_the_beginning() -> None:
    text = "You can return any item within 30 days. You need no reason."
    assert quote("Frist?", text).startswith("You can return")


@given(st.text(max_size=600), st.text(max_size=60))
def test_a_quote_is_always_part_of_its_text(text: str, question: str) -> None:
    assert quote(question, text) in text


@given(st.text(alphabet="ab .\n#-1!|*`>", max_size=800))
def test_splitting_loses_no_word(body: str) -> None:
    kept = " ".join(f"{part.heading} {part.text}" for part in split(body, "title"))
    for word in "".join(c if c in "ab1" else " " for c in plain(body)).split():
        assert word in kept


def test_headings_cut_and_long_text_is_divided() -> None:
    body = (
        "# Titel\n\nEins zwei drei.\n\n## A\n\n" + "Dies ist ein Satz mit acht Wörtern hier. " * 60 + "\n\n### B\nKurz."
    )
    parts = split(body, "Titel")
    headings = [part.heading for part in parts]
    assert (headings[0], headings[-1]) == ("", "A – B")
    assert len(headings) > 5
    assert set(headings[1:-1]) == {"A"}
    assert all(len(part.text.split()) <= 140 for part in parts)
