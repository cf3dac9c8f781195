from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.errors import InvalidInput
from kulanz.understanding.entities import find_entities
from kulanz.understanding.numbers import load_patterns

WEDNESDAY = date(2026, 7, 15)

FOUND = [
    ("Wo ist Bestellung 10234?", "order_number", "ML-10234", "Bestellung 10234"),
    ("ml 10234", "order_number", "ML-10234", "ml 10234"),
    ("ml10234 bitte", "order_number", "ML-10234", "ml10234"),
    ("ML–10234", "order_number", "ML-10234", "ML–10234"),
    ("order no. 10234", "order_number", "ML-10234", "order no. 10234"),
    ("Ich will 10234 stornieren", "order_number", "ML-10234", "10234"),
    ("my invoice re 2024 00123", "invoice_number", "RE-2024-00123", "re 2024 00123"),
    ("RE20240012", "invoice_number", "RE-2024-0012", "RE20240012"),
    ("k-12345", "customer_number", "K-12345", "k-12345"),
    ("Kundennummer: 123456", "customer_number", "K-123456", "123456"),
    ("1.234,50 € zu viel", "money", "1234.50 EUR", "1.234,50 €"),
    ("EUR 12", "money", "12.00 EUR", "EUR 12"),
    ("only $5.50!", "money", "5.50 USD", "$5.50"),
    ("20 euro", "money", "20.00 EUR", "20 euro"),
    ("1,234.50 USD", "money", "1234.50 USD", "1,234.50 USD"),
    ("1.234 €", "money", "1234.00 EUR", "1.234 €"),
    ("am 2026-12-24", "date", "2026-12-24", "2026-12-24"),
    ("am 24.12.2026", "date", "2026-12-24", "24.12.2026"),
    ("am 24. Dezember", "date", "2026-12-24", "24. Dezember"),
    ("on December 24th", "date", "2026-12-24", "December 24th"),
    ("12/24/2026", "date", "2026-12-24", "12/24/2026"),
    ("gestern", "date", "2026-07-14", "gestern"),
    ("komme morgen", "date", "2026-07-16", "morgen"),
    ("letzten Dienstag", "date", "2026-07-14", "letzten Dienstag"),
    ("last wednesday", "date", "2026-07-08", "last wednesday"),
    ("next friday", "date", "2026-07-17", "next friday"),
    ("vor drei Wochen", "date", "2026-06-24", "vor drei Wochen"),
    ("two days ago", "date", "2026-07-13", "two days ago"),
    ("Max.Muster@Example.com.", "email", "Max.Muster@example.com", "Max.Muster@Example.com"),
    ("+49 30 1234567", "phone", "+49301234567", "+49 30 1234567"),
    ("0171 2345678 bitte", "phone", "+491712345678", "0171 2345678"),
    ("DE89 3704 0044 0532 0130 00 bitte", "iban", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
    ("10234 Danke", "order_number", "ML-10234", "10234"),
    ("hundert Euro", "money", "100.00 EUR", "hundert Euro"),
    ("zweihundertfuenfzig Euro", "money", "250.00 EUR", "zweihundertfuenfzig Euro"),
    ("a hundred and five dollars", "money", "105.00 USD", "a hundred and five dollars"),
    ("50 bucks", "money", "50.00 USD", "50 bucks"),
    ("nur 1.299,-", "money", "1299.00 EUR", "1.299,-"),
    ("50 Cent", "money", "0.50 EUR", "50 Cent"),
    ("4111-1111-1111-1111", "card", "4111111111111111", "4111-1111-1111-1111"),
    ("Amex 3782 822463 10005", "card", "378282246310005", "3782 822463 10005"),
    ("3 Stück bitte", "quantity", "3", "3 Stück"),
    ("zwei blaue Tassen", "quantity", "2", "zwei blaue Tassen"),
    ("I ordered two mugs", "quantity", "2", "two mugs"),
    ("a dozen please", "quantity", "12", "a dozen"),
    ("5x", "quantity", "5", "5x"),
    ("Musterstr. 5, 10115 Berlin", "address", "Musterstraße 5, 10115 Berlin", "Musterstr. 5, 10115 Berlin"),
    ("10115 Berlin, Musterstr. 5", "address", "Musterstraße 5, 10115 Berlin", "10115 Berlin, Musterstr. 5"),
    ("Am Markt 3, 04109 Leipzig", "address", "Am Markt 3, 04109 Leipzig", "Am Markt 3, 04109 Leipzig"),
    ("nach 80331 München bitte", "address", "80331 München", "80331 München"),
    (
        "221B Baker Street, London NW1 6XE",
        "address",
        "221B Baker Street, London NW1 6XE",
        "221B Baker Street, London NW1 6XE",
    ),
    (
        "350 Fifth Avenue, New York, NY 10118",
        "address",
        "350 Fifth Avenue, New York, NY 10118",
        "350 Fifth Avenue, New York, NY 10118",
    ),
    ("(415) 555-0132", "phone", "+14155550132", "(415) 555-0132"),
    ("020 7946 0958", "phone", "+442079460958", "020 7946 0958"),
    ("in two weeks", "date", "2026-07-29", "in two weeks"),
    ("vor einem Monat", "date", "2026-06-15", "vor einem Monat"),
    ("Anfang März", "date", "2026-03-01", "Anfang März"),
    ("Ende August", "date", "2026-08-31", "Ende August"),
    ("am 3.5.", "date", "2026-05-03", "3.5."),
    ("the 3rd of May", "date", "2026-05-03", "3rd of May"),
    ("heute früh", "date", "2026-07-15", "heute früh"),
    ("over the weekend", "date", "2026-07-18", "over the weekend"),
    ("letztes Wochenende", "date", "2026-07-11", "letztes Wochenende"),
    ("am Dienstag bestellt", "date", "2026-07-14", "am Dienstag"),
    ("bis Freitag", "date", "2026-07-17", "bis Freitag"),
    ("nächste Woche", "date", "2026-07-20", "nächste Woche"),
    ("a couple of days ago", "date", "2026-07-13", "a couple of days ago"),
]


@pytest.mark.parametrize(("text", "kind", "value", "words"), FOUND)
def test_what_customers_write_is_found_and_normalised(text: str, kind: str, value: str, words: str) -> None:
    assert [(e.kind, e.value, e.evidence.text) for e in find_entities(text, WEDNESDAY)] == [(kind, value, words)]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "1234 5678 9012 3452",
        "50 % Rabatt",
        "50 Prozent",
        "für sechs Personen",
        "iPhone 12 Pro",
        "ein Paket",
        "Im Mai 2024",
        "Morgen, eine Frage",
        "PLZ 10115",
        "Guten Morgen",
        "DE89 3704 0044 0532 0130 01",
        "a@b",
        "seit 3 Wochen",
        "31.02.2026",
        "1234567890123456789",
    ],
)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert find_entities(text, WEDNESDAY) == ()


