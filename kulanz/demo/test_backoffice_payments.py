"""Refunds, double charges, failed payments, invoice copies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.demo.conftest import STRANGER, TrialShop
from kulanz.demo.service_models import ShopMail


def test_no_more_is_refunded_than_was_paid(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("refund")
    path = f"/orders/{number}/refunds"
    assert trial_shop.get(path, email=email).json()["refundable"] == "103.80"
    done = trial_shop.once(path, {"email": email, "amount": "100.00", "reason": "missing_item"}, "g-1")
    assert (done["amount"], done["left"]) == ("100.00", "3.80")
    assert trial_shop.refused(path, {"email": email, "amount": "3.81"}) == "too_much"
    assert trial_shop.post(path, {"email": email, "amount": "3.80"}, "g-2").json()["left"] == "0.00"
    state = trial_shop.get(path, email=email).json()
    assert (state["refunded"], state["possible"]) == ("103.80", False)


@pytest.mark.parametrize("amount", ["0", "-5.00", "1.234", "abc", "1e9", "NaN", None])
def test_an_amount_is_euros_and_cents(trial_shop: TrialShop, amount: str | None) -> None:
    number, email = trial_shop.own("refund")
    answer = trial_shop.post(f"/orders/{number}/refunds", {"email": email, "amount": amount}, "g-1")
    assert answer.status_code == 422


def test_what_was_not_paid_is_not_refunded(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("on_invoice")
    assert trial_shop.refused(f"/orders/{number}/refunds", {"email": email, "amount": "1.00"}) == "nothing_paid"


def test_a_doubled_charge_is_given_back_once(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("double")
    path = f"/orders/{number}/charges"
    found = trial_shop.get(path, email=email).json()
    assert found["count"] == 2
    assert [charge["amount"] for charge in found["charges"]] == ["79.90", "79.90"]
    reversal = f"{path}/{found['doubled']['id']}/reversal"
    assert trial_shop.once(reversal, {"email": email}, "d-1")["amount"] == "79.90"
    assert trial_shop.refused(reversal, {"email": email}) == "not_doubled"
    assert trial_shop.refused(f"{path}/{number}/reversal", {"email": email}) == "not_doubled"
    after = trial_shop.get(path, email=email).json()
    assert (after["doubled"], after["charges"][1]["state"]) == (None, "reversed")


def test_a_reservation_goes_away_by_itself(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("reserved")
    found = trial_shop.get(f"/orders/{number}/charges", email=email).json()
    assert found["doubled"] is None
    reversal = f"/orders/{number}/charges/{found['reserved']['id']}/reversal"
    assert trial_shop.refused(reversal, {"email": email}) == "only_reserved"


def test_a_foreign_charge_is_not_there(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("double")
    other, other_email = trial_shop.own("double", "en")
    foreign = trial_shop.get(f"/orders/{other}/charges", email=other_email).json()["doubled"]["id"]
    answer = trial_shop.post(f"/orders/{number}/charges/{foreign}/reversal", {"email": email}, "d-1")
    assert answer.status_code == 404


def test_a_failed_payment_gets_a_new_link_by_mail(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("failed", "en")
    state = trial_shop.get(f"/orders/{number}/payment", email=email).json()
    assert (state["status"], state["failed"]) == ("failed", True)
    assert state["failure"]["en"]
    assert state["reserved_until"] == (timezone.localdate() + timedelta(days=3)).isoformat()
    link = trial_shop.once(f"/orders/{number}/payment-links", {"email": email}, "p-1")
    mail = ShopMail.objects.get(to=email)
    assert link["url"] in mail.body
    assert mail.body.startswith("Hello ")
    paid, email = trial_shop.own("way")
    assert trial_shop.get(f"/orders/{paid}/payment", email=email).json()["failed"] is False
    assert trial_shop.refused(f"/orders/{paid}/payment-links", {"email": email}) == "not_failed"


def test_an_order_whose_payment_failed_is_cancelled_without_a_refund(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("failed")
    assert trial_shop.cancel(number, email, "k-1").json()["refunded"] == "0.00"


def test_an_invoice_is_mailed_again_to_the_account(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("invoice")
    done = trial_shop.once(f"/orders/{number}/invoice-copies", {"email": email}, "i-1")
    assert done["sent_to"] == email
    assert ShopMail.objects.filter(to=email, subject__contains=done["invoice"]).count() == 1
    waiting, email = trial_shop.own("cancel")
    assert trial_shop.refused(f"/orders/{waiting}/invoice-copies", {"email": email}) == "no_invoice"


def test_the_demo_shows_a_visitors_own_mails(trial_shop: TrialShop) -> None:
    trial_shop.post("/orders/ML-10201/invoice-copies", {"email": STRANGER}, "i-1")
    assert "Ihre Rechnung" in Client().get("/demo/shop/mails/?as=ben").content.decode()
    assert "Ihre Rechnung" not in Client().get("/demo/shop/mails/?as=anna").content.decode()
    assert Client().get("/demo/shop/mails/?as=%00").status_code == 200
