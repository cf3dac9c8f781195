"""The back office's endpoints for delivery slots and technicians' visits."""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query
from pydantic import Field

from kulanz.demo import once, orders, visits
from kulanz.demo.api_common import (
    BOUNDS,
    Email,
    IdempotencyKey,
    Number,
    Owner,
    Reason,
    Sku,
    answers_with,
    shop_router,
    write_once,
)

router = shop_router()
SlotId = Annotated[str, Field(max_length=20, pattern=BOUNDS)]
Postcode = Annotated[str, Query(min_length=3, max_length=10, pattern=BOUNDS)]


class SlotRequest(Owner):
    """`slot` is the `id` of a free time."""

    slot: SlotId


class VisitRequest(Owner):
    order_number: Annotated[str, Field(max_length=40, pattern=BOUNDS)]
    sku: Sku
    postcode: Annotated[str, Field(min_length=3, max_length=10, pattern=BOUNDS)]
    slot: SlotId
    problem: Reason = ""


@router.get(
    "/orders/{number}/delivery-slots",
    response=answers_with(visits.DeliverySlots),
    operation_id="list_delivery_slots",
    summary="The free times for the delivery of an order",
)
def list_delivery_slots(request: HttpRequest, number: Number, email: Email) -> visits.DeliverySlots:
    return visits.delivery_slots(orders.access_order(number, email), timezone.localdate())


@router.get(
    "/slots/{slot}",
    response=answers_with(visits.SlotName),
    operation_id="get_slot",
    summary="The words for a time",
)
def get_slot(request: HttpRequest, slot: Number) -> visits.SlotName:
    return visits.slot_name(slot)


@router.post(
    "/orders/{number}/delivery-slots",
    response=answers_with(visits.SlotAnswer, 201),
    operation_id="book_delivery_slot",
    summary="Book a time for the delivery, or another one instead",
)
def book_delivery_slot(
    request: HttpRequest, number: Number, wish: SlotRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    subject, now = f"{order.number} {wish.slot}", timezone.now()
    return write_once(key, "slot", subject, lambda: visits.do_book_slot(order, wish.slot, now))


@router.post(
    "/orders/{number}/delivery-slots/{slot}/release",
    response=answers_with(visits.SlotReleased, 201),
    operation_id="release_delivery_slot",
    summary="Give a booked time back with its fee",
)
def release_delivery_slot(
    request: HttpRequest, number: Number, slot: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found, now = visits.access_slot(orders.access_order(number, wish.email), slot), timezone.now()
    return write_once(key, "slot_undo", found.number, lambda: visits.do_release_slot(found, now))


@router.get(
    "/technician-slots",
    response=answers_with(visits.VisitSlots),
    operation_id="list_technician_slots",
    summary="The technician's free times for a postcode",
)
def list_technician_slots(request: HttpRequest, postcode: Postcode) -> visits.VisitSlots:
    return visits.visit_slots(postcode, timezone.localdate())


@router.post(
    "/technician-visits",
    response=answers_with(visits.VisitAnswer, 201),
    operation_id="book_technician",
    summary="Book a technician for an appliance",
)
def book_technician(request: HttpRequest, wish: VisitRequest, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(wish.order_number, wish.email)
    subject = f"{order.number} {wish.sku} {wish.postcode} {wish.slot}"
    return write_once(
        key,
        "visit",
        subject,
        lambda: visits.do_book_visit(order, wish.sku, wish.postcode, wish.slot, wish.problem),
    )


@router.post(
    "/technician-visits/{visit}/cancellation",
    response=answers_with(visits.VisitCancelled, 201),
    operation_id="cancel_technician",
    summary="Call a technician off, until 6 pm on the day before",
)
def cancel_technician(
    request: HttpRequest, visit: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found, now = visits.access_visit(visit, wish.email), timezone.now()
    return write_once(key, "visit_undo", found.number, lambda: visits.do_cancel_visit(found, now))
