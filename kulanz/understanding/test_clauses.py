"""The parts of a message that may each carry a wish."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.understanding.clauses import MAX_PARTS, clauses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Wo ist mein Paket? Und außerdem brauche ich die Rechnung.",
            ["Wo ist mein Paket?", "Und außerdem brauche ich die Rechnung."],
        ),
        ("Kann ich umtauschen, ausserdem will ich Rabatt", ["Kann ich umtauschen", "ausserdem will ich Rabatt"]),
        ("I want to cancel my order and I need a new card", ["I want to cancel my order", "I need a new card"]),
        ("Please cancel order 10234; also send me the bill", ["Please cancel order 10234", "also send me the bill"]),
        ("Hallo,\n1. Wo ist mein Paket\n2. Ich will die Rechnung", ["Wo ist mein Paket", "Ich will die Rechnung"]),
        ("My card was stolen. Please block it. Thanks!", ["My card was stolen.", "Please block it."]),
        ("Hallo, wo ist meine Bestellung? Danke! Viele Grüße", ["Hallo, wo ist meine Bestellung?"]),
        (
            "Meine Bestellung Nr. 10234 vom 3. Mai ist nicht da.",
            ["Meine Bestellung Nr. 10234 vom 3. Mai ist nicht da."],
        ),
        ("Ich möchte eine Tasse und eine Kanne bestellen", ["Ich möchte eine Tasse und eine Kanne bestellen"]),
        ("Storno und Rechnung", ["Storno und Rechnung"]),
        ("cancel", ["cancel"]),
        ("Danke", ["Danke"]),
        (" \n", []),
    ],
)
def test_each_wish_is_a_part(text: str, parts: list[str]) -> None:
    assert [part.text for part in clauses(text)] == parts


PIECES = st.sampled_from(
    ["Hallo. ", "und ich will das ", "and also ", "; ", "\n1. ", "<b>", "\ud800", "wo ist es? ", "3. "]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=20).map("".join))
def test_parts_are_exact_in_order_and_apart(text: str) -> None:
    parts = clauses(text)
    assert len(parts) <= MAX_PARTS
    assert all(text[part.start : part.end] == part.text for part in parts)
    assert all(first.end <= second.start for first, second in itertools.pairwise(parts))


@pytest.mark.parametrize("piece", ["und ", ". ", "a und b ist ", ", ", "\n", "also ", "1) ", "bitte "])
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()
    clauses(piece * (8_000 // len(piece)))
    assert time.process_time() - start < 0.05
