"""Where an order is delivered to, changed until it is packed, and back again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.utils import timezone
from ninja import Schema

from kulanz.demo.models import ShopOrder, ShopOrderStatus
from kulanz.demo.problems import MissingError, RefusedError
from kulanz.demo.service_models import ShopAddressChange
from kulanz.demo.wording import Text

POSTCODES: Final = {
    "Berlin": "10115",
    "Hamburg": "20095",
    "Leipzig": "04109",
    "Köln": "50667",
    "München": "80331",
    "Graz": "8010",
    "Bremen": "28195",
    "Dresden": "01067",
    "Kiel": "24103",
    "Mainz": "55116",
}
STREETS: Final = ("Beispielweg", "Musterstraße", "Probegasse", "Kaffeeplatz", "Bohnenallee", "Am Mahlwerk", "Topfgasse")

_TOWN: Final = re.compile(r"(?<!\d)(?P<code>\d{4,5}) +(?P<town>[^\W\d][^\d,;]{1,40})")
_STREET: Final = re.compile(r"(?P<street>[^\W\d][^\d,;]{1,50} \d{1,4} ?[a-zA-Z]?(?:[-/]\d{1,4})?)(?!\d)")

_TOO_LATE: Final = {
    ShopOrderStatus.PACKED: Text(
        de="Die Bestellung ist schon verpackt, die Adresse steht fest.",
        en="The order is already packed, its address is fixed.",
    ),
    ShopOrderStatus.SHIPPED: Text(
        de="Die Bestellung ist schon unterwegs. Über den Link „Zustellung umleiten“ in der Versandmail können Sie sie "
        "kostenlos zu einem Nachbarn oder in einen Paketshop schicken.",
        en="The order is already on its way. With the link “Redirect delivery” in the shipping e-mail you can send it "
        "to a neighbour or a parcel shop free of charge.",
    ),
    ShopOrderStatus.DELIVERED: Text(
        de="Die Bestellung ist schon zugestellt.", en="The order has already been delivered."
    ),
    ShopOrderStatus.CANCELLED: Text(de="Die Bestellung ist storniert.", en="The order has been cancelled."),
    ShopOrderStatus.RETURNED: Text(de="Die Bestellung ist zurückgeschickt.", en="The order has been returned."),
}
_OTHER_COUNTRY: Final = Text(
    de="In ein anderes Land lässt sich eine Bestellung nicht umleiten. Bitte stornieren Sie sie und bestellen Sie neu.",
    en="An order cannot be moved to another country. Please cancel it and order again.",
)
_SAME: Final = Text(de="Diese Adresse steht schon auf der Bestellung.", en="The order already has this address.")
_NOTHING_TO_UNDO: Final = Text(
    de="Diese Adressänderung gilt nicht mehr, es gibt nichts zurückzunehmen.",
    en="This change of address no longer counts, there is nothing to take back.",
)
_NO_POSTCODE: Final = Text(
    de="Die Postleitzahl passt nicht: fünf Ziffern in Deutschland, vier in Österreich.",
    en="The postcode does not fit: five digits in Germany, four in Austria.",
)


class Address(Schema):
    """`country` is DE or AT."""

    name: str
    street: str
    postcode: str
    city: str
    country: str


class AddressCheck(Schema):
    """An address in one line, taken apart. `complete`: street with number, postcode and town are all there."""

    complete: bool
    street: str
    postcode: str
    city: str
    line: str


class AddressAnswer(Schema):
    """`line` is the address in one line. `changeable_reason` says why it can't be changed."""

    number: str
    address: Address
    line: str
    changeable: bool
    changeable_reason: Text | None


class AddressChangeAnswer(Schema):
    """`change` is the receipt; with it the change is undone until the order is packed."""

    change: str
    number: str
    address: Address
    line: str
    previous_line: str
    changed_at: datetime


def first_address(order: ShopOrder) -> Address:
    """What the customer's account says: invented, but always the same."""
    customer = order.customer
    digits = int(customer.number.removeprefix("K-"))
    return Address(
        name=customer.name,
        street=f"{STREETS[digits % len(STREETS)]} {digits * 7 % 89 + 1}",
        postcode=POSTCODES.get(customer.city, "10115"),
        city=customer.city,
        country="AT" if customer.city == "Graz" else "DE",
    )


def address_of(order: ShopOrder) -> Address:
    newest = order.address_changes.filter(undone_at=None).order_by("-pk").first()
    return Address(**newest.new) if newest else first_address(order)


def line_of(address: Address) -> str:
    return f"{address.name}, {address.street}, {address.postcode} {address.city}"


def checked_address(line: str) -> AddressCheck:
    """Takes "Musterstraße 5, 10115 Berlin" apart, in either order of its two halves."""
    text = " ".join(line.split())
    town = _TOWN.search(text)
    street = _STREET.search(_TOWN.sub(" ", text)) if town else _STREET.search(text)
    parts = (
        street["street"].strip(" ,") if street else "",
        *((town["code"], town["town"].strip(" ,.")) if town else ("", "")),
    )
    return AddressCheck(
        complete=all(parts),
        street=parts[0],
        postcode=parts[1],
        city=parts[2],
        line=f"{parts[0]}, {parts[1]} {parts[2]}",
    )


def address_answer(order: ShopOrder) -> AddressAnswer:
    address, reason = address_of(order), _TOO_LATE.get(ShopOrderStatus(order.status))
    return AddressAnswer(
        number=order.number,
        address=address,
        line=line_of(address),
        changeable=reason is None,
        changeable_reason=reason,
    )


def do_change_address(order: ShopOrder, wanted: Address) -> str:
    """Sends an order that is not packed yet to another address in the same country. Raises RefusedError."""
    order = _changeable(order)
    present = address_of(order)
    if wanted.country.upper() != present.country:
        raise RefusedError("other_country", _OTHER_COUNTRY)
    if not wanted.postcode.isdecimal() or len(wanted.postcode) != (5 if present.country == "DE" else 4):
        raise RefusedError("invalid_postcode", _NO_POSTCODE)
    if wanted == present:
        raise RefusedError("same_address", _SAME)
    change = ShopAddressChange.objects.create(order=order, old=present.model_dump(), new=wanted.model_dump())
    return _answer(change, wanted, present, change.created_at)


def do_undo_address(order: ShopOrder, change: ShopAddressChange) -> str:
    """Gives the order the address back that it had before its newest change. Raises RefusedError."""
    order = _changeable(order)
    newest = order.address_changes.filter(undone_at=None).order_by("-pk").first()
    if newest is None or newest.pk != change.pk:
        raise RefusedError("not_undoable", _NOTHING_TO_UNDO)
    newest.undone_at = timezone.now()
    newest.save(update_fields=["undone_at"])
    return _answer(newest, Address(**newest.old), Address(**newest.new), newest.undone_at)


def access_address_change(order: ShopOrder, number: str) -> ShopAddressChange:
    for change in order.address_changes.all():
        if change.number == number.upper():
            return change
    raise MissingError


def _changeable(order: ShopOrder) -> ShopOrder:
    locked = ShopOrder.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order.pk)
    if reason := _TOO_LATE.get(ShopOrderStatus(locked.status)):
        raise RefusedError("address_fixed", reason)
    return locked


def _answer(change: ShopAddressChange, now: Address, before: Address, moment: datetime) -> str:
    return AddressChangeAnswer(
        change=change.number,
        number=change.order_id,
        address=now,
        line=line_of(now),
        previous_line=line_of(before),
        changed_at=moment,
    ).model_dump_json()
