"""The back office's endpoints around money: refunds, charges, payments and invoice copies."""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import BeforeValidator, Field

from kulanz.demo import once, orders, payments
from kulanz.demo.answers import money
from kulanz.demo.api_common import (
    Email,
    IdempotencyKey,
    Number,
    Owner,
    Reason,
    answers_with,
    shop_router,
    write_once,
)

router = shop_router()


def _euros(value: object) -> object:
    """Takes "12.90 EUR", as systems write it that name the currency."""
    return value.strip().removesuffix("EUR").strip() if isinstance(value, str) else value


Euros = Annotated[Decimal, BeforeValidator(_euros), Field(gt=0, max_digits=9, decimal_places=2)]


class RefundRequest(Owner):
    """`amount` in euros, as "12.90" or "12.90 EUR"."""

    amount: Euros
    reason: payments.RefundReason = "goodwill"
    note: Reason = ""


@router.get(
    "/orders/{number}/refunds",
    response=answers_with(payments.RefundState),
    operation_id="get_refunds",
    summary="What was paid for an order, refunded, and may still be refunded",
)
def get_refunds(request: HttpRequest, number: Number, email: Email) -> payments.RefundState:
    return payments.refund_state(orders.access_order(number, email))


@router.get(
    "/orders/{number}/refunds/preview",
    response=answers_with(payments.RefundPreview),
    operation_id="preview_refund",
    summary="Whether an amount of an order can be refunded",
)
def preview_refund(request: HttpRequest, number: Number, email: Email, amount: Euros) -> payments.RefundPreview:
    return payments.refund_preview(orders.access_order(number, email), amount)


@router.post(
    "/orders/{number}/refunds",
    response=answers_with(payments.RefundAnswer, 201),
    operation_id="refund_amount",
    summary="Refund an amount of an order without a return",
)
def refund_amount(
    request: HttpRequest, number: Number, wish: RefundRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Never more than was paid and not refunded yet."""
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    subject = f"{order.number} {money(wish.amount)} {wish.reason}"
    return write_once(key, "refund", subject, lambda: payments.do_refund(order, wish.amount, wish.reason, wish.note))


@router.get(
    "/orders/{number}/charges",
    response=answers_with(payments.ChargeList),
    operation_id="list_charges",
    summary="What was charged for an order",
)
def list_charges(request: HttpRequest, number: Number, email: Email) -> payments.ChargeList:
    return payments.charge_list(orders.access_order(number, email))


@router.post(
    "/orders/{number}/charges/{charge}/reversal",
    response=answers_with(payments.ReversalAnswer, 201),
    operation_id="reverse_charge",
    summary="Give a doubled charge back",
)
def reverse_charge(
    request: HttpRequest, number: Number, charge: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    subject = f"{order.number} {charge.upper()}"
    return write_once(key, "reversal", subject, lambda: payments.do_reverse_charge(order, charge))


@router.get(
    "/orders/{number}/payment",
    response=answers_with(payments.PaymentAnswer),
    operation_id="get_payment",
    summary="The state of an order's payment, and why it failed",
)
def get_payment(request: HttpRequest, number: Number, email: Email) -> payments.PaymentAnswer:
    return payments.payment_answer(orders.access_order(number, email))


@router.post(
    "/orders/{number}/payment-links",
    response=answers_with(payments.PaymentLinkAnswer, 201),
    operation_id="send_payment_link",
    summary="Make and mail a new link to pay a failed payment",
)
def send_payment_link(
    request: HttpRequest, number: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    today = timezone.localdate()
    return write_once(key, "payment_link", order.number, lambda: payments.do_payment_link(order, today))


@router.post(
    "/orders/{number}/invoice-copies",
    response=answers_with(payments.InvoiceCopyAnswer, 201),
    operation_id="send_invoice_copy",
    summary="Mail the invoice to the account's address",
)
def send_invoice_copy(
    request: HttpRequest, number: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    return write_once(key, "invoice_copy", order.number, lambda: payments.do_copy_invoice(order))
