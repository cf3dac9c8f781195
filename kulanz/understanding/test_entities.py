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
]


@pytest.mark.parametrize(("text", "kind", "value", "words"), FOUND)
def test_what_customers_write_is_found_and_normalised(text: str, kind: str, value: str, words: str) -> None:
    assert [(e.kind, e.value, e.evidence.text) for e in find_entities(text, WEDNESDAY)] == [(kind, value, words)]


@pytest.mark.parametrize(
    "text",
    [
        "10115 Berlin, Musterstr. 5",
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
    ["ML-10234 ", "DE89370400440532013000", " 1.234,5 €", "gestern", "24.12.", "<b>", "\ud800", "K 12345"]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join))
def test_evidence_is_exact(text: str) -> None:
    for entity in find_entities(text, WEDNESDAY):
        words = entity.evidence
        assert text[words.start : words.end] == words.text != ""


@pytest.mark.parametrize("piece", ["a", "1 ", "0", "DE89", "a@", "12.12.", "<", "+49 30 ", "bestell ", "DE89 1234 "])
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    find_entities(text, WEDNESDAY)
    assert time.process_time() - start < 1
