"""The back office as its callers see it: over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kulanz.demo.key import backoffice_key
from kulanz.demo.models import (
    ShopCancellation,
    ShopOrder,
    ShopPayment,
    ShopRefund,
    ShopReturn,
    ShopSubscription,
)
from kulanz.demo.stock import do_stock

BASE = "/demo/backoffice/api/v1"
ANNA = "anna.beispiel@example.com"
BEN = "ben.muster@example.com"


class BackOffice:
    """A caller with the right key."""

    def __init__(self) -> None:
        self.client = Client(headers={"X-Api-Key": backoffice_key()})

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(BASE + path, query)

    def post(self, path: str, body: object, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key is not None else None
        return self.client.post(BASE + path, body, content_type="application/json", headers=headers)

    def cancel(self, number: str, email: str, key: str | None) -> Any:
        return self.post(f"/orders/{number}/cancellation", {"email": email}, key)


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "kulanz.demo.urls"


@pytest.fixture
def shop(made_once: Callable[[Callable[[], None]], None]) -> BackOffice:
    made_once(do_stock)
    return BackOffice()


@pytest.fixture
def live_shop(transactional_db: None) -> BackOffice:
    do_stock()
    return BackOffice()


def test_an_order_opens_with_its_email_in_any_case(shop: BackOffice) -> None:
    order = shop.get("/orders/ml-10234", email="Anna.Beispiel@Example.com").json()
    today = timezone.localdate()
    assert order["number"] == "ML-10234"
    assert order["status"] == "open"
    assert order["status_text"] == {
        "de": "Eingegangen, noch nicht verpackt",
        "en": "Received, not packed yet",
    }
    assert order["placed_on"] == today.isoformat()
    assert order["items"] == [
        {
            "sku": "BRISA",
            "name": "Wasserkocher Brisa, 1,7 l",
            "names": {"de": "Wasserkocher Brisa, 1,7 l", "en": "Brisa kettle, 1.7 l"},
            "quantity": 1,
            "price": "49.90",
        }
    ]
    assert (order["total"], order["currency"]) == ("49.90", "EUR")
    assert (order["cancellable"], order["cancellable_reason"]) == (True, None)


def test_a_shipped_order_names_its_parcel_and_why_it_cannot_be_cancelled(shop: BackOffice) -> None:
    order = shop.get("/orders/ML-10198", email=ANNA).json()
    assert order["status"] == "shipped"
    assert order["carrier"] == "DHL"
    assert order["tracking_number"]
    assert order["expected_on"] == (timezone.localdate() + timedelta(days=2)).isoformat()
    assert order["cancellable"] is False
    assert order["cancellable_reason"]["de"] == "Die Bestellung ist schon unterwegs."


def test_a_late_order_says_so(shop: BackOffice) -> None:
    order = shop.get("/orders/ML-10201", email=BEN).json()
    assert order["delayed"] is True
    assert order["status_text"]["en"] == "On its way, later than promised"
    parcel = shop.get("/orders/ML-10201/shipments", email=BEN).json()["shipments"][0]
    assert parcel["delayed"] is True
    assert "depot" in parcel["note"]["en"]


@pytest.mark.parametrize("path", ["/orders/{}", "/orders/{}/shipments"], ids=["order", "shipments"])
def test_a_foreign_order_looks_like_one_that_does_not_exist(shop: BackOffice, path: str) -> None:
    foreign = shop.get(path.format("ML-10240"), email=ANNA)
    unknown = shop.get(path.format("ML-99999"), email=ANNA)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content == b'{"error": "not_found"}'


def test_a_foreign_order_can_not_be_cancelled(shop: BackOffice) -> None:
    assert shop.cancel("ML-10240", ANNA, "k-1").status_code == 404
    assert shop.get("/orders/ML-10240", email=BEN).json()["status"] == "open"
    assert shop.get("/cancellations/k-1").status_code == 404


def test_cancelling_refunds_and_the_same_key_replays_the_same_bytes(shop: BackOffice) -> None:
    first = shop.cancel("ML-10234", ANNA, "k-1")
    again = shop.cancel("ML-10234", ANNA, "k-1")
    assert first.status_code == again.status_code == 201
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.content == again.content == shop.get("/cancellations/k-1").content
    body = first.json()
    assert body["cancellation"].startswith("ST-")
    assert (body["number"], body["refunded"], body["currency"]) == ("ML-10234", "49.90", "EUR")
    assert ShopRefund.objects.filter(reference=body["cancellation"]).count() == 1
    assert shop.get("/orders/ML-10234", email=ANNA).json()["status"] == "cancelled"


def test_cancelling_what_was_not_paid_yet_refunds_nothing(shop: BackOffice) -> None:
    ShopPayment.objects.filter(order="ML-10234").update(method="invoice", status="open")
    assert shop.cancel("ML-10234", ANNA, "k-1").json()["refunded"] == "0.00"
    assert not ShopRefund.objects.filter(payment__order="ML-10234").exists()


@pytest.mark.parametrize("key", [None, "", "with space", "ü", "x" * 101])
def test_writing_wants_a_usable_key(shop: BackOffice, key: str | None) -> None:
    answer = shop.cancel("ML-10234", ANNA, key)
    assert (answer.status_code, answer.json()["error"]) == (400, "idempotency_key_required")
    assert ShopOrder.objects.get(pk="ML-10234").status == "open"


def test_a_key_serves_one_wish_only(shop: BackOffice) -> None:
    assert shop.cancel("ML-10234", ANNA, "k-1").status_code == 201
    other_order = shop.cancel("ML-10240", BEN, "k-1")
    other_action = shop.post("/returns", {"order_number": "ML-10111", "email": ANNA}, "k-1")
    assert other_order.status_code == other_action.status_code == 422
    assert other_order.json()["error"] == "idempotency_key_reused"
    assert ShopOrder.objects.get(pk="ML-10240").status == "open"
    assert not ShopReturn.objects.filter(order="ML-10111").exists()


def test_what_can_not_be_cancelled_is_refused_with_a_reason_and_leaves_no_trace(shop: BackOffice) -> None:
    shipped = shop.cancel("ML-10198", ANNA, "k-1")
    assert shipped.status_code == 409
    assert shipped.json() == {
        "error": "not_cancellable",
        "reason": {"de": "Die Bestellung ist schon unterwegs.", "en": "The order is already on its way."},
    }
    assert shop.get("/cancellations/k-1").status_code == 404
    assert shop.cancel("ML-10234", ANNA, "k-2").status_code == 201
    assert shop.cancel("ML-10234", ANNA, "k-3").json()["reason"]["en"] == "The order has already been cancelled."


def _together(live_shop: BackOffice, keys: list[str]) -> list[Any]:
    def cancel(key: str) -> Any:
        try:
            return BackOffice().cancel("ML-10234", ANNA, key)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(cancel, keys))


def test_twenty_at_once_with_one_key_cancel_once(live_shop: BackOffice) -> None:
    answers = _together(live_shop, ["same"] * 20)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replay" not in answer.headers for answer in answers) == 1
    assert ShopCancellation.objects.filter(order="ML-10234").count() == 1
    assert ShopRefund.objects.filter(payment__order="ML-10234").count() == 1


def test_twenty_at_once_with_keys_of_their_own_cancel_once(live_shop: BackOffice) -> None:
    answers = _together(live_shop, [f"key-{n}" for n in range(20)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert ShopRefund.objects.filter(payment__order="ML-10234").count() == 1


def test_customers_and_their_orders(shop: BackOffice) -> None:
    found = shop.get("/customers", email=ANNA).json()["customers"]
    assert [customer["id"] for customer in found] == ["K-10001"]
    orders = shop.get("/customers/K-10001/orders").json()["orders"]
    assert [order["number"] for order in orders] == ["ML-10234", "ML-10198", "ML-10111"]
    assert shop.get("/customers", email="nobody@example.com").json() == {"customers": []}
    assert shop.get("/customers/K-99999/orders").status_code == 404


def test_an_invoice_adds_up(shop: BackOffice) -> None:
    number = ShopOrder.objects.get(pk="ML-10198").invoice.number
    invoice = shop.get(f"/invoices/{number}", email=ANNA).json()
    assert (invoice["order_number"], invoice["total"], invoice["status"]) == ("ML-10198", "53.80", "paid")
    assert float(invoice["net"]) + float(invoice["vat"]) == pytest.approx(53.80)
    assert shop.get(f"/invoices/{number}", email=BEN).status_code == 404


def test_a_return_takes_each_piece_once(shop: BackOffice) -> None:
    pan = {"order_number": "ML-10111", "email": ANNA, "items": [{"sku": "TESSA-28"}]}
    first = shop.post("/returns", pan, "r-1")
    assert first.status_code == 201
    assert first.json()["refund_expected"] == "54.90"
    assert first.json()["label_number"]
    assert shop.post("/returns", pan, "r-1").content == first.content == shop.get("/requests/r-1").content
    assert shop.post("/returns", pan, "r-2").json()["error"] == "not_returnable"
    rest = shop.post("/returns", {"order_number": "ML-10111", "email": ANNA}, "r-3").json()
    assert [item["sku"] for item in rest["items"]] == ["KALK"]


@pytest.mark.parametrize(
    ("number", "days_ago", "items", "reason"),
    [
        ("ML-10198", None, [], "not been delivered yet"),
        ("ML-10111", 31, [], "30 days"),
        ("ML-10111", 30, [{"sku": "KORVA"}], "not part of the order"),
    ],
)
def test_what_can_not_be_returned_is_refused_with_a_reason(
    shop: BackOffice, number: str, days_ago: int | None, items: list[object], reason: str
) -> None:
    if days_ago:
        delivered = timezone.localdate() - timedelta(days=days_ago)
        ShopOrder.objects.filter(pk=number).update(delivered_on=delivered)
    answer = shop.post("/returns", {"order_number": number, "email": ANNA, "items": items}, "r-1")
    assert answer.status_code == 409
    assert reason in answer.json()["reason"]["en"]


def test_a_subscription_pauses_once(shop: BackOffice) -> None:
    (own,) = shop.get("/subscriptions", email=ANNA).json()["subscriptions"]
    assert own["status"] == "active"
    path = f"/subscriptions/{own['id']}/pause"
    ShopSubscription.objects.filter(pk=own["id"]).update(next_delivery_on=timezone.localdate() + timedelta(days=9))
    first = shop.post(path, {"email": ANNA, "weeks": 6}, "p-1")
    today = timezone.localdate()
    assert first.json()["paused_until"] == (today + timedelta(weeks=6)).isoformat()
    assert first.json()["still_delivered_on"] is None
    assert shop.post(path, {"email": ANNA, "weeks": 6}, "p-1").content == first.content
    assert shop.post(path, {"email": ANNA, "weeks": 2}, "p-1").status_code == 422
    assert shop.post(path, {"email": ANNA}, "p-2").json()["error"] == "not_pausable"
    assert shop.post(path, {"email": BEN}, "p-3").status_code == 404


def test_a_pause_right_before_a_delivery_begins_after_it(shop: BackOffice) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    ShopSubscription.objects.filter(customer="K-10001").update(next_delivery_on=tomorrow)
    (own,) = shop.get("/subscriptions", email=ANNA).json()["subscriptions"]
    pause = shop.post(f"/subscriptions/{own['id']}/pause", {"email": ANNA, "weeks": 1}, "p-1").json()
    assert pause["still_delivered_on"] == tomorrow.isoformat()
    assert pause["paused_until"] == (tomorrow + timedelta(days=8)).isoformat()


@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_the_key_nothing_opens(shop: BackOffice, key: str | None) -> None:
    headers = {"X-Api-Key": key} if key else None
    answer = Client(headers=headers).get(f"{BASE}/orders/ML-10234", {"email": ANNA})
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized"


def test_every_error_is_json(shop: BackOffice) -> None:
    post = shop.client.post
    cancellation = f"{BASE}/orders/ML-10234/cancellation"
    answers = {
        404: [shop.get("/nothing"), shop.client.get("/demo/backoffice/"), shop.get("/orders/x", email=ANNA)],
        405: [shop.client.delete(f"{BASE}/customers")],
        422: [
            shop.get("/orders/ML-10234"),
            shop.get("/orders/ML-10234", email="a\x00b@example.com"),
            shop.post("/orders/ML-10234/cancellation", {"email": ""}, "k"),
            shop.post("/orders/ML-10234/cancellation", {"email": ANNA, "reason": "\x00"}, "k"),
        ],
        400: [post(cancellation, "{broken", content_type="application/json", headers={"Idempotency-Key": "k"})],
        413: [post(cancellation, "x" * 1_000_001, content_type="application/json")],
    }
    for status, those in answers.items():
        for answer in those:
            assert answer.status_code == status
            assert answer.headers["Content-Type"].startswith("application/json")
            assert answer.json()["error"]


def test_the_description_names_every_endpoint(shop: BackOffice) -> None:
    described = Client().get(f"{BASE}/openapi.json").json()
    assert described["info"]["title"] == "Musterladen back office"
    assert f"{BASE}/orders/{{number}}/cancellation" in described["paths"]
    assert Client().get(f"{BASE}/docs").status_code == 404
