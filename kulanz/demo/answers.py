"""The back office's answers, and how they are made from its tables. Amounts are strings like "49.90"."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from django.utils import timezone
from ninja import Schema

from kulanz.demo.models import (
    ShopCustomer,
    ShopInvoice,
    ShopOrder,
    ShopOrderLine,
    ShopOrderStatus,
    ShopProduct,
    ShopShipment,
    ShopSubscription,
    ShopSubscriptionStatus,
)
from kulanz.demo.wording import Text, not_cancellable, status_text

CURRENCY: Final = "EUR"
VAT: Final = Decimal("0.19")


class Problem(Schema):
    """Every answer from status 400 on. `reason` is made for the customer, `detail` for the caller."""

    error: str
    reason: Text | None = None
    detail: list[dict[str, str]] | str | None = None


class Item(Schema):
    sku: str
    name: str
    names: Text
    quantity: int
    price: str


class OrderAnswer(Schema):
    """An order. Prices are for one piece; `total` includes `shipping_cost`."""

    number: str
    status: ShopOrderStatus
    status_text: Text
    placed_on: date
    promised_on: date
    expected_on: date | None
    delivered_on: date | None
    delayed: bool
    items: list[Item]
    shipping_cost: str
    total: str
    currency: str
    payment_method: str
    carrier: str | None
    tracking_number: str | None
    cancellable: bool
    cancellable_reason: Text | None


class OrderList(Schema):
    orders: list[OrderAnswer]


class CustomerAnswer(Schema):
    id: str
    name: str
    email: str
    language: str
    city: str
    since: date


class CustomerList(Schema):
    """At most one customer: an e-mail address belongs to one."""

    customers: list[CustomerAnswer]


class InvoiceAnswer(Schema):
    number: str
    order_number: str
    status: Literal["paid", "open", "refunded"]
    issued_on: date
    due_on: date
    net: str
    vat: str
    total: str
    currency: str


class ShipmentAnswer(Schema):
    carrier: str
    tracking_number: str
    status: Literal["in_transit", "delivered"]
    shipped_on: date
    expected_on: date
    delivered_on: date | None
    delayed: bool
    note: Text | None


class ShipmentList(Schema):
    number: str
    shipments: list[ShipmentAnswer]


class SubscriptionAnswer(Schema):
    id: str
    product: Text
    interval_weeks: int
    price: str
    currency: str
    status: ShopSubscriptionStatus
    next_delivery_on: date | None
    paused_until: date | None


class SubscriptionList(Schema):
    subscriptions: list[SubscriptionAnswer]


class CancellationAnswer(Schema):
    """`refund_days` is the longest time in working days until the money is back."""

    cancellation: str
    number: str
    refunded: str
    currency: str
    refund_days: int
    cancelled_at: datetime


class ReturnAnswer(Schema):
    return_number: str
    number: str
    label_number: str
    label_url: str
    label_valid_until: date
    items: list[Item]
    refund_expected: str
    currency: str
    refund_days: int
    created_at: datetime


class PauseAnswer(Schema):
    subscription: str
    status: Literal["paused"]
    paused_from: date
    paused_until: date
    still_delivered_on: date | None
    next_delivery_on: date
    paused_at: datetime


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def item_answer(product: ShopProduct, quantity: int, price: Decimal) -> Item:
    names = Text(de=product.name_de, en=product.name_en)
    return Item(sku=product.sku, name=product.name_de, names=names, quantity=quantity, price=money(price))


def _line(line: ShopOrderLine) -> Item:
    return item_answer(line.product, line.quantity, line.price)


def order_answer(order: ShopOrder) -> OrderAnswer:
    reason = not_cancellable(order)
    parcel = next(iter(order.shipments.all()), None)
    return OrderAnswer(
        number=order.number,
        status=ShopOrderStatus(order.status),
        status_text=status_text(order),
        placed_on=timezone.localtime(order.placed_at).date(),
        promised_on=order.promised_on,
        expected_on=None if order.status in ("cancelled", "returned") else order.expected_on,
        delivered_on=order.delivered_on,
        delayed=order.delayed,
        items=[_line(line) for line in order.lines.all()],
        shipping_cost=money(order.shipping_cost),
        total=money(order.total),
        currency=CURRENCY,
        payment_method=order.payment.method,
        carrier=parcel.carrier if parcel else None,
        tracking_number=parcel.tracking_number if parcel else None,
        cancellable=reason is None,
        cancellable_reason=reason,
    )


def customer_answer(customer: ShopCustomer) -> CustomerAnswer:
    return CustomerAnswer(
        id=customer.number,
        name=customer.name,
        email=customer.email,
        language=customer.language,
        city=customer.city,
        since=customer.since,
    )


def invoice_answer(invoice: ShopInvoice) -> InvoiceAnswer:
    payment = invoice.order.payment
    refunded = sum((refund.amount for refund in payment.refunds.all()), Decimal(0))
    settled: Literal["paid", "open"] = "open" if payment.status == "open" else "paid"
    net = (invoice.total / (1 + VAT)).quantize(Decimal("0.01"))
    return InvoiceAnswer(
        number=invoice.number,
        order_number=invoice.order_id,
        status="refunded" if refunded >= invoice.total else settled,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        net=money(net),
        vat=money(invoice.total - net),
        total=money(invoice.total),
        currency=CURRENCY,
    )


def shipment_answer(shipment: ShopShipment) -> ShipmentAnswer:
    note = Text(de=shipment.note_de, en=shipment.note_en) if shipment.note_de else None
    return ShipmentAnswer(
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        status="delivered" if shipment.delivered_on else "in_transit",
        shipped_on=shipment.shipped_on,
        expected_on=shipment.expected_on,
        delivered_on=shipment.delivered_on,
        delayed=note is not None,
        note=note,
    )


def subscription_answer(subscription: ShopSubscription) -> SubscriptionAnswer:
    product = subscription.product
    return SubscriptionAnswer(
        id=subscription.number,
        product=Text(de=product.name_de, en=product.name_en),
        interval_weeks=subscription.interval_weeks,
        price=money(subscription.price),
        currency=CURRENCY,
        status=ShopSubscriptionStatus(subscription.status),
        next_delivery_on=subscription.next_delivery_on,
        paused_until=subscription.paused_until,
    )
