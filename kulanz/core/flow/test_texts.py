"""Values in texts."""

from __future__ import annotations

import pytest

from kulanz.core.flow import fill, number_of


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1234.5", "1.234,50", "1,234.50"),
        ("12.50 EUR", "12,50", "12.50"),
        (7, "7,00", "7.00"),
        ("on request", "on request", "on request"),
        ([1], "[1]", "[1]"),
        ("nan", "nan", "nan"),
        (None, "", ""),
    ],
)
def test_an_amount_is_written_as_the_language_writes_it_and_anything_else_as_it_is(
    value: object, german: str, english: str
) -> None:
    assert (fill("{a|money}", {"a": value}, "de"), fill("{a|money}", {"a": value}, "en")) == (german, english)


def test_what_is_no_amount_has_no_number() -> None:
    values: list[object] = ["12.50 EUR", 3, "x", {}, "inf", None]
    assert [number_of(value) for value in values] == [12.5, 3.0, None, None, None, None]
