"""What a passage says reads naturally in a message, and its links can be followed."""

from __future__ import annotations

import pytest

from kulanz.knowledge.passages import split
from kulanz.knowledge.spoken import LONGEST_BODY, links_of, spoken


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Express | 1–2 Tage | 9,90 €", "Express: 1–2 Tage, 9,90 €"),
        ("Land: | Österreich", "Land: Österreich"),
        ("| Standard | Express", "Standard, Express"),
        ("Abholung | | kostenlos", "Abholung: kostenlos"),
        ("Abholung | ", "Abholung"),
        ("Das kostet 5 €.", "Das kostet 5 €."),
        ("a|b", "a|b"),
    ],
)
def test_a_row_of_a_table_is_a_phrase(row: str, said: str) -> None:
    assert spoken(row) == said


def test_a_table_loses_no_word() -> None:
    (part,) = split("| Versand | Dauer | Preis |\n|--|--|--|\n| Express | 1–2 Tage | 9,90 € |", "")
    assert spoken(part.text) == "Versand: Dauer, Preis\nExpress: 1–2 Tage, 9,90 €"


BODY = (
    "Hier steht mehr. Füllen Sie [hier](https://example.org/a_(1)) oder\n[dort](http://example.org/b) das **Formular** "
    "aus, schreiben Sie [uns](mailto:hilfe@example.org?subject=x) oder sehen Sie <https://example.org/c>. "
    "[Böse](javascript:alert(1)), [Daten](data:text/html,x), [innen](/help/), [leer]()."
)


def test_addresses_stand_behind_the_words_that_lead_there() -> None:
    (part,) = split(BODY, "")
    said = spoken(part.text, links_of(BODY))
    assert said.startswith(
        "Hier steht mehr. Füllen Sie hier (https://example.org/a_(1)) oder dort (http://example.org/b) das Formular "
        "aus, schreiben Sie uns (hilfe@example.org) oder sehen Sie https://example.org/c."
    )
    assert said.count("https://example.org/c") == 1
    assert {link.address.partition(":")[0] for link in links_of(BODY)} == {"https", "http", "mailto"}
    assert said.endswith("innen, leer.")


def test_an_address_stands_only_where_its_words_do() -> None:
    links = links_of("Wählen Sie hier: [hier](https://example.org/).")
    assert spoken("Hier hilft niemand, und hier auch nicht.", links) == "Hier hilft niemand, und hier auch nicht."
    assert links_of(BODY + "x" * LONGEST_BODY) == []