def test_relative_dates_need_today() -> None:
    assert find_entities("gestern und am 24. Dezember") == ()


def test_several_entities_in_their_order() -> None:
    found = find_entities("Bestellungen 10234 und 10235, Rechnung RE-2024-00123 über 49,90 Euro", WEDNESDAY)
    assert [e.value for e in found] == ["ML-10234", "ML-10235", "RE-2024-00123", "49.90 EUR"]


def test_a_company_writes_its_numbers_its_own_way(tmp_path: Path) -> None:
    file = tmp_path / "entities.yaml"
    file.write_text(
        "order_number:\n  value: 'A{n}'\n  patterns:\n    - {pattern: 'a(?P<n>[0-9]{3})', probability: 0.9}\n"
    )
    (found,) = find_entities("wo ist a123", patterns=load_patterns(file))
    assert found.value == "A123"


@pytest.mark.parametrize(
    "content", ["order_number: 5", "a: {value: 'x{y}', patterns: [{pattern: '(', probability: 1}]}", "["]
)
def test_unusable_patterns_are_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "entities.yaml"
    file.write_text(content)
    with pytest.raises(InvalidInput, match=r"entities\.yaml"):
        load_patterns(file)


PIECES = st.sampled_from(
    [
        "zwei ",
        "hundert Euro",
        "4111111111111111 ",
        "Musterstr. 5, 10115 Berlin",
        "in two weeks ",
        "5x ",
        "\u200b",
        "ML-10234 ",
        "DE89370400440532013000",
        " 1.234,5 €",
        "gestern",
        "24.12.",
        "<b>",
        "\ud800",
        "K 12345",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join))
def test_evidence_is_exact(text: str) -> None:
    for entity in find_entities(text, WEDNESDAY):
        words = entity.evidence
        assert text[words.start : words.end] == words.text != ""


SLOW = [
    "a", "1 ", "0", "DE89", "a@", "12.12.", "<", "+49 30 ", "bestell ", "DE89 1234 ", "zwei ",
    "one hundred and ", "4111 ", "10115 Berlin ", "Am Markt ", "Musterstr. 5, ", "10 Downing ",
    "vor einem ", "x3 ", "1,", "€", "letzten ",
]  # fmt: skip


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (8_000 // len(piece))
    assert min(seconds(text) for _ in range(3)) < 0.05


def seconds(text: str) -> float:
    start = time.process_time()
    find_entities(text, WEDNESDAY)
    return time.process_time() - start
