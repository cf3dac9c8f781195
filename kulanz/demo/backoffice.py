"""The back office's HTTP JSON API, with an OpenAPI description of its own; mounted in demo mode only.

It stands for a foreign system: Kulanz reaches it by HTTP like any other back office. Every call wants the
header `X-Api-Key`, every writing call an `Idempotency-Key`. An order opens only with its e-mail address.
"""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from pydantic import Field

from kulanz.demo import (
    answers,
    api_account,
    api_goods,
    api_money,
    api_subscriptions,
    api_visits,
    faults,
    once,
    orders,
)
from kulanz.demo.api_common import (
    BOUNDS,
    PROBLEMS,
    BodyEmail,
    Email,
    IdempotencyKey,
    Number,
    Reason,
    shop_key,
    shop_router,
    write_once,
)
from kulanz.demo.models import ShopCustomer, ShopFault
from kulanz.demo.problems import MissingError, add_problem_handlers

router = shop_router()


class CancellationRequest(Schema):
    email: BodyEmail
    reason: Reason = ""


class ReturnedItem(Schema):
    sku: Annotated[str, Field(max_length=20, pattern=BOUNDS)]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class ReturnRequest(Schema):
    """Without `items` everything comes back that is not on its way back yet."""

    order_number: Annotated[str, Field(max_length=40, pattern=BOUNDS)]
    email: BodyEmail
    items: Annotated[list[ReturnedItem], Field(max_length=50)] = []
    reason: Reason = ""


class PauseRequest(Schema):
    email: BodyEmail
    weeks: Annotated[int, Field(ge=1, le=12)] = 4


class FaultSetting(Schema):
    """`calls` narrows the fault to reading or writing requests; `times` counts those alone."""

    mode: faults.Mode = "none"
    seconds: Annotated[float, Field(ge=0, le=60)] = 0
    times: Annotated[int, Field(ge=0, le=100_000)] = 1
    calls: faults.Calls = "all"


@router.get("/orders/{number}", response={200: answers.OrderAnswer, **PROBLEMS}, operation_id="get_order")
def get_order(request: HttpRequest, number: Number, email: Email) -> answers.OrderAnswer:
    return answers.order_answer(orders.access_order(number, email))


@router.get(
    "/orders/{number}/shipments",
    response={200: answers.ShipmentList, **PROBLEMS},
    operation_id="list_shipments",
)
def list_shipments(request: HttpRequest, number: Number, email: Email) -> answers.ShipmentList:
    order = orders.access_order(number, email)
    parcels = [answers.shipment_answer(parcel) for parcel in order.shipments.all()]
    return answers.ShipmentList(number=order.number, shipments=parcels)


@router.post(
    "/orders/{number}/cancellation",
    response={201: answers.CancellationAnswer, **PROBLEMS},
    operation_id="cancel_order",
)
def cancel_order(
    request: HttpRequest, number: Number, wish: CancellationRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Cancels the order as a whole, once, and refunds what was paid."""
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    return write_once(key, "cancellation", order.number, lambda: orders.do_cancel(order, wish.reason))


@router.get(
    "/cancellations/{idempotency_key}",
    response={200: answers.CancellationAnswer, **PROBLEMS},
    operation_id="find_cancellation",
)
def find_cancellation(request: HttpRequest, idempotency_key: Number) -> HttpResponse:
    """What came of a cancellation whose answer got lost: its stored answer, or 404 if it never happened."""
    return _stored(idempotency_key, "cancellation")


@router.get("/requests/{idempotency_key}", response={200: dict[str, Any], **PROBLEMS}, operation_id="find_request")
def find_request(request: HttpRequest, idempotency_key: Number) -> HttpResponse:
    """The same look-up for any writing request."""
    return _stored(idempotency_key)


def _stored(key: str, operation: str | None = None) -> HttpResponse:
    body = once.stored_answer(key, operation)
    if body is None:
        raise MissingError
    return HttpResponse(body, content_type="application/json; charset=utf-8")


@router.get("/customers", response={200: answers.CustomerList, **PROBLEMS}, operation_id="find_customers")
def find_customers(request: HttpRequest, email: Email) -> answers.CustomerList:
    found = ShopCustomer.objects.filter(email=email.lower())
    return answers.CustomerList(customers=[answers.customer_answer(customer) for customer in found])


@router.get(
    "/customers/{id}/orders",
    response={200: answers.OrderList, **PROBLEMS},
    operation_id="list_customer_orders",
)
def list_customer_orders(request: HttpRequest, id: Number) -> answers.OrderList:
    """The customer's orders, newest first."""
    customer = ShopCustomer.objects.filter(number=id.upper()).first()
    if customer is None:
        raise MissingError
    placed = orders.full_orders().filter(customer=customer).order_by("-placed_at")
    return answers.OrderList(orders=[answers.order_answer(order) for order in placed])


@router.get("/invoices/{number}", response={200: answers.InvoiceAnswer, **PROBLEMS}, operation_id="get_invoice")
def get_invoice(request: HttpRequest, number: Number, email: Email) -> answers.InvoiceAnswer:
    return answers.invoice_answer(orders.access_invoice(number, email))


@router.post("/returns", response={201: answers.ReturnAnswer, **PROBLEMS}, operation_id="announce_return")
def announce_return(request: HttpRequest, wish: ReturnRequest, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Announces a return and gives its parcel label."""
    key = once.check_key(idempotency_key)
    order = orders.access_order(wish.order_number, wish.email)
    items: dict[str, int] = {}
    for item in wish.items:
        items[item.sku] = items.get(item.sku, 0) + item.quantity
    today = timezone.localdate()
    subject = f"{order.number} {sorted(items.items())}"
    return write_once(key, "return", subject, lambda: orders.do_return(order, items, wish.reason, today))


@router.get("/subscriptions", response={200: answers.SubscriptionList, **PROBLEMS}, operation_id="find_subscriptions")
def find_subscriptions(request: HttpRequest, email: Email) -> answers.SubscriptionList:
    found = orders.subscriptions_of(email)
    return answers.SubscriptionList(subscriptions=[answers.subscription_answer(item) for item in found])


@router.post(
    "/subscriptions/{id}/pause",
    response={201: answers.PauseAnswer, **PROBLEMS},
    operation_id="pause_subscription",
)
def pause_subscription(
    request: HttpRequest, id: Number, wish: PauseRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Pauses a coffee subscription for 1 to 12 weeks."""
    key = once.check_key(idempotency_key)
    subscription = orders.access_subscription(id, wish.email)
    today = timezone.localdate()
    subject = f"{subscription.number} {wish.weeks}"
    return write_once(key, "pause", subject, lambda: orders.do_pause(subscription, wish.weeks, today))


api = NinjaAPI(
    title="Musterladen back office",
    version="1.0",
    description="An invented shop for trying Kulanz.",
    docs_url=None,
    urls_namespace="musterladen",
    auth=shop_key,
)
add_problem_handlers(api)
for part in (
    router,
    api_goods.router,
    api_money.router,
    api_subscriptions.router,
    api_account.router,
    api_visits.router,
):
    api.add_router("", part)


@api.get("/_faults", response=FaultSetting, operation_id="get_fault")
def get_fault(request: HttpRequest) -> ShopFault:
    return faults.current_fault()


@api.post("/_faults", response=FaultSetting, operation_id="set_fault")
def set_fault(request: HttpRequest, wanted: FaultSetting) -> ShopFault:
    """For trials: the next requests are slow, fail, or act and lose their answer."""
    return faults.do_set_fault(wanted.mode, wanted.seconds, wanted.times, wanted.calls)
