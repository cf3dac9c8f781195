"""The mails that the shop sends: kept in a table for the demo to show, never sent."""

from __future__ import annotations

from typing import Final

from kulanz.demo.models import ShopCustomer
from kulanz.demo.service_models import ShopMail
from kulanz.demo.wording import Text

GREETING: Final = Text(de="Guten Tag", en="Hello")
FAREWELL: Final = Text(de="Ihr Musterladen", en="Your Musterladen")


def do_mail(customer: ShopCustomer, kind: str, subject: Text, body: Text, *, to: str = "") -> ShopMail:
    """Writes to the customer in their language; `to` is another address than the account's."""
    english = customer.language == "en"
    greeting, farewell = (t.en if english else t.de for t in (GREETING, FAREWELL))
    return ShopMail.objects.create(
        to=to or customer.email,
        kind=kind,
        subject=subject.en if english else subject.de,
        body=f"{greeting} {customer.name},\n\n{body.en if english else body.de}\n\n{farewell}",
    )
