"""What the back office looks up and changes: orders, cancellations, returns, subscriptions.

Every `do_…` runs inside the transaction of `once.do_once` and locks the row it changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet, Sum
from django.utils import timezone

from kulanz.demo import answers, wording
from kulanz.demo.labels import label_url
from kulanz.demo.models import (
    ShopCancellation,
    ShopInvoice,
    ShopOrder,
    ShopOrderLine,
    ShopOrderStatus,
    ShopRefund,
    ShopReturn,
    ShopReturnLine,
    ShopSubscription,
    ShopSubscriptionStatus,
)
from kulanz.demo.problems import MissingError, RefusedError

CANCELLATION_REFUND_DAYS: Final = 5
RETURN_REFUND_DAYS: Final = 5
RETURN_DAYS: Final = 30
LABEL_DAYS: Final = 14
_SUBSCRIPTION: Final = re.compile(r"KA[ -]?([0-9]{4,6})(?![0-9])")
NOTICE_WORKING_DAYS: Final = 3
"""A pause set later than this before a delivery begins after it."""


def full_orders() -> QuerySet[ShopOrder]:
    """Orders with everything that their answer shows, in four queries however many they are."""
    return ShopOrder.objects.select_related("payment", "customer").prefetch_related("lines__product", "shipments")


def access_order(number: str, email: str) -> ShopOrder:
    """The order, if it was placed with this e-mail address. Raises MissingError."""
    order = full_orders().filter(number=number.upper(), customer__email=email.lower()).first()
    if order is None:
        raise MissingError
    return order


def access_invoice(number: str, email: str) -> ShopInvoice:
    invoices = ShopInvoice.objects.select_related("order__payment").prefetch_related("order__payment__refunds")
    found = invoices.filter(number=number.upper(), order__customer__email=email.lower()).first()
    if found is None:
        raise MissingError
    return found


def access_subscription(number: str, email: str) -> ShopSubscription:
    """The subscription, by its number or by words with it ("it is KA-2001"). Raises MissingError."""
    named = _SUBSCRIPTION.search(number.upper())
    found = ShopSubscription.objects.filter(
        number=f"KA-{named[1]}" if named else "", customer__email=email.lower()
    ).first()
    if found is None:
        raise MissingError
    return found


def subscriptions_of(email: str) -> QuerySet[ShopSubscription]:
    return ShopSubscription.objects.filter(customer__email=email.lower()).select_related("product")


def lock_order(order: ShopOrder) -> ShopOrder:
    """The order anew, its row locked until the transaction ends."""
    return ShopOrder.objects.select_for_update(of=("self",)).select_related("payment", "customer").get(pk=order.pk)


def do_cancel(order: ShopOrder, reason: str) -> str:
    """Cancels the order and refunds what was paid; the answer as JSON. Raises RefusedError."""
    order = lock_order(order)
    if refusal := wording.not_cancellable(order):
        raise RefusedError("not_cancellable", refusal)
    cancellation = ShopCancellation.objects.create(order=order, reason=reason)
    order.status = ShopOrderStatus.CANCELLED
    order.save(update_fields=["status"])
    return answers.CancellationAnswer(
        cancellation=cancellation.number,
        number=order.number,
        refunded=answers.money(_refund_all(order, cancellation.number)),
        currency=answers.CURRENCY,
        refund_days=CANCELLATION_REFUND_DAYS,
        cancelled_at=cancellation.created_at,
    ).model_dump_json()


def _refund_all(order: ShopOrder, reference: str) -> Decimal:
    payment = order.payment
    if payment.status != "paid":  # purchase on invoice: nothing was paid yet
        payment.status = "void"
        payment.save(update_fields=["status"])
        return Decimal(0)
    ShopRefund.objects.create(payment=payment, reference=reference, amount=payment.amount)
    return payment.amount


def do_return(order: ShopOrder, items: Mapping[str, int], reason: str, today: date) -> str:
    """Announces a return of `items` (pieces by SKU; empty: everything left). Raises RefusedError."""
    order = lock_order(order)
    check_returnable(order, today)
    chosen = _chosen_lines(order, items)
    announced = ShopReturn.objects.create(
        order=order, reason=reason, label_valid_until=today + timedelta(days=LABEL_DAYS)
    )
    ShopReturnLine.objects.bulk_create(
        ShopReturnLine(shop_return=announced, line=line, quantity=quantity) for line, quantity in chosen
    )
    return answers.ReturnAnswer(
        return_number=announced.number,
        number=order.number,
        label_number=announced.label_number,
        label_url=label_url(announced),
        label_valid_until=announced.label_valid_until,
        items=[answers.item_answer(line.product, quantity, line.price) for line, quantity in chosen],
        refund_expected=answers.money(sum((line.price * quantity for line, quantity in chosen), Decimal(0))),
        currency=answers.CURRENCY,
        refund_days=RETURN_REFUND_DAYS,
        created_at=announced.created_at,
    ).model_dump_json()


def check_returnable(order: ShopOrder, today: date) -> None:
    """Raises RefusedError unless the order was delivered within the last 30 days."""
    if order.status == ShopOrderStatus.RETURNED:
        raise RefusedError("not_returnable", wording.NOTHING_TO_RETURN)
    if order.status != ShopOrderStatus.DELIVERED or order.delivered_on is None:
        raise RefusedError("not_returnable", wording.NOT_DELIVERED)
    if today > order.delivered_on + timedelta(days=RETURN_DAYS):
        raise RefusedError("not_returnable", wording.RETURN_TOO_LATE)


def _chosen_lines(order: ShopOrder, items: Mapping[str, int]) -> list[tuple[ShopOrderLine, int]]:
    lines = {line.product_id: line for line in order.lines.select_related("product")}
    if items.keys() - lines.keys():
        raise RefusedError("not_returnable", wording.NOT_IN_ORDER)
    left = {sku: line.quantity - _already_returned(line) for sku, line in lines.items()}
    wanted = items or {sku: pieces for sku, pieces in left.items() if pieces}
    if not wanted or any(pieces > left[sku] for sku, pieces in wanted.items()):
        raise RefusedError("not_returnable", wording.NOTHING_TO_RETURN)
    return [(lines[sku], pieces) for sku, pieces in wanted.items()]


def _already_returned(line: ShopOrderLine) -> int:
    sent_back = ShopReturnLine.objects.filter(line=line).exclude(shop_return__status="withdrawn")
    return sent_back.aggregate(total=Sum("quantity"))["total"] or 0


def pieces_left(line: ShopOrderLine) -> int:
    """How many pieces of the line are on no return yet."""
    return max(line.quantity - _already_returned(line), 0)


def do_pause(subscription: ShopSubscription, weeks: int, today: date) -> str:
    """Pauses for `weeks`; a delivery less than three working days away still comes. Raises RefusedError."""
    subscription = ShopSubscription.objects.select_for_update().get(pk=subscription.pk)
    if subscription.status == ShopSubscriptionStatus.PAUSED:
        raise RefusedError("not_pausable", wording.ALREADY_PAUSED)
    due = subscription.next_delivery_on
    if subscription.status == ShopSubscriptionStatus.CANCELLED or due is None:
        raise RefusedError("not_pausable", wording.SUBSCRIPTION_ENDED)
    too_late = working_days(today, due) < NOTICE_WORKING_DAYS
    starts = due + timedelta(days=1) if too_late else today
    until = starts + timedelta(weeks=weeks)
    subscription.status = ShopSubscriptionStatus.PAUSED
    subscription.paused_until = until
    subscription.next_delivery_on = due if too_late else next_roast(until)
    subscription.save(update_fields=["status", "paused_until", "next_delivery_on"])
    return answers.PauseAnswer(
        subscription=subscription.number,
        status="paused",
        paused_from=starts,
        paused_until=until,
        still_delivered_on=due if too_late else None,
        next_delivery_on=next_roast(until),
        paused_at=timezone.now(),
    ).model_dump_json()


def working_days(start: date, end: date) -> int:
    """Monday to Friday from `start` until before `end`."""
    days = max((end - start).days, 0)
    return sum((start + timedelta(days=n)).weekday() < 5 for n in range(days))


def next_roast(day: date) -> date:
    """The first Wednesday from `day` on: the shop roasts on Tuesdays and ships on Wednesdays."""
    return day + timedelta(days=(2 - day.weekday()) % 7)
