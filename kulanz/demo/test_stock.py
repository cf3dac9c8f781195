"""The shop's seed data agree with themselves."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from kulanz.demo.models import (
    ShopCustomer,
    ShopInvoice,
    ShopOrder,
    ShopRefund,
    ShopReturn,
    ShopShipment,
    ShopSubscription,
)
from kulanz.demo.stock import do_stock

pytestmark = pytest.mark.django_db


def test_stocking_twice_is_stocking_once() -> None:
    do_stock()
    before = ShopOrder.objects.count(), ShopCustomer.objects.count(), ShopRefund.objects.count()
    ShopOrder.objects.filter(pk="ML-10234").update(status="cancelled")
    do_stock()
    assert (ShopOrder.objects.count(), ShopCustomer.objects.count(), ShopRefund.objects.count()) == before
    assert ShopOrder.objects.get(pk="ML-10234").status == "cancelled"
    assert before[:2] == (200, 60)


def test_stocking_takes_less_than_a_second() -> None:
    begun = time.process_time()
    do_stock()
    assert time.process_time() - begun < 1


def test_every_status_and_kind_occurs() -> None:
    do_stock()
    statuses = set(ShopOrder.objects.values_list("status", flat=True))
    assert statuses == {"open", "packed", "shipped", "delivered", "cancelled", "returned"}
    assert ShopReturn.objects.exists()
    assert set(ShopSubscription.objects.values_list("status", flat=True)) == {"active", "paused", "cancelled"}


def test_totals_dates_and_papers_fit_together() -> None:
    do_stock()
    today = timezone.localdate()
    for order in ShopOrder.objects.prefetch_related("lines").select_related("payment"):
        goods = sum((line.price * line.quantity for line in order.lines.all()), Decimal(0))
        assert order.total == goods + order.shipping_cost == order.payment.amount
        assert order.shipping_cost == (0 if goods >= 49 else Decimal("4.90"))
        assert order.placed_at <= timezone.now()
        if order.status in ("delivered", "returned"):
            assert order.delivered_on is not None
            assert order.delivered_on < today
        elif order.status in ("open", "packed", "shipped"):
            assert order.expected_on >= today
    sent = ShopOrder.objects.filter(status__in=["shipped", "delivered", "returned"])
    assert sent.count() == ShopShipment.objects.count() == ShopInvoice.objects.count()
    assert not ShopShipment.objects.filter(shipped_on__lt=F("order__placed_at__date")).exists()


def test_later_numbers_were_ordered_later() -> None:
    do_stock()
    moments = list(ShopOrder.objects.order_by("number").values_list("placed_at", flat=True))
    assert moments == sorted(moments)


def test_all_addresses_are_invented_and_their_own() -> None:
    do_stock()
    addresses = list(ShopCustomer.objects.values_list("email", flat=True))
    assert len(set(addresses)) == 60
    assert all(address.isascii() and address.endswith("@example.com") for address in addresses)
