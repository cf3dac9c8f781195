"""Times to choose: when a parcel comes, and when a technician does."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from ninja import Schema

from kulanz.demo.addresses import address_of
from kulanz.demo.answers import CURRENCY, money
from kulanz.demo.items import line_of, warranty_answer
from kulanz.demo.models import ShopOrder, ShopOrderStatus
from kulanz.demo.orders import lock_order
from kulanz.demo.problems import MissingError, RefusedError
from kulanz.demo.service_models import ShopDeliverySlot, ShopVisit
from kulanz.demo.wording import Text, day_text, name_text

SLOT_FEE: Final = Decimal("2.90")
VISIT_FEE: Final = Decimal("49.00")
STARTS: Final = (8, 12, 16)
DAYS_SHOWN: Final = 4
CHANGE_UNTIL: Final = time(18)
"""Slots and visits can be changed until this hour of the day before."""
_HOURS: Final = {
    8: Text(de="8–12 Uhr", en="8 am–12 noon"),
    12: Text(de="12–16 Uhr", en="12 noon–4 pm"),
    16: Text(de="16–20 Uhr", en="4–8 pm"),
}

_NO_SLOTS: Final = Text(
    de="Für diese Bestellung lässt sich kein Zeitfenster mehr wählen.",
    en="No time slot can be chosen for this order any more.",
)
_ABROAD: Final = Text(de="Zeitfenster gibt es nur in Deutschland.", en="Time slots exist in Germany only.")
_GONE: Final = Text(de="Dieser Termin ist leider nicht mehr frei.", en="This time is no longer free, unfortunately.")
_TOO_LATE: Final = Text(
    de="Das geht nur bis 18 Uhr am Vortag.", en="That is possible only until 6 pm on the day before."
)
_NOT_BOOKED: Final = Text(de="Dieser Termin ist schon abgesagt.", en="This time has already been given back.")
_NO_REGION: Final = Text(
    de="In dieses Postleitzahlgebiet fährt unser Kundendienst nicht.",
    en="Our technicians do not serve this postcode.",
)
_NO_APPLIANCE: Final = Text(
    de="Für diesen Artikel kommt kein Techniker; bitte schicken Sie ihn ein.",
    en="No technician comes for this item; please send it in.",
)


class SlotChoice(Schema):
    """A free time. `id` is what is sent to book it, such as 2026-11-25-08."""

    id: str
    label: Text
    day: date
    starts: int
    fee: str


class DeliverySlots(Schema):
    """`booked` is the receipt of the slot that the order has, if any, with its words in `booked_label`."""

    number: str
    count: int
    fee: str
    currency: str
    booked: str | None
    booked_label: Text | None
    slots: list[SlotChoice]


class SlotAnswer(Schema):
    slot: str
    number: str
    day: date
    label: Text
    fee: str
    currency: str
    booked_at: datetime


class SlotReleased(Schema):
    slot: str
    number: str
    refunded: str
    currency: str
    released_at: datetime


class VisitSlots(Schema):
    postcode: str
    count: int
    slots: list[SlotChoice]


class VisitAnswer(Schema):
    """`visit` is the receipt. `fee` is 0.00 under warranty or guarantee."""

    visit: str
    number: str
    product: Text
    postcode: str
    day: date
    label: Text
    fee: str
    free: bool
    currency: str
    booked_at: datetime


class VisitCancelled(Schema):
    visit: str
    number: str
    cancelled_at: datetime


def _working_days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day


def _taken(*what: object) -> bool:
    """Whether other customers have this time: invented, but always the same."""
    return zlib.crc32(" ".join(str(part) for part in what).encode()) % 3 == 0


class SlotName(Schema):
    id: str
    label: Text
    day: date


def slot_name(wanted: str) -> SlotName:
    """The words for 2026-11-25-08. Raises MissingError."""
    try:
        day, starts = date.fromisoformat(wanted[:10]), int(wanted[11:])
        return SlotName(id=wanted, label=_label(day, starts), day=day)
    except (ValueError, KeyError) as error:
        raise MissingError from error


def _label(day: date, starts: int) -> Text:
    words, hours = day_text(day), _HOURS[starts]
    return Text(de=f"{words.de} {hours.de}", en=f"{words.en}, {hours.en}")


def _choices(after: date, fee: Decimal, key: str) -> list[SlotChoice]:
    days = _working_days_after(after)
    shown = [next(days) for _ in range(DAYS_SHOWN)]
    return [
        SlotChoice(id=f"{day}-{starts:02d}", label=_label(day, starts), day=day, starts=starts, fee=money(fee))
        for day in shown
        for starts in STARTS
        if not _taken(key, day, starts)
    ]


def _chosen(choices: list[SlotChoice], wanted: str) -> SlotChoice:
    found = next((choice for choice in choices if choice.id == wanted), None)
    if found is None:
        raise RefusedError("slot_taken", _GONE)
    return found


def _changeable(day: date, now: datetime) -> bool:
    local = timezone.localtime(now)
    return local.date() < day - timedelta(days=1) or (
        local.date() == day - timedelta(days=1) and local.time() < CHANGE_UNTIL
    )


def delivery_slots(order: ShopOrder, today: date) -> DeliverySlots:
    """The free times of an order that has not arrived yet. Raises RefusedError."""
    _check_slots(order)
    present = order.slots.filter(released_at=None).first()
    choices = _slot_choices(order, today)
    return DeliverySlots(
        number=order.number,
        count=len(choices),
        fee=money(SLOT_FEE),
        currency=CURRENCY,
        booked=present.number if present else None,
        booked_label=_label(present.day, present.starts) if present else None,
        slots=choices,
    )


def _slot_choices(order: ShopOrder, today: date) -> list[SlotChoice]:
    return _choices(max(today, order.expected_on - timedelta(days=1)), SLOT_FEE, order.number)


def _check_slots(order: ShopOrder) -> None:
    if order.status not in (ShopOrderStatus.OPEN, ShopOrderStatus.PACKED, ShopOrderStatus.SHIPPED):
        raise RefusedError("no_slots", _NO_SLOTS)
    if address_of(order).country != "DE":
        raise RefusedError("no_slots", _ABROAD)


def do_book_slot(order: ShopOrder, wanted: str, now: datetime) -> str:
    """Books a time, or another one instead of it at no further cost. Raises RefusedError."""
    order = lock_order(order)
    _check_slots(order)
    present = order.slots.filter(released_at=None).first()
    if present and not _changeable(present.day, now):
        raise RefusedError("too_late", _TOO_LATE)
    choice = _chosen(_slot_choices(order, timezone.localtime(now).date()), wanted)
    if present:
        present.released_at = now
        present.save(update_fields=["released_at"])
    slot = ShopDeliverySlot.objects.create(order=order, day=choice.day, starts=choice.starts, fee=SLOT_FEE)
    return SlotAnswer(
        slot=slot.number,
        number=order.number,
        day=slot.day,
        label=choice.label,
        fee=money(Decimal(0) if present else SLOT_FEE),
        currency=CURRENCY,
        booked_at=slot.created_at,
    ).model_dump_json()


def access_slot(order: ShopOrder, number: str) -> ShopDeliverySlot:
    found = next((slot for slot in order.slots.all() if slot.number == number.upper()), None)
    if found is None:
        raise MissingError
    return found


def do_release_slot(slot: ShopDeliverySlot, now: datetime) -> str:
    """Gives a booked time back with its fee. Raises RefusedError."""
    slot = ShopDeliverySlot.objects.select_for_update().get(pk=slot.pk)
    if slot.released_at:
        raise RefusedError("not_booked", _NOT_BOOKED)
    if not _changeable(slot.day, now):
        raise RefusedError("too_late", _TOO_LATE)
    slot.released_at = now
    slot.save(update_fields=["released_at"])
    return SlotReleased(
        slot=slot.number, number=slot.order_id, refunded=money(slot.fee), currency=CURRENCY, released_at=now
    ).model_dump_json()


def visit_slots(postcode: str, today: date) -> VisitSlots:
    """The technician's free times from the day after tomorrow on. Raises RefusedError."""
    choices = _visit_choices(postcode, today)
    return VisitSlots(postcode=postcode, count=len(choices), slots=choices)


