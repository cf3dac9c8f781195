"""The back office's endpoints around an order's goods: address, items, returns, exchanges, claims, warranty."""

# ruff: noqa: ARG001 - endpoints have a given signature

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query
from pydantic import Field

from kulanz.demo import addresses, aftersales, items, once, orders
from kulanz.demo.api_common import (
    BOUNDS,
    OPEN_BOUNDS,
    Email,
    IdempotencyKey,
    Number,
    Owner,
    Short,
    Sku,
    answers_with,
    shop_router,
    write_once,
)

router = shop_router()
QuerySku = Annotated[str, Query(min_length=1, max_length=20, pattern=BOUNDS)]


class AddressRequest(Owner):
    """Without `name` the recipient stays; `country` is DE or AT and can't change."""

    name: Annotated[str, Field(max_length=80, pattern=OPEN_BOUNDS)] = ""
    street: Short
    postcode: Annotated[str, Field(min_length=3, max_length=10, pattern=BOUNDS)]
    city: Short
    country: Annotated[str, Field(max_length=2, pattern=OPEN_BOUNDS)] = ""


class AddressUndo(Owner):
    change: Annotated[str, Field(max_length=20, pattern=BOUNDS)]


class ExchangeRequest(Owner):
    sku: Sku
    new_sku: Sku
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class ClaimRequest(Owner):
    """`photo` is the caller's own reference of the picture, or several of them."""

    sku: Sku
    kind: Literal["wrong", "damaged", "missing"]
    solution: Literal["replacement", "refund"]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1
    photo: Annotated[str, Field(max_length=200, pattern=OPEN_BOUNDS)] | None = None
    description: Annotated[str, Field(max_length=8_000, pattern=OPEN_BOUNDS)] | None = None


@router.get(
    "/orders/{number}/address",
    response=answers_with(addresses.AddressAnswer),
    operation_id="get_delivery_address",
    summary="Where an order is delivered to, and whether that can still be changed",
)
def get_delivery_address(request: HttpRequest, number: Number, email: Email) -> addresses.AddressAnswer:
    return addresses.address_answer(orders.access_order(number, email))


@router.get(
    "/addresses",
    response=answers_with(addresses.AddressCheck),
    operation_id="check_address",
    summary="An address in one line, taken apart",
)
def check_address(
    request: HttpRequest, line: Annotated[str, Query(max_length=300, pattern=BOUNDS)]
) -> addresses.AddressCheck:
    return addresses.checked_address(line)


