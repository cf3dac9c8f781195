"""The back office is down, slow or forgetful: the customer gets an honest sentence and a person, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.customers import Visitor
from tests.journeys.product import RunningProduct, until

pytestmark = [pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
OPEN_ORDER = """
    update demo_shoporder o set status = 'open' from demo_shopcustomer c
    where c.number = o.customer_id and o.number =
        (select number from demo_shoporder where status = 'packed' order by number limit 1)
    returning o.number, c.email"""


@pytest.fixture(autouse=True)
def calm(product: RunningProduct) -> Iterator[None]:
    yield
    product.fault("none")


@pytest.fixture
def order(product: RunningProduct) -> tuple[str, str]:
    """An order that nobody else uses and that can be cancelled: number and e-mail address."""
    number, email = product.rows(OPEN_ORDER)[0]
    return number, email


def cancellations(product: RunningProduct, number: str) -> list[str]:
    statement = "select 'ST-' || lpad(id::text, 5, '0') from demo_shopcancellation where order_id = %s"
    return [row[0] for row in product.rows(statement, number)]


def calls(product: RunningProduct, visitor: Visitor) -> list[tuple[Any, ...]]:
    return product.rows("select status, attempts from flows_actioncall where conversation_id = %s::uuid", visitor.id)


def asked_to_confirm(visitor: Visitor, number: str) -> None:
    visitor.write(f"I want to cancel my order {number}.")
    assert visitor.replies()[-1]["choices"] == ["Yes", "No"]


def all_texts(visitor: Visitor) -> str:
    return "\n".join(reply["text"] for reply in visitor.replies())


@pytest.mark.parametrize(("mode", "seconds"), [("down", 0), ("slow", 6)])
def test_a_back_office_that_does_not_answer_is_admitted_and_a_person_takes_over(
    product: RunningProduct, mode: str, seconds: float
) -> None:
    product.fault(mode, times=1, calls="reads", seconds=seconds)
    with Visitor(product, "anna.beispiel@example.com", "en") as visitor:
        said = visitor.ask("Where is my order ML-10198?")
        assert "order system does not answer" in said
        assert "handed you over" in said
        assert visitor.state()["status"] == "waiting"


def test_a_lost_answer_is_looked_up_and_the_customer_hears_what_really_happened(
    product: RunningProduct, order: tuple[str, str]
) -> None:
    number, email = order
    with Visitor(product, email, "en") as visitor:
        asked_to_confirm(visitor, number)
        product.fault("lose_answer", times=1, calls="writes")
        said = visitor.ask("Yes")
        (receipt,) = cancellations(product, number)
        assert "Done" in said
        assert receipt in said
        assert calls(product, visitor) == [("done", 1)]


@pytest.mark.parametrize(("mode", "happened"), [("lose_answer", True), ("fail_before", False)])
def test_an_unknown_outcome_is_called_unknown_and_goes_to_a_person(
    product: RunningProduct, order: tuple[str, str], mode: str, happened: bool
) -> None:
    number, email = order
    with Visitor(product, email, "en") as visitor:
        asked_to_confirm(visitor, number)
        product.fault(mode, times=2)  # the write and the look-up behind it
        said = visitor.ask("Yes")
        assert "got no confirmation" in said
        assert "Nothing was changed" not in said
        assert len(cancellations(product, number)) == happened
        assert visitor.state()["status"] == "waiting"
        assert calls(product, visitor) == [("unknown", 1)]


def test_a_no_that_comes_after_the_deed_does_not_deny_it(product: RunningProduct, order: tuple[str, str]) -> None:
    """The worker dies after the order was cancelled and before the customer was told, who changes their mind."""
    number, email = order
    with Visitor(product, email, "en") as visitor:
        asked_to_confirm(visitor, number)
        product.fault("lose_answer", times=1, calls="writes", seconds=4)
        visitor.write("Yes")
        confirmed = visitor.last
        until("the order is cancelled", lambda: cancellations(product, number), 20)
        visitor.write("No, stop, I have changed my mind")
        for worker in product.children("worker"):
            worker.kill()
        (receipt,) = cancellations(product, number)
        visitor.last = confirmed
        until("the customer is told", lambda: receipt in all_texts(visitor), 30)
        assert "changed nothing" not in all_texts(visitor)
        assert [status for status, _ in calls(product, visitor)] == ["done"]
