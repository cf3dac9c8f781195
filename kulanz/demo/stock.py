"""The shop's invented customers and orders: always the same, with dates around the day of creation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from kulanz.demo.catalogue import ALL_BY_SKU, BY_SKU, FREE_FROM, PRODUCTS, STANDARD_SHIPPING, SUBSCRIPTION_PRICES
from kulanz.demo.models import (
    ShopCancellation,
    ShopCustomer,
    ShopInvoice,
    ShopOrder,
    ShopOrderLine,
    ShopPayment,
    ShopProduct,
    ShopRefund,
    ShopReturn,
    ShopReturnLine,
    ShopShipment,
    ShopSubscription,
)

SEED: Final = 20_240_601
LOCK: Final = 5_020_240
FIRST_ORDER, LAST_ORDER = 10_050, 10_249
ANNA, BEN = "K-10001", "K-10002"

# order number -> days since it was placed; the days between are interpolated
ANCHORS: Final = ((10_050, 80), (10_111, 25), (10_198, 4), (10_201, 4), (10_234, 0), (10_249, 0))
GIVEN: Final = (
    "Ayşe Bastian Clara Deniz Elif Finn Greta Hannes Ida Jonas Katja Lukas Mira Nils Olga "
    "Paul Rosa Samir Tilda Uwe Vera Wim Yara Zoe Emil Frieda Anton Lina Milan Nora"
)
FAMILY: Final = (
    "Ahorn Birkner Cornelsen Dachs Eichler Feldweg Grünwald Hagebusch Immergrün Kiesel "
    "Lindholz Morgentau Nebelhorn Ostwind Pappel Quellbach Rosenhain Silberbach Talmann Ulmer"
)
CITIES: Final = "Berlin Hamburg Leipzig Köln München Graz Bremen Dresden Kiel Mainz"
CARRIERS: Final = (("DHL", "00340434"), ("DPD", "01505"), ("Hermes", "H1003"))
UMLAUTS: Final = str.maketrans({" ": ".", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ş": "s"})
METHODS: Final = ("paypal", "card", "sepa", "invoice")
LATE_DE: Final = "Das Paket wurde im Verteilzentrum falsch sortiert und ist deshalb später da."
LATE_EN: Final = "The parcel was sorted to the wrong depot and therefore arrives later."


@dataclass(frozen=True, slots=True)
class Plan:
    """One order before it is written. Days count from today, negative ones are past."""

    number: int
    customer: str
    items: tuple[tuple[str, int], ...]
    status: str
    placed: int
    promised: int
    expected: int
    method: str
    carrier: int
    shipped: int | None = None
    delivered: int | None = None


NAMED: Final = {
    plan.number: plan
    for plan in (
        Plan(10_234, ANNA, (("BRISA", 1),), "open", 0, 3, 3, "paypal", 0),
        Plan(10_198, ANNA, (("LUMA", 1), ("HAUS-500", 1)), "shipped", -4, 2, 2, "card", 0, shipped=-1),
        Plan(10_111, ANNA, (("TESSA-28", 1), ("KALK", 1)), "delivered", -25, -21, -21, "paypal", 0, -23, -21),
        Plan(10_240, BEN, (("KRUEMEL", 1), ("NORD-500", 2)), "open", 0, 3, 3, "card", 0),
        Plan(10_201, BEN, (("OLAV", 1),), "shipped", -4, -1, 3, "paypal", 1, shipped=-3),
    )
}


def do_stock() -> None:
    """Fills the empty shop; does nothing if it has customers. Safe when two processes start at once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        if ShopCustomer.objects.exists():
            return
        dice = random.Random(SEED)  # noqa: S311 - invented data wants repeatability, not secrecy
        now = timezone.localtime()
        _stock_products()
        customers = _stock_customers(dice, now.date())
        plans = [NAMED.get(n) or _plan(dice, n, customers) for n in range(FIRST_ORDER, LAST_ORDER + 1)]
        stock_orders(plans, now)
        _stock_subscriptions(dice, customers, now.date())


def _stock_products() -> None:
    ShopProduct.objects.bulk_create(
        ShopProduct(sku=p.sku, name_de=p.name_de, name_en=p.name_en, price=p.price, kind=p.kind) for p in PRODUCTS
    )