@router.post(
    "/orders/{number}/address",
    response=answers_with(addresses.AddressChangeAnswer, 201),
    operation_id="change_delivery_address",
    summary="Deliver an order to another address, as long as it is not packed",
)
def change_delivery_address(
    request: HttpRequest, number: Number, wish: AddressRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    present = addresses.address_of(order)
    wanted = addresses.Address(
        name=wish.name.strip() or present.name,
        street=wish.street.strip(),
        postcode=wish.postcode.strip(),
        city=wish.city.strip(),
        country=wish.country.strip().upper() or present.country,
    )
    subject = f"{order.number} {wish.model_dump_json()}"
    return write_once(key, "address", subject, lambda: addresses.do_change_address(order, wanted))


@router.post(
    "/orders/{number}/address/undo",
    response=answers_with(addresses.AddressChangeAnswer, 201),
    operation_id="undo_address_change",
    summary="Take a change of address back, as long as the order is not packed",
)
def undo_address_change(
    request: HttpRequest, number: Number, wish: AddressUndo, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    change = addresses.access_address_change(order, wish.change)
    return write_once(key, "address_undo", change.number, lambda: addresses.do_undo_address(order, change))


@router.get(
    "/orders/{number}/items",
    response=answers_with(items.ItemList),
    operation_id="list_items",
    summary="The items of an order, to choose from",
)
def list_items(request: HttpRequest, number: Number, email: Email) -> items.ItemList:
    return items.item_list(orders.access_order(number, email))


@router.get(
    "/orders/{number}/items/{sku}",
    response=answers_with(items.ItemChoice),
    operation_id="get_item",
    summary="One item of an order",
)
def get_item(request: HttpRequest, number: Number, sku: Number, email: Email) -> items.ItemChoice:
    return items.item_choice(items.line_of(orders.access_order(number, email), sku))


@router.get(
    "/products/{sku}",
    response=answers_with(items.ProductChoice),
    operation_id="get_product",
    summary="Name and price of a product",
)
def get_product(request: HttpRequest, sku: Number) -> items.ProductChoice:
    return items.product_choice(sku)


@router.get(
    "/orders/{number}/exchange-options",
    response=answers_with(items.ProductList),
    operation_id="list_exchange_options",
    summary="What an item can be exchanged for at the same price",
)
def list_exchange_options(request: HttpRequest, number: Number, email: Email, sku: QuerySku) -> items.ProductList:
    return items.exchange_options(orders.access_order(number, email), sku)


@router.get(
    "/orders/{number}/warranty",
    response=answers_with(items.WarrantyAnswer),
    operation_id="get_warranty",
    summary="Until when warranty and guarantee cover an item",
)
def get_warranty(request: HttpRequest, number: Number, email: Email, sku: QuerySku) -> items.WarrantyAnswer:
    return items.warranty_answer(orders.access_order(number, email), sku, timezone.localdate())


@router.get(
    "/returns/{return_number}",
    response=answers_with(aftersales.ReturnState),
    operation_id="get_return",
    summary="A return with the address of its label",
)
def get_return(request: HttpRequest, return_number: Number, email: Email) -> aftersales.ReturnState:
    return aftersales.return_state(aftersales.access_return(return_number, email))


@router.post(
    "/returns/{return_number}/withdrawal",
    response=answers_with(aftersales.WithdrawalAnswer, 201),
    operation_id="withdraw_return",
    summary="Take an announced return back",
)
def withdraw_return(
    request: HttpRequest, return_number: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = aftersales.access_return(return_number, wish.email)
    return write_once(key, "return_undo", found.number, lambda: aftersales.do_withdraw_return(found))


@router.post(
    "/orders/{number}/exchanges",
    response=answers_with(aftersales.ExchangeAnswer, 201),
    operation_id="exchange_item",
    summary="Exchange an item for another one of the same price",
)
def exchange_item(
    request: HttpRequest, number: Number, wish: ExchangeRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    today = timezone.localdate()
    subject = f"{order.number} {wish.sku} {wish.new_sku} {wish.quantity}"
    return write_once(
        key, "exchange", subject, lambda: aftersales.do_exchange(order, wish.sku, wish.new_sku, wish.quantity, today)
    )


@router.post(
    "/exchanges/{exchange}/withdrawal",
    response=answers_with(aftersales.ExchangeWithdrawal, 201),
    operation_id="withdraw_exchange",
    summary="Take an exchange back, until the new item has left",
)
def withdraw_exchange(
    request: HttpRequest, exchange: Number, wish: Owner, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    found = aftersales.access_exchange(exchange, wish.email)
    return write_once(key, "exchange_undo", found.number, lambda: aftersales.do_withdraw_exchange(found))


@router.post(
    "/orders/{number}/claims",
    response=answers_with(aftersales.ClaimAnswer, 201),
    operation_id="claim_item",
    summary="Replace or refund a wrong, damaged or missing item",
)
def claim_item(
    request: HttpRequest, number: Number, wish: ClaimRequest, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    key = once.check_key(idempotency_key)
    order = orders.access_order(number, wish.email)
    claim, today = aftersales.ClaimWish(**wish.model_dump(exclude={"email"}, exclude_none=True)), timezone.localdate()
    subject = f"{order.number} {claim.model_dump_json()}"
    return write_once(key, "claim", subject, lambda: aftersales.do_claim(order, claim, today))
