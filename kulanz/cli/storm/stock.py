"""Customers of the storm and what they own in the demo's back office: one thing for each errand."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

import psycopg

from kulanz.cli.storm.product import RunningProduct

Kind = Literal["cancel", "invoice"]
Habit = Literal["plain", "twice", "late", "devices", "conversations", "curious", "changes_mind"]
HABITS: tuple[Habit, ...] = (
    "plain", "plain", "twice", "late", "devices", "conversations", "curious", "changes_mind"
)  # fmt: skip
"""How customers send: each message twice; an earlier message again after a later one; their yes from two devices
at once; the same wish in two conversations, confirmed at once; a question right after the yes; a no after it."""
DOMAIN = "storm.example"
CUSTOMERS = 40
FIRST = 50_001
OPENINGS: dict[tuple[Kind, str], tuple[str, ...]] = {
    ("cancel", "de"): ("Ich möchte die Bestellung {number} stornieren.", "Bitte stornieren Sie {number}."),
    ("cancel", "en"): ("I want to cancel my order {number}.", "Please cancel order {number}."),
    ("invoice", "de"): ("Bitte schicken Sie mir die Rechnung zu {number} noch einmal.",),
    ("invoice", "en"): ("Please send me the invoice for {number} again.",),
}


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that a customer wants done once: what, about which order, the words it begins with, and how they
    send."""

    kind: Kind
    number: str
    email: str
    language: str
    opening: str
    habit: Habit

    @property
    def runs(self) -> int:
        """In how many conversations the flow is run."""
        return 2 if self.habit == "conversations" else 1


def do_stock(product: RunningProduct, runs: int, dice: random.Random) -> list[Errand]:
    """Adds orders to the shop for that many runs and returns what their owners want. An order is used once."""
    with product.connect() as connection, psycopg.ClientCursor(connection) as cursor:
        row = connection.execute("select coalesce(max(substr(number, 4)::int), 0) from demo_shoporder").fetchone()
        first = max(FIRST, int(row[0]) + 1 if row else FIRST)
        for number in range(CUSTOMERS):
            connection.execute(
                "insert into demo_shopcustomer (number, name, email, language, city, since)"
                " values (%s, %s, %s, 'de', 'Ulm', now()) on conflict do nothing",
                [f"K-9{number:04d}", f"Wind {number}", f"wind{number}@{DOMAIN}"],
            )
        errands: list[Errand] = []
        while sum(errand.runs for errand in errands) < runs:
            errands.append(_errand(first + len(errands), dice))
        for errand in errands:
            cursor.execute(_ORDER, _values(errand))
            cursor.execute(_BELONGINGS, _values(errand))
    return errands


def _errand(number: int, dice: random.Random) -> Errand:
    kind: Kind = dice.choice(["cancel", "cancel", "invoice"])
    language = dice.choice(["de", "en"])
    email, order = f"wind{dice.randrange(CUSTOMERS)}@{DOMAIN}", f"ML-{number}"
    opening = dice.choice(OPENINGS[kind, language]).format(number=order)
    return Errand(kind, order, email, language, opening, dice.choice(HABITS))


def _values(errand: Errand) -> dict[str, str]:
    status = "open" if errand.kind == "cancel" else "delivered"
    invoice = f"RE-2026-{errand.number[3:]}"
    return {"number": errand.number, "email": errand.email, "status": status, "invoice": invoice}


_ORDER = """
    insert into demo_shoporder (number, customer_id, status, placed_at, promised_on, expected_on, delivered_on,
        shipping_cost, total)
    select %(number)s, c.number, %(status)s, now() - interval '2 days', current_date, current_date,
        case when %(status)s = 'delivered' then current_date end, 0, 20
    from demo_shopcustomer c where c.email = %(email)s"""
_BELONGINGS = """
    with line as (
        insert into demo_shoporderline (order_id, product_id, quantity, price)
        select %(number)s, (select min(sku) from demo_shopproduct), 1, 20
    ), invoice as (
        insert into demo_shopinvoice (number, order_id, issued_on, due_on, total)
        select %(invoice)s, %(number)s, current_date, current_date + 14, 20 where %(status)s = 'delivered'
    )
    insert into demo_shoppayment (order_id, method, status, amount, failure)
    values (%(number)s, 'paypal', 'paid', 20, '')"""
