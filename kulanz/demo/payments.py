"""Money of an order: refunds out of goodwill, double charges, failed payments, and copies of the invoice."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from ninja import Schema

from kulanz.demo import answers
from kulanz.demo.mails import do_mail
from kulanz.demo.models import ShopInvoice, ShopOrder, ShopPayment, ShopRefund
from kulanz.demo.orders import lock_order
from kulanz.demo.problems import MissingError, RefusedError
from kulanz.demo.service_models import ShopCharge, ShopGoodwill, ShopPaymentLink
from kulanz.demo.wording import Text

REFUND_DAYS: Final = 5
REVERSAL_DAYS: Final = 3
RESERVED_DAYS: Final = 3
LINK_DAYS: Final = 3
RefundReason = Literal["missing_item", "late_delivery", "defect", "price", "goodwill"]

_NOTHING_PAID: Final = Text(
    de="Für diese Bestellung wurde noch nichts bezahlt.", en="Nothing has been paid for this order yet."
)
_TOO_MUCH: Final = Text(
    de="So viel lässt sich nicht erstatten: Mehr als bezahlt und noch nicht erstattet geht nicht.",
    en="That much cannot be refunded: no more than was paid and not refunded yet.",
)
_NO_INVOICE: Final = Text(
    de="Die Rechnung gibt es erst, wenn das Paket unser Lager verlässt.",
    en="The invoice is only written when the parcel leaves our warehouse.",
)
_NOT_DOUBLED: Final = Text(
    de="Diese Abbuchung ist nicht doppelt oder schon zurückgegeben.",
    en="This charge is not doubled or has been given back already.",
)
_RESERVED: Final = Text(
    de="Das ist nur eine Vormerkung. Sie verschwindet innerhalb von 7 Tagen von selbst.",
    en="This is only a reservation. It disappears by itself within 7 days.",
)
_NOT_FAILED: Final = Text(
    de="Bei dieser Bestellung ist keine Zahlung fehlgeschlagen.", en="No payment of this order has failed."
)
_FAILURES: Final = {
    "limit": Text(de="Das Kartenlimit war erreicht.", en="The card limit had been reached."),
    "declined": Text(de="Die Bank hat die Zahlung abgelehnt.", en="The bank declined the payment."),
    "expired": Text(de="Die Karte ist abgelaufen.", en="The card has expired."),
    "iban": Text(de="Die IBAN stimmt nicht.", en="The IBAN is not right."),
}
_CHARGE: Final = {
    "booked": Text(de="gebucht", en="booked"),
    "reserved": Text(de="vorgemerkt", en="reserved"),
    "reversed": Text(de="zurückgegeben", en="given back"),
}
METHODS: Final = {
    "paypal": Text(de="PayPal", en="PayPal"),
    "card": Text(de="Kreditkarte", en="credit card"),
    "sepa": Text(de="SEPA-Lastschrift", en="SEPA direct debit"),
    "invoice": Text(de="Rechnung", en="invoice"),
}


class RefundState(Schema):
    """What was paid, what went back, and what may still go back."""

    number: str
    paid: str
    refunded: str
    refundable: str
    possible: bool
    method: Text
    currency: str


class RefundPreview(Schema):
    number: str
    amount: str
    left: str
    currency: str
    method: Text


class RefundAnswer(Schema):
    """`refund` is the receipt; `left` may still be refunded."""

    refund: str
    number: str
    amount: str
    left: str
    currency: str
    method: Text
    refund_days: int
    created_at: datetime


class Charge(Schema):
    """`id` is the main charge's order number or the second one's own number."""

    id: str
    amount: str
    booked_on: date
    state: Literal["booked", "reserved", "reversed"]
    state_text: Text


class ChargeList(Schema):
    """`doubled` is the second booked charge that can be given back, `reserved` one that goes away by itself."""

    number: str
    currency: str
    method: Text
    count: int
    charges: list[Charge]
    doubled: Charge | None
    reserved: Charge | None


class ReversalAnswer(Schema):
    reversal: str
    number: str
    amount: str
    currency: str
    method: Text
    refund_days: int
    reversed_at: datetime


class PaymentAnswer(Schema):
    """The payment of an order. `reserved_until` is set where it failed: until then the items are kept."""

    number: str
    status: Literal["paid", "open", "failed", "void"]
    method: Text
    amount: str
    currency: str
    failure: Text | None
    reserved_until: date | None
    failed: bool


class PaymentLinkAnswer(Schema):
    link: str
    number: str
    url: str
    amount: str
    currency: str
    valid_until: date
    sent_to: str


class InvoiceCopyAnswer(Schema):
    copy_number: str
    invoice: str
    number: str
    sent_to: str
    sent_at: datetime


def refunded_of(payment: ShopPayment) -> Decimal:
    return payment.refunds.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def refundable(order: ShopOrder) -> Decimal:
    """What was paid and not refunded yet."""
    if order.payment.status != "paid":
        return Decimal(0)
    return max(order.payment.amount - refunded_of(order.payment), Decimal(0))


def refund_state(order: ShopOrder) -> RefundState:
    payment, left = order.payment, refundable(order)
    return RefundState(
        number=order.number,
        paid=answers.money(payment.amount if payment.status == "paid" else Decimal(0)),
        refunded=answers.money(refunded_of(payment)),
        refundable=answers.money(left),
        possible=left > 0,
        method=METHODS[payment.method],
        currency=answers.CURRENCY,
    )


def refund_preview(order: ShopOrder, amount: Decimal) -> RefundPreview:
    """What `do_refund` would do. Raises RefusedError."""
    return RefundPreview(
        number=order.number,
        amount=answers.money(amount),
        left=answers.money(_left_for(order, amount) - amount),
        currency=answers.CURRENCY,
        method=METHODS[order.payment.method],
    )


def _left_for(order: ShopOrder, amount: Decimal) -> Decimal:
    """What may be refunded in all. Raises RefusedError where it is less than `amount`."""
    if order.payment.status != "paid":
        raise RefusedError("nothing_paid", _NOTHING_PAID)
    left = refundable(order)
    if amount > left:
        raise RefusedError("too_much", _TOO_MUCH)
    return left


def do_refund(order: ShopOrder, amount: Decimal, reason: RefundReason, note: str) -> str:
    """Refunds `amount` euros, never more than is left of what was paid. Raises RefusedError."""
    order = lock_order(order)
    left = _left_for(order, amount)
    goodwill = ShopGoodwill.objects.create(order=order, amount=amount, reason=reason, note=note)
    ShopRefund.objects.create(payment=order.payment, reference=goodwill.number, amount=amount)
    return RefundAnswer(
        refund=goodwill.number,
        number=order.number,
        amount=answers.money(amount),
        left=answers.money(left - amount),
        currency=answers.CURRENCY,
        method=METHODS[order.payment.method],
        refund_days=REFUND_DAYS,
        created_at=goodwill.created_at,
    ).model_dump_json()


def charge_list(order: ShopOrder) -> ChargeList:
    """What was charged for the order: the one charge that was due, and what came on top of it."""
    payment = order.payment
    more = [_charge(charge) for charge in payment.charges.order_by("pk")]
    charges = [_main_charge(order), *more] if payment.status == "paid" else more
    return ChargeList(
        number=order.number,
        currency=answers.CURRENCY,
        method=METHODS[payment.method],
        count=len(charges),
        charges=charges,
        doubled=next((charge for charge in more if charge.state == "booked"), None),
        reserved=next((charge for charge in more if charge.state == "reserved"), None),
    )


def _main_charge(order: ShopOrder) -> Charge:
    return Charge(
        id=order.number,
        amount=answers.money(order.payment.amount),
        booked_on=timezone.localtime(order.placed_at).date(),
        state="booked",
        state_text=_CHARGE["booked"],
    )


def _charge(charge: ShopCharge) -> Charge:
    state: Literal["booked", "reserved", "reversed"] = charge.state  # type: ignore[assignment]
    return Charge(
        id=charge.number,
        amount=answers.money(charge.amount),
        booked_on=charge.booked_on,
        state=state,
        state_text=_CHARGE[state],
    )


def do_reverse_charge(order: ShopOrder, number: str) -> str:
    """Gives a doubled charge back; the due one can't be given back this way. Raises RefusedError, MissingError."""
    order = lock_order(order)
    charge = next((c for c in order.payment.charges.all() if c.number == number.upper()), None)
    if charge is None and number.upper() != order.number:
        raise MissingError
    if charge is not None and charge.state == "reserved":
        raise RefusedError("only_reserved", _RESERVED)
    if charge is None or charge.state != "booked":
        raise RefusedError("not_doubled", _NOT_DOUBLED)
    charge.state = "reversed"
    charge.save(update_fields=["state"])
    return ReversalAnswer(
        reversal=f"RB-{charge.pk:05d}",
        number=order.number,
        amount=answers.money(charge.amount),
        currency=answers.CURRENCY,
        method=METHODS[order.payment.method],
        refund_days=REVERSAL_DAYS,
        reversed_at=timezone.now(),
    ).model_dump_json()


