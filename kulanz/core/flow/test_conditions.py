"""Conditions: what can be written, what it means, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.errors import InvalidInput
from kulanz.core.flow.conditions import check_condition, holds, paths_of

VALUES: dict[str, Any] = {
    "order": {"status": "shipped", "total": "49.90", "paid": True, "lines": [1, 2], "due": "2026-11-30"},
    "amount": "12.50 EUR",
    "city": "",
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("order.paid", True),
        ("order.nothing", False),
        ("city", False),
        ("order.status == 'shipped'", True),
        ("order.status != 'shipped'", False),
        ("order.total <= 50", True),
        ("order.total > 100", False),
        ("amount >= 12.5", True),
        ("amount > order.total", False),
        ("order.due > '2026-11-22'", True),
        ("order.status in ['open', 'shipped']", True),
        ("order.status not in ['open']", True),
        ("order.paid and not city", True),
        ("city or order.status == 'open'", False),
        ("order.paid == true", True),
        ("order.nothing == none", True),
        ("order.nothing < 5", False),
        ("-1 < 0", True),
    ],
)
def test_what_it_means(condition: str, expected: bool) -> None:
    check_condition(condition)
    assert holds(condition, VALUES) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "a >",
        "f(x)",
        "a.b()",
        "a[0]",
        "a.0 == 1",
        "lambda: 1",
        "a + b",
        "a < b < c",
        "[x for x in y]",
        "a is b",
        "'x'.y",
        "(" * 300,
    ],
)
def test_what_is_refused(condition: str) -> None:
    with pytest.raises(InvalidInput):
        check_condition(condition)


def test_the_values_that_a_condition_looks_at() -> None:
    assert set(paths_of("order.status == 'x' and not (city or true)")) == {"order.status", "city"}


@given(st.text(max_size=60))
def test_nothing_but_a_clear_refusal_or_an_answer(condition: str) -> None:
    try:
        check_condition(condition)
    except InvalidInput:
        return
    assert holds(condition, VALUES) in {True, False}