def _stock_customers(dice: random.Random, today: date) -> list[str]:
    names = ["Anna Beispiel", "Ben Muster"]
    pairs = [f"{given} {family}" for given in GIVEN.split() for family in FAMILY.split()]
    names += dice.sample(pairs, 58)
    rows = [
        ShopCustomer(
            number=f"K-{10_001 + index}",
            name=name,
            email=address_for(name),
            language="en" if dice.random() < 0.15 else "de",
            city=dice.choice(CITIES.split()),
            since=today - timedelta(days=dice.randrange(90, 1500)),
        )
        for index, name in enumerate(names)
    ]
    rows[0].language = rows[1].language = "de"
    ShopCustomer.objects.bulk_create(rows)
    return [row.number for row in rows]


def address_for(name: str) -> str:
    """The invented address of an invented person."""
    return f"{name.lower().translate(UMLAUTS)}@example.com"


def _age(number: int) -> int:
    """Days since the order was placed."""
    for (low, old), (high, young) in pairwise(ANCHORS):
        if number <= high:
            return old + round((number - low) * (young - old) / (high - low))
    return 0


def _plan(dice: random.Random, number: int, customers: list[str]) -> Plan:
    """An ordinary order: the older, the further along; some are cancelled, late or sent back."""
    age = _age(number)
    items = tuple((sku, dice.choice((1, 1, 1, 2))) for sku in dice.sample(list(BY_SKU), dice.choice((1, 1, 2, 3))))
    status, luck = _status(age, dice.random()), dice.random()
    shipped = -age + 1 if status in ("shipped", "delivered", "returned") else None
    promised = -age + 4
    # a parcel still on its way has a promise of today or later, or is late
    late = (luck < 0.1 and shipped is not None) or (status == "shipped" and promised < 0)
    expected = max(promised + 3, 1) if late and status == "shipped" else promised + 2 * late
    delivered = expected if status in ("delivered", "returned") else None
    return Plan(
        number=number,
        customer=dice.choice(customers[2:]),
        items=items,
        status=status,
        placed=-age,
        promised=promised,
        expected=expected,
        method=dice.choice(METHODS),
        carrier=dice.randrange(len(CARRIERS)),
        shipped=shipped,
        delivered=delivered,
    )


def _status(age: int, luck: float) -> str:
    if luck < 0.05:
        return "cancelled"
    if age == 0:
        return "open" if luck < 0.7 else "packed"
    if age == 1:
        return "packed"
    if age <= 6:
        return "shipped"
    return "returned" if luck < 0.1 and age > 20 else "delivered"


def stock_orders(plans: list[Plan], now: datetime) -> None:
    """Writes orders with lines, payments, parcels, invoices, cancellations and returns."""
    orders = {plan.number: _order(plan, now) for plan in plans}
    ShopOrder.objects.bulk_create(orders.values())
    lines = [
        ShopOrderLine(order=orders[plan.number], product_id=sku, quantity=quantity, price=ALL_BY_SKU[sku].price)
        for plan in plans
        for sku, quantity in plan.items
    ]
    ShopOrderLine.objects.bulk_create(lines)
    payments = {plan.number: _payment(plan, orders[plan.number]) for plan in plans}
    ShopPayment.objects.bulk_create(payments.values())
    shipped = [plan for plan in plans if plan.shipped is not None]
    ShopShipment.objects.bulk_create(_shipment(plan, orders[plan.number], now.date()) for plan in shipped)
    ShopInvoice.objects.bulk_create(_invoice(plan, orders[plan.number], now.date()) for plan in shipped)
    _stock_cancellations([p for p in plans if p.status == "cancelled"], orders, payments)
    _stock_returns([p for p in plans if p.status == "returned"], orders, payments, now.date())


def _order(plan: Plan, now: datetime) -> ShopOrder:
    goods = sum((ALL_BY_SKU[sku].price * quantity for sku, quantity in plan.items), Decimal(0))
    shipping = Decimal(0) if goods >= FREE_FROM else STANDARD_SHIPPING
    today = now.date()
    return ShopOrder(
        number=f"ML-{plan.number}",
        customer_id=plan.customer,
        status=plan.status,
        placed_at=_placed_at(plan, now),
        promised_on=today + timedelta(days=plan.promised),
        expected_on=today + timedelta(days=plan.expected),
        delivered_on=_day(today, plan.delivered),
        shipping_cost=shipping,
        total=goods + shipping,
    )


