"""After the parcel has come: withdrawing a return, its label, exchanges, and claims for wrong or broken items."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from ninja import Schema

from kulanz.demo import answers
from kulanz.demo.items import KEEP_BELOW, exchange_products, line_of
from kulanz.demo.labels import label_url
from kulanz.demo.models import (
    ShopOrder,
    ShopOrderLine,
    ShopOrderStatus,
    ShopRefund,
    ShopReturn,
    ShopReturnLine,
)
from kulanz.demo.orders import LABEL_DAYS, RETURN_REFUND_DAYS, check_returnable, lock_order, pieces_left
from kulanz.demo.payments import refundable
from kulanz.demo.problems import MissingError, RefusedError
from kulanz.demo.service_models import ShopClaim, ShopExchange
from kulanz.demo.wording import NOTHING_TO_RETURN, Text, name_text

CLAIM_DAYS: Final = {"damaged": None, "wrong": None, "missing": 14}
PHOTO_NEEDED: Final = frozenset({"damaged"})
LONGEST_DESCRIPTION: Final = 300  # characters that are kept

_NOT_WITHDRAWABLE: Final = Text(
    de="Diese Rücksendung ist schon bei uns oder schon zurückgenommen.",
    en="This return has already reached us or has been withdrawn.",
)
_NOT_SAME_PRICE: Final = Text(
    de="Dagegen lässt sich der Artikel nicht ohne Aufpreis tauschen.",
    en="The item can't be exchanged for this at the same price.",
)
_EXCHANGE_SENT: Final = Text(
    de="Der neue Artikel ist schon unterwegs; bitte schicken Sie ihn bei Bedarf einfach zurück.",
    en="The new item is already on its way; please simply send it back if you do not want it.",
)
_CLAIM_TOO_EARLY: Final = Text(
    de="Die Bestellung ist noch nicht zugestellt.", en="The order has not been delivered yet."
)
_CLAIM_TOO_LATE: Final = Text(
    de="Fehlende Artikel lassen sich nur 14 Tage lang melden.", en="Missing items can be reported for 14 days only."
)
_PHOTO_MISSING: Final = Text(
    de="Bei einem Schaden brauchen wir ein Foto oder eine Beschreibung.",
    en="For damage we need a photo or a description.",
)
_CLAIMED: Final = Text(
    de="Für diesen Artikel wurde schon eine Meldung bearbeitet.",
    en="A report about this item has been handled already.",
)


class ReturnState(Schema):
    """A return. `status` is announced, withdrawn, refunded or exchange."""

    return_number: str
    number: str
    status: str
    withdrawable: bool
    label_number: str
    label_url: str
    label_valid_until: date


class WithdrawalAnswer(Schema):
    return_number: str
    number: str
    status: Literal["withdrawn"]


class ExchangeAnswer(Schema):
    """`exchange` is the receipt. The new item leaves as soon as the parcel shop has scanned the old one."""

    exchange: str
    number: str
    item: Text
    new_item: Text
    quantity: int
    label_number: str
    label_url: str
    label_valid_until: date
    created_at: datetime


class ExchangeWithdrawal(Schema):
    exchange: str
    number: str
    status: Literal["withdrawn"]


class ClaimWish(Schema):
    """What is wrong with which item, and what the customer wants for it."""

    sku: str
    kind: Literal["wrong", "damaged", "missing"]
    solution: Literal["replacement", "refund"]
    quantity: int = 1
    photo: str = ""
    description: str = ""


class ClaimAnswer(Schema):
    """`claim` is the receipt. `refunded` is 0.00 for a replacement; no label where nothing need come back."""

    claim: str
    number: str
    item: Text
    kind: str
    solution: str
    replacement_on: date | None
    refunded: str
    currency: str
    refund_days: int
    send_back: bool
    label_number: str | None
    created_at: datetime


def access_return(number: str, email: str) -> ShopReturn:
    own = ShopReturn.objects.filter(order__customer__email=email.lower())
    found = own.filter(pk=_digits(number, "RT")).first()
    if found is None:
        raise MissingError
    return found


def _digits(number: str, prefix: str) -> int:
    head, _, digits = number.upper().partition("-")
    if head != prefix or not (digits.isascii() and digits.isdecimal()) or len(digits) > 9:
        raise MissingError
    return int(digits)


def return_state(found: ShopReturn) -> ReturnState:
    return ReturnState(
        return_number=found.number,
        number=found.order_id,
        status=found.status,
        withdrawable=found.status == "announced",
        label_number=found.label_number,
        label_url=label_url(found),
        label_valid_until=found.label_valid_until,
    )


def do_withdraw_return(announced: ShopReturn) -> str:
    """The customer keeps the items. Raises RefusedError."""
    announced = ShopReturn.objects.select_for_update().get(pk=announced.pk)
    if announced.status != "announced":
        raise RefusedError("not_withdrawable", _NOT_WITHDRAWABLE)
    announced.status = "withdrawn"
    announced.save(update_fields=["status"])
    return WithdrawalAnswer(
        return_number=announced.number, number=announced.order_id, status="withdrawn"
    ).model_dump_json()


def do_exchange(order: ShopOrder, sku: str, new_sku: str, quantity: int, today: date) -> str:
    """Takes `quantity` pieces back for as many of another product of the same price. Raises RefusedError."""
    order = lock_order(order)
    check_returnable(order, today)
    line = line_of(order, sku)
    new = next((product for product in exchange_products(line) if product.sku == new_sku.upper()), None)
    if new is None:
        raise RefusedError("not_exchangeable", _NOT_SAME_PRICE)
    if quantity > pieces_left(line):
        raise RefusedError("not_exchangeable", NOTHING_TO_RETURN)
    back = ShopReturn.objects.create(
        order=order, status="exchange", label_valid_until=today + timedelta(days=LABEL_DAYS), reason="exchange"
    )
    ShopReturnLine.objects.create(shop_return=back, line=line, quantity=quantity)
    exchange = ShopExchange.objects.create(shop_return=back, product=new)
    return ExchangeAnswer(
        exchange=exchange.number,
        number=order.number,
        item=name_text(line.product),
        new_item=name_text(new),
        quantity=quantity,
        label_number=back.label_number,
        label_url=label_url(back),
        label_valid_until=back.label_valid_until,
        created_at=exchange.created_at,
    ).model_dump_json()


def access_exchange(number: str, email: str) -> ShopExchange:
    own = ShopExchange.objects.filter(shop_return__order__customer__email=email.lower())
    found = own.filter(pk=_digits(number, "UM")).first()
    if found is None:
        raise MissingError
    return found


def do_withdraw_exchange(exchange: ShopExchange) -> str:
    """The customer keeps the old item, until the new one has left. Raises RefusedError."""
    exchange = ShopExchange.objects.select_for_update(of=("self",)).select_related("shop_return").get(pk=exchange.pk)
    if exchange.status == "shipped":
        raise RefusedError("not_withdrawable", _EXCHANGE_SENT)
    if exchange.status != "announced":
        raise RefusedError("not_withdrawable", _NOT_WITHDRAWABLE)
    exchange.status = exchange.shop_return.status = "withdrawn"
    exchange.save(update_fields=["status"])
    exchange.shop_return.save(update_fields=["status"])
    return ExchangeWithdrawal(
        exchange=exchange.number, number=exchange.shop_return.order_id, status="withdrawn"
    ).model_dump_json()


def do_claim(order: ShopOrder, wish: ClaimWish, today: date) -> str:
    """Sends a replacement or refunds the item; from 20 euros on the old one comes back. Raises RefusedError."""
    order = lock_order(order)
    line = line_of(order, wish.sku)
    _check_claim(order, line, wish, today)
    pieces = min(wish.quantity, line.quantity)
    claim = ShopClaim.objects.create(
        line=line,
        kind=wish.kind,
        quantity=pieces,
        solution=wish.solution,
        photo=wish.photo,
        description=wish.description[:LONGEST_DESCRIPTION],
    )
    if wish.kind != "missing" and line.price >= KEEP_BELOW:
        claim.label_number = f"ML-RKL-{10_000_000 + claim.pk * 6_841 % 90_000_000}"
        claim.save(update_fields=["label_number"])
    return _claim_answer(claim, order, today).model_dump_json()


def _check_claim(order: ShopOrder, line: ShopOrderLine, wish: ClaimWish, today: date) -> None:
    if order.status not in (ShopOrderStatus.DELIVERED, ShopOrderStatus.RETURNED) or order.delivered_on is None:
        raise RefusedError("not_delivered", _CLAIM_TOO_EARLY)
    days = CLAIM_DAYS[wish.kind]
    if days is not None and today > order.delivered_on + timedelta(days=days):
        raise RefusedError("too_late", _CLAIM_TOO_LATE)
    if wish.kind in PHOTO_NEEDED and not (wish.photo or wish.description):
        raise RefusedError("photo_required", _PHOTO_MISSING)
    if line.claims.exists():
        raise RefusedError("already_claimed", _CLAIMED)


def _claim_answer(claim: ShopClaim, order: ShopOrder, today: date) -> ClaimAnswer:
    refunded = Decimal(0)
    if claim.solution == "refund":
        refunded = min(claim.line.price * claim.quantity, refundable(order))
        if refunded:
            ShopRefund.objects.create(payment=order.payment, reference=claim.number, amount=refunded)
    return ClaimAnswer(
        claim=claim.number,
        number=order.number,
        item=name_text(claim.line.product),
        kind=claim.kind,
        solution=claim.solution,
        replacement_on=_next_working_day(today) if claim.solution == "replacement" else None,
        refunded=answers.money(refunded),
        currency=answers.CURRENCY,
        refund_days=RETURN_REFUND_DAYS,
        send_back=bool(claim.label_number),
        label_number=claim.label_number or None,
        created_at=claim.created_at,
    )


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return following + timedelta(days=max(0, 7 - following.weekday()) if following.weekday() > 4 else 0)
