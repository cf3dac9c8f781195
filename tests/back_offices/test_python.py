"""Python functions as back offices: typed, in time, and honest about what may have happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from kulanz.core.errors import InvalidInput, OutcomeUnknown, PermanentError, TransientError
from kulanz.flows.actions import Action
from tests.back_offices import gym_functions
from tests.back_offices.conftest import Describe

FILE = """
back_offices:
  till: {python: tests.back_offices, timeout: 0.2}
actions:
  refund:
    function: tests.back_offices.gym_functions.refund
    writes: true
    duplicates: key
    look_up: tests.back_offices.gym_functions.found
  opening: {function: tests.back_offices.gym_functions.opening, writes: false}
"""


@pytest.fixture
def office(describe: Describe) -> Iterator[dict[str, Action]]:
    gym_functions.done.clear()
    gym_functions.release.clear()
    yield describe(FILE).actions
    gym_functions.release.set()


def test_a_function_is_called_with_names_and_types(office: dict[str, Action]) -> None:
    result = office["refund"].operation.send({"member": "K-1", "amount": "12.50 EUR"}, "k")
    assert (result.status, result.data) == ("done", {"receipt": "G-k", "amount": "12.5"})
    assert gym_functions.done == {"k": Decimal("12.5")}
    known = office["refund"].operation.look_up("k")
    assert known is not None
    assert known.data == {"receipt": "G-k"}
    assert office["refund"].operation.look_up("other") is None


def test_a_reading_function(office: dict[str, Action]) -> None:
    result = office["opening"].operation.send({"day": "2026-12-31", "seats": "2"}, "")
    assert result.data == {"day": "2026-12-31", "hall": "north", "seats": 2}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"member": "K-1"}, "amount is missing"),
        ({"member": "K-1", "amount": "1.234,50 €"}, "amount must be a number"),
        ({"member": "K-1", "amount": "1,234.50"}, "amount must be a number"),
        ({"member": "K-1", "amount": "tausend"}, "amount must be a number"),
        ({"member": "K-1", "amount": "5 USD"}, "amount is in USD"),
        ({"member": "K-1", "amount": "5", "dated": "2026-02-30"}, "dated: "),
        ({"member": "K-1", "amount": "5", "idempotency_key": "mine"}, "idempotency_key is not known there"),
        ({"member": "K-1", "amount": "5", "colour": "red"}, "colour is not known there"),
    ],
)
def test_what_does_not_fit_is_not_called(office: dict[str, Action], arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(PermanentError, match="Nothing was sent") as refused:
        office["refund"].operation.send(arguments, "k")
    assert problem in str(refused.value)
    assert not gym_functions.done


def test_a_refusal_is_told(office: dict[str, Action]) -> None:
    result = office["refund"].operation.send({"member": "nobody", "amount": "5"}, "k")
    assert (result.status, result.data) == ("refused", {"reason": "no such member"})


@pytest.mark.parametrize(
    ("member", "failure"),
    [("later", TransientError), ("never", PermanentError), ("broken", OutcomeUnknown), ("slow", OutcomeUnknown)],
)
def test_each_failure_says_what_may_have_happened(
    office: dict[str, Action], member: str, failure: type[Exception]
) -> None:
    begun = time.monotonic()
    with pytest.raises(failure) as failed:
        office["refund"].operation.send({"member": member, "amount": "5"}, "k")
    assert type(failed.value) is failure
    assert "gym-secret" not in str(failed.value)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("gym_functions.refund", "gym_functions.gone", "can't be imported"),
        ("tests.back_offices.gym_functions.refund", "os.remove", "is not in `tests.back_offices`"),
        ("tests.back_offices.gym_functions.refund", "tests.back_offices_x.remove", "is not in `tests.back_offices`"),
        ("gym_functions.refund", "gym_functions.later", "is no plain function"),
        ("gym_functions.refund", "gym_functions.anything", "must name each of its arguments"),
        ("gym_functions.refund", "gym_functions.opening", "needs a function that takes `idempotency_key`"),
        ("python: tests.back_offices", "python: no_such_package", "Is it installed beside Kulanz?"),
        (", writes: false", "", "Say whether it changes something"),
    ],
)
def test_a_mistake_is_named(describe: Describe, old: str, new: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=r"actions\.yaml:\d+: ") as refused:
        describe(FILE.replace(old, new, 1))
    assert problem in str(refused.value)