def _placed_at(plan: Plan, now: datetime) -> datetime:
    """In the order of the numbers, never in the future: today's orders lie in the minutes since midnight."""
    count = LAST_ORDER - FIRST_ORDER + 1
    share = ((plan.number - FIRST_ORDER) % count + 1) / (count + 1)
    day = now.date() + timedelta(days=plan.placed)
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    end = now if plan.placed == 0 else midnight + timedelta(hours=22)
    return midnight + (end - midnight) * share


def _day(today: date, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=days)


def _payment(plan: Plan, order: ShopOrder) -> ShopPayment:
    status = "paid"
    if plan.method == "invoice":
        settled = plan.delivered is not None and plan.delivered < -10
        status = "void" if plan.status == "cancelled" else "paid" if settled else "open"
    return ShopPayment(order=order, method=plan.method, status=status, amount=order.total)


def _shipment(plan: Plan, order: ShopOrder, today: date) -> ShopShipment:
    carrier, prefix = CARRIERS[plan.carrier]
    late = plan.expected > plan.promised
    return ShopShipment(
        order=order,
        carrier=carrier,
        tracking_number=f"{prefix}{plan.number * 7_919_331 % 10**12:012d}",
        shipped_on=today + timedelta(days=plan.shipped or 0),
        expected_on=order.expected_on,
        delivered_on=order.delivered_on,
        note_de=LATE_DE if late else "",
        note_en=LATE_EN if late else "",
    )


def _invoice(plan: Plan, order: ShopOrder, today: date) -> ShopInvoice:
    issued = today + timedelta(days=plan.shipped or 0)
    due = order.expected_on + timedelta(days=14) if plan.method == "invoice" else issued
    return ShopInvoice(
        number=f"RE-{issued.year}-{plan.number}", order=order, issued_on=issued, due_on=due, total=order.total
    )


def _stock_cancellations(plans: list[Plan], orders: dict[int, ShopOrder], payments: dict[int, ShopPayment]) -> None:
    rows = ShopCancellation.objects.bulk_create(
        ShopCancellation(order=order, created_at=min(order.placed_at + timedelta(minutes=40), timezone.now()))
        for order in (orders[plan.number] for plan in plans)
    )
    _stock_refunds([(payments[p.number], row.number, row.created_at) for p, row in zip(plans, rows, strict=True)])


def _stock_returns(
    plans: list[Plan], orders: dict[int, ShopOrder], payments: dict[int, ShopPayment], today: date
) -> None:
    rows = ShopReturn.objects.bulk_create(
        ShopReturn(
            order=orders[plan.number],
            status="refunded",
            label_valid_until=today + timedelta(days=(plan.delivered or 0) + 14),
            created_at=orders[plan.number].placed_at + timedelta(days=8),
        )
        for plan in plans
    )
    lines = ShopOrderLine.objects.filter(order__in=[row.order_id for row in rows])
    by_order = {row.order_id: row for row in rows}
    ShopReturnLine.objects.bulk_create(
        ShopReturnLine(shop_return=by_order[line.order_id], line=line, quantity=line.quantity) for line in lines
    )
    _stock_refunds(
        [
            (payments[p.number], row.number, row.created_at + timedelta(days=5))
            for p, row in zip(plans, rows, strict=True)
        ]
    )


def _stock_refunds(due: list[tuple[ShopPayment, str, datetime]]) -> None:
    ShopRefund.objects.bulk_create(
        ShopRefund(payment=payment, reference=reference, amount=payment.amount, created_at=moment)
        for payment, reference, moment in due
        if payment.status == "paid"
    )


def _stock_subscriptions(dice: random.Random, customers: list[str], today: date) -> None:
    skus = list(SUBSCRIPTION_PRICES)
    holders = [customers[0], customers[1], *dice.sample(customers[2:], 16)]
    wednesday = today + timedelta(days=(2 - today.weekday()) % 7)
    rows = []
    for index, holder in enumerate(holders):
        sku = skus[index % len(skus)]
        status = "active" if index < 12 else "paused" if index < 15 else "cancelled"
        interval = (4, 2, 6)[index % 3]
        following = wednesday + timedelta(weeks=1 + index % interval)
        rows.append(
            ShopSubscription(
                number=f"KA-{2001 + index}",
                customer_id=holder,
                product_id=sku,
                interval_weeks=interval,
                price=SUBSCRIPTION_PRICES[sku],
                status=status,
                next_delivery_on=None if status == "cancelled" else following,
                paused_until=following if status == "paused" else None,
            )
        )
    ShopSubscription.objects.bulk_create(rows)