def _visit_choices(postcode: str, today: date) -> list[SlotChoice]:
    if len(postcode) != 5 or not (postcode.isascii() and postcode.isdecimal()) or postcode.startswith("00"):
        raise RefusedError("no_region", _NO_REGION)
    region = postcode[:2]
    booked = set(ShopVisit.objects.filter(region=region, cancelled_at=None).values_list("day", "starts"))
    choices = _choices(today + timedelta(days=1), VISIT_FEE, region)
    return [choice for choice in choices if (choice.day, choice.starts) not in booked]


def do_book_visit(order: ShopOrder, sku: str, postcode: str, wanted: str, problem: str) -> str:
    """Books a technician for an appliance, free under warranty. Raises RefusedError."""
    line, today = line_of(order, sku), timezone.localdate()
    if line.product.kind != "appliance":
        raise RefusedError("no_appliance", _NO_APPLIANCE)
    choice = _chosen(_visit_choices(postcode, today), wanted)
    free = warranty_answer(order, sku, today).covered
    try:
        with transaction.atomic():
            visit = ShopVisit.objects.create(
                line=line,
                region=postcode[:2],
                postcode=postcode,
                day=choice.day,
                starts=choice.starts,
                fee=Decimal(0) if free else VISIT_FEE,
                problem=problem,
            )
    except IntegrityError as error:  # somebody else took it just now
        raise RefusedError("slot_taken", _GONE) from error
    return VisitAnswer(
        visit=visit.number,
        number=order.number,
        product=name_text(line.product),
        postcode=postcode,
        day=visit.day,
        label=choice.label,
        fee=money(visit.fee),
        free=free,
        currency=CURRENCY,
        booked_at=visit.created_at,
    ).model_dump_json()


def access_visit(number: str, email: str) -> ShopVisit:
    own = ShopVisit.objects.filter(line__order__customer__email=email.lower()).select_related("line")
    found = next((visit for visit in own if visit.number == number.upper()), None)
    if found is None:
        raise MissingError
    return found


def do_cancel_visit(visit: ShopVisit, now: datetime) -> str:
    """Calls the technician off, until 6 pm on the day before. Raises RefusedError."""
    visit = ShopVisit.objects.select_for_update(of=("self",)).select_related("line").get(pk=visit.pk)
    if visit.cancelled_at:
        raise RefusedError("not_booked", _NOT_BOOKED)
    if not _changeable(visit.day, now):
        raise RefusedError("too_late", _TOO_LATE)
    visit.cancelled_at = now
    visit.save(update_fields=["cancelled_at"])
    return VisitCancelled(visit=visit.number, number=visit.line.order_id, cancelled_at=now).model_dump_json()
