"""What customers write as amounts and days reaches an action as a clean value, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from kulanz.core.reading import Entity
from kulanz.flows.back_offices.http import HttpOperation
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.read import read
from tests.back_office_gym import Gym
from tests.back_offices.conftest import Describe
from tests.back_offices.test_openapi import FILE, LENA

pytestmark = pytest.mark.django_db


def entity(text: str, kind: str) -> Entity | None:
    return read(text, LazyVector(text), language_hint="de").entity(kind)


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("Bitte 234,50 € zurück", 234.5),
        ("234.50 EUR please", 234.5),
        ("EUR 0,99", 0.99),
        ("es waren hundert Euro", 100),
        ("1.234,50 €", None),  # understood, and above what this back office takes
        ("€1,234.50", None),
        ("tausend Euro", None),
    ],
)
def test_an_amount_is_a_clean_number_in_the_request(
    gym: Gym, describe: Describe, words: str, amount: float | None
) -> None:
    found = entity(words, "money")
    assert found is not None
    operation = describe(FILE.format(url=gym.url)).actions["refund"].operation
    assert isinstance(operation, HttpOperation)
    arguments: dict[str, Any] = {**LENA, "amount": found.value}
    if amount is None:
        with pytest.raises(Exception, match=r"refund\.amount must be at most 500") as refused:
            operation.preview(arguments)
        assert found.value in {"1234.50 EUR", "1000.00 EUR"}, str(refused.value)
    else:
        assert operation.preview(arguments)["body"]["refund"]["amount"] == amount


@pytest.mark.parametrize("words", ["tausend", "1,234.50", "viel", "€", "1.2.3,4 €€"])
def test_what_names_no_sum_is_asked_for_again(words: str) -> None:
    assert entity(words, "money") is None


@pytest.mark.parametrize("words", ["30.02.2027", "am 31. Juni 2027", "2027-13-01", "32/01/2027"])
def test_a_day_that_does_not_exist_is_no_day(words: str) -> None:
    assert entity(words, "date") is None
