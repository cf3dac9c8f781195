"""The items of an order, one by one: what may still go back, what may be exchanged for what, and the warranty."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from django.utils import timezone
from ninja import Schema

from kulanz.demo.answers import CURRENCY, money
from kulanz.demo.models import ShopOrder, ShopOrderLine, ShopProduct
from kulanz.demo.orders import pieces_left
from kulanz.demo.problems import MissingError
from kulanz.demo.wording import Text, name_text

GUARANTEE_KINDS: Final = frozenset({"appliance"})
WEAR_PARTS: Final = frozenset({"DICHTUNG", "KALKFILTER", "KALK"})
KEEP_BELOW: Final = Decimal(20)
"""A damaged or wrong item that costs less need not come back."""
LEGAL_YEARS: Final = 2
GUARANTEE_YEARS: Final = 3


class ItemChoice(Schema):
    """One item to choose. `id` is the SKU; `left` counts the pieces that are on no return yet, which did cost
    `left_value`. `send_back`: a wrong or broken one is wanted back."""

    id: str
    sku: str
    label: Text
    quantity: int
    left: int
    price: str
    left_value: str
    currency: str
    kind: str
    exchangeable: bool
    send_back: bool


class ItemList(Schema):
    """`only` is the one item of an order that has just one; `left_value` what all that is left did cost."""

    number: str
    count: int
    only: ItemChoice | None
    left: int
    left_value: str
    currency: str
    items: list[ItemChoice]


class ProductChoice(Schema):
    """A product to exchange an item for. `id` is its SKU."""

    id: str
    sku: str
    label: Text
    price: str


class ProductList(Schema):
    sku: str
    count: int
    options: list[ProductChoice]


class WarrantyAnswer(Schema):
    """`kind` is legal (2 years), guarantee (3 years on our own appliances) or none; `until` is the last covered day.
    A wear part has the legal warranty alone."""

    number: str
    sku: str
    product: Text
    bought_on: date
    covered: bool
    kind: Literal["legal", "guarantee", "none"]
    until: date
    legal_until: date
    guarantee_until: date | None
    wear_part: bool
    text: Text


def line_of(order: ShopOrder, sku: str) -> ShopOrderLine:
    """The order's line with this SKU. Raises MissingError."""
    line = order.lines.select_related("product").filter(product_id=sku.upper()).first()
    if line is None:
        raise MissingError
    return line


def item_list(order: ShopOrder) -> ItemList:
    items = [item_choice(line) for line in order.lines.select_related("product").order_by("pk")]
    return ItemList(
        number=order.number,
        count=len(items),
        only=items[0] if len(items) == 1 else None,
        left=sum(item.left for item in items),
        left_value=money(sum((Decimal(item.left_value) for item in items), Decimal(0))),
        currency=CURRENCY,
        items=items,
    )


def item_choice(line: ShopOrderLine) -> ItemChoice:
    left = pieces_left(line)
    return ItemChoice(
        id=line.product_id,
        sku=line.product_id,
        label=name_text(line.product),
        quantity=line.quantity,
        left=left,
        price=money(line.price),
        left_value=money(line.price * left),
        currency=CURRENCY,
        kind=line.product.kind,
        exchangeable=bool(exchange_products(line)),
        send_back=line.price >= KEEP_BELOW,
    )


def exchange_products(line: ShopOrderLine) -> list[ShopProduct]:
    """Products of the same kind and price: first the other sizes and colours of the same one."""
    family = line.product_id.split("-")[0]
    others = ShopProduct.objects.filter(kind=line.product.kind, price=line.price).exclude(sku=line.product_id)
    return sorted(others, key=lambda product: (product.sku.split("-")[0] != family, product.sku))


def product_choice(sku: str) -> ProductChoice:
    """Raises MissingError."""
    product = ShopProduct.objects.filter(sku=sku.upper()).first()
    if product is None:
        raise MissingError
    return ProductChoice(id=product.sku, sku=product.sku, label=name_text(product), price=money(product.price))


def exchange_options(order: ShopOrder, sku: str) -> ProductList:
    line = line_of(order, sku)
    options = [product_choice(product.sku) for product in exchange_products(line)]
    return ProductList(sku=line.product_id, count=len(options), options=options)


def warranty_answer(order: ShopOrder, sku: str, today: date) -> WarrantyAnswer:
    product = line_of(order, sku).product
    bought = order.delivered_on or timezone.localtime(order.placed_at).date()
    legal = _years_later(bought, LEGAL_YEARS)
    wear = product.sku in WEAR_PARTS
    guarantee = _years_later(bought, GUARANTEE_YEARS) if product.kind in GUARANTEE_KINDS and not wear else None
    kind: Literal["legal", "guarantee", "none"] = "legal" if today <= legal else "none"
    if kind == "none" and guarantee and today <= guarantee:
        kind = "guarantee"
    return WarrantyAnswer(
        number=order.number,
        sku=product.sku,
        product=name_text(product),
        bought_on=bought,
        covered=kind != "none",
        kind=kind,
        until=guarantee or legal,
        legal_until=legal,
        guarantee_until=guarantee,
        wear_part=wear,
        text=_WARRANTY[kind],
    )


_WARRANTY: Final = {
    "legal": Text(
        de="Die gesetzliche Gewährleistung gilt: Reparatur oder Ersatz kosten nichts.",
        en="The legal warranty applies: a repair or replacement costs nothing.",
    ),
    "guarantee": Text(
        de="Die Musterladen-Garantie gilt: Reparatur oder Ersatz kosten nichts.",
        en="The Musterladen guarantee applies: a repair or replacement costs nothing.",
    ),
    "none": Text(de="Gewährleistung und Garantie sind abgelaufen.", en="Warranty and guarantee have run out."),
}


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28) + timedelta(days=1)
