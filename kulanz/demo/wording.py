"""What the shop says about its orders, in both languages at once; the caller picks one."""

from __future__ import annotations

from datetime import date
from typing import Final

from ninja import Schema

from kulanz.demo.models import ShopOrder, ShopOrderStatus, ShopProduct

WEEKDAYS_DE: Final = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS_EN: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


class Text(Schema):
    """One sentence in German and in English."""

    de: str
    en: str


STATUS: Final = {
    ShopOrderStatus.OPEN: Text(de="Eingegangen, noch nicht verpackt", en="Received, not packed yet"),
    ShopOrderStatus.PACKED: Text(
        de="Verpackt, wird dem Paketdienst übergeben", en="Packed, about to be handed to the carrier"
    ),
    ShopOrderStatus.SHIPPED: Text(de="Unterwegs", en="On its way"),
    ShopOrderStatus.DELIVERED: Text(de="Zugestellt", en="Delivered"),
    ShopOrderStatus.CANCELLED: Text(de="Storniert", en="Cancelled"),
    ShopOrderStatus.RETURNED: Text(de="Zurückgeschickt und erstattet", en="Returned and refunded"),
}
DELAYED: Final = Text(de="Unterwegs, kommt später als zugesagt", en="On its way, later than promised")

_NOT_CANCELLABLE: Final = {
    ShopOrderStatus.PACKED: Text(
        de="Die Bestellung ist schon verpackt und lässt sich nicht mehr aufhalten.",
        en="The order is already packed and can no longer be stopped.",
    ),
    ShopOrderStatus.SHIPPED: Text(de="Die Bestellung ist schon unterwegs.", en="The order is already on its way."),
    ShopOrderStatus.DELIVERED: Text(
        de="Die Bestellung ist schon zugestellt.", en="The order has already been delivered."
    ),
    ShopOrderStatus.CANCELLED: Text(
        de="Die Bestellung ist schon storniert.", en="The order has already been cancelled."
    ),
    ShopOrderStatus.RETURNED: Text(
        de="Die Bestellung ist schon zurückgeschickt.", en="The order has already been returned."
    ),
}

NOT_DELIVERED: Final = Text(de="Die Bestellung ist noch nicht zugestellt.", en="The order has not been delivered yet.")
RETURN_TOO_LATE: Final = Text(
    de="Die Frist von 30 Tagen für die Rückgabe ist vorbei.", en="The 30 days for a return are over."
)
NOTHING_TO_RETURN: Final = Text(
    de="Für diese Artikel ist schon eine Rücksendung angemeldet.",
    en="A return has already been announced for these items.",
)
NOT_IN_ORDER: Final = Text(
    de="Diese Artikel gehören nicht zu der Bestellung.", en="These items are not part of the order."
)
ALREADY_PAUSED: Final = Text(de="Das Kaffee-Abo pausiert schon.", en="The coffee subscription is already paused.")
SUBSCRIPTION_ENDED: Final = Text(de="Das Kaffee-Abo ist gekündigt.", en="The coffee subscription has been cancelled.")


def status_text(order: ShopOrder) -> Text:
    if order.status == ShopOrderStatus.SHIPPED and order.delayed:
        return DELAYED
    return STATUS[ShopOrderStatus(order.status)]


def not_cancellable(order: ShopOrder) -> Text | None:
    """Why the order can't be cancelled, or None if it can: only until it is packed."""
    return _NOT_CANCELLABLE.get(ShopOrderStatus(order.status))


def day_text(day: date) -> Text:
    """ "Mittwoch, 25.11." and "Wednesday, 25 November"."""
    return Text(
        de=f"{WEEKDAYS_DE[day.weekday()]}, {day.day}.{day.month}.", en=f"{day:%A}, {day.day} {MONTHS_EN[day.month - 1]}"
    )


def name_text(product: ShopProduct) -> Text:
    return Text(de=product.name_de, en=product.name_en)
