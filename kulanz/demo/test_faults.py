"""Faults on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kulanz.demo.models import ShopOrder, ShopRefund
from kulanz.demo.stock import do_stock
from kulanz.demo.test_backoffice import ANNA, BackOffice


@pytest.fixture
def shop(made_once: Callable[[Callable[[], None]], None], settings: Any) -> BackOffice:
    settings.ROOT_URLCONF = "kulanz.demo.urls"
    made_once(do_stock)
    return BackOffice()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the back office would have slept."""
    taken: list[float] = []
    monkeypatch.setattr("kulanz.demo.faults.time.sleep", taken.append)
    return taken


@pytest.mark.parametrize(
    ("mode", "status", "acted", "slept"),
    [
        ("slow", 201, True, [5]),
        ("down", 503, False, []),
        ("fail_before", 500, False, []),
        ("fail_after", 500, True, []),
        ("lose_answer", 504, True, [5]),
        ("twice", 201, True, []),
        ("garbage", 200, False, []),
    ],
)
def test_each_fault_acts_or_not_and_a_second_try_cancels_once(
    *, shop: BackOffice, naps: list[float], mode: str, status: int, acted: bool, slept: list[float]
) -> None:
    assert shop.post("/_faults", {"mode": mode, "seconds": 5, "times": 1}).status_code == 200
    assert shop.cancel("ML-10234", ANNA, "k-1").status_code == status
    assert naps == slept
    assert (ShopOrder.objects.get(pk="ML-10234").status == "cancelled") is acted
    assert shop.get("/cancellations/k-1").status_code == (200 if acted else 404)
    again = shop.cancel("ML-10234", ANNA, "k-1")
    assert again.status_code == 201
    assert again.headers.get("Idempotent-Replay") == ("true" if acted else None)


def test_a_request_that_a_proxy_sends_twice_acts_once_and_gives_the_second_answer(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "twice", "calls": "writes"})
    answer = shop.cancel("ML-10234", ANNA, "k-1")
    assert answer.headers["Idempotent-Replay"] == "true"
    assert ShopRefund.objects.filter(payment__order="ML-10234").count() == 1


def test_garbage_is_a_page_with_status_200(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "garbage"})
    answer = shop.get("/orders/ML-10234", email=ANNA)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert b"<h1>" in answer.content


def test_a_fault_is_used_up(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "down", "times": 2})
    answers = [shop.get("/customers", email=ANNA).status_code for _ in range(3)]
    assert answers == [503, 503, 200]
    assert shop.get("/_faults").json()["times"] == 0


def test_a_fault_may_wait_for_a_writing_request(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "fail_after", "calls": "writes"})
    assert shop.get("/orders/ML-10234", email=ANNA).status_code == 200
    assert shop.cancel("ML-10234", ANNA, "k-1").status_code == 500
    assert shop.cancel("ML-10234", ANNA, "k-1").status_code == 201


def test_none_ends_a_fault(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "down", "times": 9})
    shop.post("/_faults", {"mode": "none"})
    assert shop.get("/customers", email=ANNA).status_code == 200


def test_a_caller_without_the_key_uses_up_no_fault(shop: BackOffice) -> None:
    shop.post("/_faults", {"mode": "down"})
    stranger = BackOffice()
    stranger.client.defaults["HTTP_X_API_KEY"] = "wrong"
    assert stranger.get("/customers", email=ANNA).status_code == 401
    assert stranger.post("/_faults", {"mode": "slow", "seconds": 60}).status_code == 401
    assert shop.get("/customers", email=ANNA).status_code == 503


def test_an_unknown_fault_is_refused(shop: BackOffice) -> None:
    assert shop.post("/_faults", {"mode": "explode"}).status_code == 422