def payment_answer(order: ShopOrder) -> PaymentAnswer:
    payment = order.payment
    status: Literal["paid", "open", "failed", "void"] = payment.status  # type: ignore[assignment]
    failed = status == "failed"
    placed = timezone.localtime(order.placed_at).date()
    return PaymentAnswer(
        number=order.number,
        status=status,
        method=METHODS[payment.method],
        amount=answers.money(payment.amount),
        currency=answers.CURRENCY,
        failure=_FAILURES.get(payment.failure) if failed else None,
        reserved_until=placed + timedelta(days=RESERVED_DAYS) if failed else None,
        failed=failed,
    )


def do_payment_link(order: ShopOrder, today: date) -> str:
    """Makes and mails a new link where the payment failed. Raises RefusedError."""
    order = lock_order(order)
    payment = order.payment
    if payment.status != "failed":
        raise RefusedError("not_failed", _NOT_FAILED)
    link = ShopPaymentLink.objects.create(
        payment=payment, token=secrets.token_urlsafe(18), valid_until=today + timedelta(days=LINK_DAYS)
    )
    url = f"{settings.BASE_URL.rstrip('/')}/demo/shop/#pay-{link.token}"
    do_mail(
        order.customer,
        "payment_link",
        Text(de=f"Ihre Zahlung für {order.number}", en=f"Your payment for {order.number}"),
        Text(
            de=f"mit diesem Link bezahlen Sie {answers.money(payment.amount)} Euro: {url}",
            en=f"with this link you pay {answers.money(payment.amount)} euros: {url}",
        ),
    )
    return PaymentLinkAnswer(
        link=link.number,
        number=order.number,
        url=url,
        amount=answers.money(payment.amount),
        currency=answers.CURRENCY,
        valid_until=link.valid_until,
        sent_to=order.customer.email,
    ).model_dump_json()


def do_copy_invoice(order: ShopOrder) -> str:
    """Mails the invoice to the account's address. Raises RefusedError where there is none yet."""
    invoice = ShopInvoice.objects.filter(order=order).first()
    if invoice is None:
        raise RefusedError("no_invoice", _NO_INVOICE)
    mail = do_mail(
        order.customer,
        "invoice_copy",
        Text(de=f"Ihre Rechnung {invoice.number}", en=f"Your invoice {invoice.number}"),
        Text(
            de=f"anbei die Rechnung {invoice.number} zu Ihrer Bestellung {order.number} über "
            f"{answers.money(invoice.total)} Euro.",
            en=f"here is the invoice {invoice.number} of your order {order.number} over "
            f"{answers.money(invoice.total)} euros.",
        ),
    )
    return InvoiceCopyAnswer(
        copy_number=mail.number,
        invoice=invoice.number,
        number=order.number,
        sent_to=order.customer.email,
        sent_at=mail.created_at,
    ).model_dump_json()
