"""The stock for trying every matter fits together and comes once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.demo.conftest import TrialShop
from kulanz.demo.models import ShopCustomer, ShopOrder, ShopProduct, ShopSubscription
from kulanz.demo.trials import MATTERS, do_stock_trials, trials

pytestmark = pytest.mark.django_db


def test_every_trial_opens_with_its_address_in_its_state(trial_shop: TrialShop) -> None:
    states = {matter.name: matter.status for matter in MATTERS}
    for trial in trials():
        if trial.matter in states:
            order = ShopOrder.objects.select_related("customer").get(pk=trial.number)
            assert (order.customer.email, order.customer.language) == (trial.email, trial.language)
            assert order.status == states[trial.matter]
        else:
            assert ShopSubscription.objects.filter(pk=trial.number, customer__email=trial.email).exists()


def test_both_languages_have_the_same_matters() -> None:
    found = list(trials())
    german = [trial.matter for trial in found if trial.language == "de"]
    english = [trial.matter for trial in found if trial.language == "en"]
    assert sorted(german) == sorted(english)
    assert german.count("refund") >= 6


def test_totals_and_dates_fit_together(trial_shop: TrialShop) -> None:
    for order in ShopOrder.objects.filter(number__gte="ML-11000").prefetch_related("lines"):
        goods = sum((line.price * line.quantity for line in order.lines.all()), Decimal(0))
        assert order.total == goods + order.shipping_cost == order.payment.amount
        assert order.placed_at <= timezone.now()


def test_stocking_twice_is_stocking_once(trial_shop: TrialShop) -> None:
    def count() -> list[int]:
        return [table.objects.count() for table in (ShopCustomer, ShopOrder, ShopProduct, ShopSubscription)]

    before = count()
    do_stock_trials()
    assert count() == before


def test_every_operation_is_described(trial_shop: TrialShop) -> None:
    described = Client().get("/demo/backoffice/api/v1/openapi.json").json()
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert {"change_delivery_address", "reverse_charge", "confirm_email_change", "book_technician"} <= set(names)
    assert all(name == name.lower() and operation["summary"] for name, operation in zip(names, operations, strict=True))


@pytest.mark.parametrize(("visitor", "language"), [("clara", "de"), ("emily", "en")])
def test_a_visitor_can_try_every_matter(trial_shop: TrialShop, visitor: str, language: str) -> None:
    page = Client().get(f"/demo/shop/?as={visitor}&lang={language}").content.decode()
    own = {trial.matter: trial.number for trial in reversed(list(trials())) if trial.email.startswith(visitor)}
    shown = page[page.index('id="try"') :]
    assert all(own[matter] in shown for matter in ("late", "cancel", "double", "failed"))
