"""More of the shop's stock, for trying every matter: twelve customers, half of them English, and for each matter an
order or subscription of their own in just the right state. Their numbers are always the same.

Kept apart from `stock`, whose customers and orders are drawn from a fixed series of dice and must not move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from kulanz.demo.catalogue import MORE_PRODUCTS, subscription_price
from kulanz.demo.models import ShopCustomer, ShopPayment, ShopProduct, ShopSubscription
from kulanz.demo.service_models import ShopCharge
from kulanz.demo.stock import LOCK, Plan, address_for, stock_orders

FIRST_CUSTOMER: Final = 11_001
FIRST_ORDER: Final = 11_001
STEP: Final = 20
NAMES_DE: Final = ("Clara Probe", "Deniz Versuch", "Elke Musterfrau", "Fritz Beleg", "Gesa Exempel", "Hakan Anders")
NAMES_EN: Final = ("Emily Sample", "Frank Trial", "Grace Model", "Henry Proof", "Isla Pattern", "Jack Instance")
CITIES: Final = ("Berlin", "Hamburg", "Leipzig", "Köln", "München", "Bremen")
FAILURES: Final = ("limit", "declined", "expired", "iban")


@dataclass(frozen=True, slots=True)
class Matter:
    """What an order of this matter looks like. Days count from today, negative ones are past."""

    name: str
    items: tuple[tuple[str, int], ...]
    status: str
    placed: int
    promised: int
    expected: int
    method: str = "card"
    shipped: int | None = None
    delivered: int | None = None
    charge: str = ""


# Appended only: the place in this list makes the numbers.
MATTERS: Final = (
    Matter("way", (("LINN-M", 1), ("HAUS-500", 2)), "shipped", -3, 1, 1, shipped=-1),
    Matter("late", (("IDA-GRAU", 1), ("KALK", 2)), "shipped", -6, -2, 2, "paypal", shipped=-5),
    Matter("cancel", (("BRISA-CREME", 1),), "open", 0, 3, 3, "paypal"),
    Matter("packed", (("BRISA", 1),), "packed", -1, 2, 2),
    Matter("address", (("AURELO", 1),), "open", 0, 3, 3),
    Matter("return", (("TESSA-28", 1), ("OLAV", 1)), "delivered", -9, -5, -5, "paypal", -7, -5),
    Matter("return_late", (("TESSA-24", 1),), "delivered", -60, -56, -56, "card", -58, -56),
    Matter("refund", (("KRUEMEL", 1), ("NORD-500", 1)), "delivered", -8, -4, -4, "card", -6, -4),
    Matter("exchange", (("LINN-M", 1),), "delivered", -7, -3, -3, "sepa", -5, -3),
    Matter("colour", (("BRISA-BLAU", 1), ("IDA-GRAU", 1)), "delivered", -8, -4, -4, "paypal", -6, -4),
    Matter("damaged", (("IDA-GRUEN", 1),), "delivered", -6, -2, -2, "card", -4, -2),
    Matter("wrong", (("LUMA", 1), ("KOHLE-500", 1)), "delivered", -6, -2, -2, "paypal", -4, -2),
    Matter("missing", (("TESSA-24", 1), ("FEIER-500", 2)), "delivered", -7, -3, -3, "card", -5, -3),
    Matter("invoice", (("KORVA", 1),), "delivered", -20, -16, -16, "card", -18, -16),
    Matter("double", (("OLAV", 1),), "shipped", -3, 1, 1, "card", shipped=-1, charge="booked"),
    Matter("reserved", (("LUMA", 1), ("KALK", 1)), "shipped", -3, 1, 1, "card", shipped=-1, charge="reserved"),
    Matter("failed", (("AURELO", 1), ("DICHTUNG", 1)), "open", 0, 4, 4, "card"),
    Matter("slot", (("KRUEMEL", 1),), "packed", -1, 2, 2, "paypal"),
    Matter("machine", (("KORVA", 1),), "delivered", -200, -196, -196, "card", -198, -196),
    Matter("old_machine", (("AURELO", 1),), "delivered", -1500, -1496, -1496, "paypal", -1498, -1496),
    Matter("large", (("KORVA", 2),), "open", 0, 3, 3, "paypal"),
    Matter("on_invoice", (("HAUS-1000", 2),), "delivered", -6, -2, -2, "invoice", -4, -2),
)
SUBSCRIPTIONS: Final = (("HAUS-500", "active", 9), ("NORD-1000", "active", 1), ("KOHLE-500", "paused", 30))


@dataclass(frozen=True, slots=True)
class Trial:
    """One customer with one order of a matter (or a subscription, under the matter's name `subscription_…`)."""

    matter: str
    number: str
    email: str
    language: str


def trial_customers() -> list[tuple[str, str, str]]:
    """Name, e-mail address and language; German and English by turns."""
    pairs = zip(NAMES_DE, NAMES_EN, strict=True)
    return [
        (name, address_for(name), language) for pair in pairs for name, language in zip(pair, ("de", "en"), strict=True)
    ]


def trials() -> Iterator[Trial]:
    """Every order and subscription made here, without reading the database."""
    for index, (_, email, language) in enumerate(trial_customers()):
        for place, matter in enumerate(MATTERS):
            yield Trial(matter.name, f"ML-{_order_number(place, index)}", email, language)
        for place, (_, status, days) in enumerate(SUBSCRIPTIONS):
            kind = "close" if status == "active" and days < 3 else status
            yield Trial(f"subscription_{kind}", f"KA-{_subscription_number(place, index)}", email, language)


def do_stock_trials() -> None:
    """Adds what is not there yet; a shop filled by an older version gets it, too. Safe for two processes at once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if ShopCustomer.objects.filter(number=f"K-{FIRST_CUSTOMER}").exists():
            return
        now = timezone.localtime()
        ShopProduct.objects.bulk_create(
            ShopProduct(sku=p.sku, name_de=p.name_de, name_en=p.name_en, price=p.price, kind=p.kind)
            for p in MORE_PRODUCTS
        )
        _stock_customers(now.date())
        stock_orders(list(_plans()), now)
        _stock_money(now.date())
        _stock_subscriptions(now.date())


def _stock_customers(today: date) -> None:
    ShopCustomer.objects.bulk_create(
        ShopCustomer(
            number=f"K-{FIRST_CUSTOMER + index}",
            name=name,
            email=email,
            language=language,
            city=CITIES[index % len(CITIES)],
            since=today - timedelta(days=1600 + index),
        )
        for index, (name, email, language) in enumerate(trial_customers())
    )


def _order_number(place: int, index: int) -> int:
    return FIRST_ORDER + place * STEP + index


def _subscription_number(place: int, index: int) -> int:
    return 3001 + place * STEP + index


def _plans() -> Iterator[Plan]:
    for place, matter in enumerate(MATTERS):
        for index in range(len(trial_customers())):
            yield Plan(
                number=_order_number(place, index),
                customer=f"K-{FIRST_CUSTOMER + index}",
                items=matter.items,
                status=matter.status,
                placed=matter.placed,
                promised=matter.promised,
                expected=matter.expected,
                method=matter.method,
                carrier=index % 3,
                shipped=matter.shipped,
                delivered=matter.delivered,
            )


def _stock_money(today: date) -> None:
    """The second charges, and the payments that failed."""
    for place, matter in enumerate(MATTERS):
        numbers = [f"ML-{_order_number(place, index)}" for index in range(len(trial_customers()))]
        if matter.charge:
            payments = ShopPayment.objects.filter(order__in=numbers).order_by("order")
            ShopCharge.objects.bulk_create(
                ShopCharge(
                    payment=payment,
                    amount=payment.amount,
                    booked_on=today + timedelta(days=matter.placed + 1),
                    state=matter.charge,
                )
                for payment in payments
            )
        if matter.name == "failed":
            for index, number in enumerate(numbers):
                ShopPayment.objects.filter(order=number).update(status="failed", failure=FAILURES[index % 4])


def _stock_subscriptions(today: date) -> None:
    ShopSubscription.objects.bulk_create(
        ShopSubscription(
            number=f"KA-{_subscription_number(place, index)}",
            customer_id=f"K-{FIRST_CUSTOMER + index}",
            product_id=sku,
            interval_weeks=4,
            price=subscription_price(sku),
            status=status,
            next_delivery_on=today + timedelta(days=days),
            paused_until=today + timedelta(days=days) if status == "paused" else None,
        )
        for place, (sku, status, days) in enumerate(SUBSCRIPTIONS)
        for index in range(len(trial_customers()))
    )
