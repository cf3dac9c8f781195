"""What has been done in the shop, as lines that can be compared: before and after, wanted and done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from kulanz.demo.models import (
    ShopCustomer,
    ShopOrder,
    ShopRefund,
    ShopReturnLine,
    ShopSubscription,
)
from kulanz.demo.service_models import (
    ShopAddressChange,
    ShopCharge,
    ShopClaim,
    ShopDeliverySlot,
    ShopExchange,
    ShopMail,
    ShopOffer,
    ShopPaymentLink,
    ShopVisit,
)

MAILS = ("invoice_copy", "password_reset")
"""Mails that are themselves what the customer wanted; the others only accompany something."""


def shop_state() -> frozenset[str]:
    """Every order, subscription and account as it stands, and everything that holds beside them: returns, refunds with
    their amounts, booked times and so on. What was taken back is not there. A line that holds twice has `#2`."""
    return frozenset(_counted(_lines()))


def newest_code() -> str:
    """The code in the newest mail with one, as its reader sees it; empty where there is none."""
    mail = ShopMail.objects.filter(kind="email_code").order_by("-pk").first()
    return mail.subject.split()[-1] if mail else ""


def _counted(lines: Iterable[str]) -> Iterator[str]:
    for line, count in Counter(lines).items():
        yield line
        yield from (f"{line} #{number}" for number in range(2, count + 1))


def _lines() -> Iterator[str]:
    yield from _stands()
    yield from _goods()
    yield from _money()
    yield from _times()


def _stands() -> Iterator[str]:
    for number, status in ShopOrder.objects.values_list("number", "status"):
        yield f"order {number} {status}"
    for s in ShopSubscription.objects.all():
        until = f" until {s.paused_until}" if s.paused_until else ""
        yield f"subscription {s.number} {s.status} {s.product_id} {s.interval_weeks}{until}"
    for number, email in ShopCustomer.objects.values_list("number", "email"):
        yield f"account {number} {email}"
    for offer in ShopOffer.objects.exclude(accepted_at=None):
        yield f"discount {offer.subscription_id} {offer.percent}"


def _goods() -> Iterator[str]:
    newest: dict[str, str] = {}
    for change in ShopAddressChange.objects.filter(undone_at=None).order_by("pk"):
        new = change.new
        newest[change.order_id] = f"{new['street']}, {new['postcode']} {new['city']}"
    yield from (f"address {order} {line}" for order, line in newest.items())
    back = ShopReturnLine.objects.filter(shop_return__status="announced").select_related("shop_return", "line")
    yield from (f"return {b.shop_return.order_id} {b.line.product_id} {b.quantity}" for b in back)
    swaps = ShopExchange.objects.exclude(status="withdrawn").select_related("shop_return", "product")
    for swap in swaps.prefetch_related("shop_return__lines__line"):
        old = "+".join(line.line.product_id for line in swap.shop_return.lines.all())
        yield f"exchange {swap.shop_return.order_id} {old} {swap.product_id}"
    for claim in ShopClaim.objects.select_related("line"):
        yield f"claim {claim.line.order_id} {claim.line.product_id} {claim.kind} {claim.solution} {claim.quantity}"


def _money() -> Iterator[str]:
    for refund in ShopRefund.objects.select_related("payment"):
        yield f"refund {refund.payment.order_id} {refund.amount}"
    for charge in ShopCharge.objects.filter(state="reversed").select_related("payment"):
        yield f"reversal {charge.payment.order_id} {charge.amount}"
    for link in ShopPaymentLink.objects.select_related("payment"):
        yield f"payment_link {link.payment.order_id}"
    for mail in ShopMail.objects.filter(kind__in=MAILS):
        about = f" {mail.subject.split()[-1]}" if mail.kind == "invoice_copy" else ""
        yield f"{mail.kind}{about} {mail.to}"


def _times() -> Iterator[str]:
    for slot in ShopDeliverySlot.objects.filter(released_at=None):
        yield f"slot {slot.order_id} {slot.day}-{slot.starts:02d}"
    for visit in ShopVisit.objects.filter(cancelled_at=None).select_related("line"):
        yield f"visit {visit.line.order_id} {visit.line.product_id} {visit.day}-{visit.starts:02d} {visit.postcode}"
