"""Returns taken back, labels, exchanges, claims, warranty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.demo.conftest import STRANGER, TrialShop
from kulanz.demo.models import ShopRefund
from kulanz.demo.service_models import ShopExchange


def announced(shop: TrialShop) -> tuple[dict[str, Any], str]:
    number, email = shop.own("return", "en")
    answer = shop.post("/returns", {"order_number": number, "email": email, "items": [{"sku": "OLAV"}]}, "r-1")
    return answer.json(), email


def test_a_withdrawn_return_frees_the_items(trial_shop: TrialShop) -> None:
    found, email = announced(trial_shop)
    path = f"/returns/{found['return_number']}"
    assert trial_shop.get(path, email=email).json()["withdrawable"] is True
    assert trial_shop.get(path, email=STRANGER).status_code == 404
    withdrawn = trial_shop.once(path + "/withdrawal", {"email": email}, "r-2")
    assert withdrawn["status"] == trial_shop.get(path, email=email).json()["status"] == "withdrawn"
    assert trial_shop.refused(path + "/withdrawal", {"email": email}) == "not_withdrawable"
    again = {"order_number": found["number"], "email": email, "items": [{"sku": "OLAV"}]}
    assert trial_shop.post("/returns", again, "r-4").status_code == 201


def test_the_label_is_a_page_that_only_its_address_opens(trial_shop: TrialShop) -> None:
    found, email = announced(trial_shop)
    path = urlsplit(found["label_url"]).path
    page = Client().get(path)
    assert page.status_code == 200
    assert found["label_number"] in page.content.decode()
    assert "Return label" in page.content.decode()
    assert "cast-iron pot" in page.content.decode()
    assert Client().get(path[:-2] + "x/").status_code == 404
    trial_shop.post(f"/returns/{found['return_number']}/withdrawal", {"email": email}, "r-2")
    assert Client().get(path).status_code == 404


def test_an_exchange_offers_the_other_sizes_and_is_taken_back(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("exchange")
    options = trial_shop.get(f"/orders/{number}/exchange-options", email=email, sku="LINN-M").json()["options"]
    assert [option["id"] for option in options] == ["LINN-L", "LINN-S"]
    wish = {"email": email, "sku": "LINN-M", "new_sku": "LINN-L"}
    done = trial_shop.once(f"/orders/{number}/exchanges", wish, "e-1")
    assert done["new_item"]["de"] == "Schürze Linn, Größe L"
    assert done["label_url"]
    assert trial_shop.refused(f"/orders/{number}/exchanges", wish) == "not_exchangeable"
    undo = f"/exchanges/{done['exchange']}/withdrawal"
    assert trial_shop.once(undo, {"email": email}, "e-2")["status"] == "withdrawn"
    assert trial_shop.post(f"/orders/{number}/exchanges", wish, "e-3").status_code == 201


def test_what_has_left_is_not_taken_back(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("colour")
    wish = {"email": email, "sku": "BRISA-BLAU", "new_sku": "BRISA"}
    done = trial_shop.post(f"/orders/{number}/exchanges", wish, "e-1").json()
    ShopExchange.objects.update(status="shipped")
    assert trial_shop.refused(f"/exchanges/{done['exchange']}/withdrawal", {"email": email}) == "not_withdrawable"


@pytest.mark.parametrize(
    ("matter", "sku", "new", "error"),
    [
        ("exchange", "LINN-M", "KORVA", "not_exchangeable"),
        ("exchange", "LINN-M", "LINN-M", "not_exchangeable"),
        ("way", "LINN-M", "LINN-L", "not_returnable"),
        ("return_late", "TESSA-24", "OLAV", "not_returnable"),
    ],
)
def test_what_is_not_exchanged(trial_shop: TrialShop, matter: str, sku: str, new: str, error: str) -> None:
    number, email = trial_shop.own(matter)
    wish = {"email": email, "sku": sku, "new_sku": new}
    assert trial_shop.refused(f"/orders/{number}/exchanges", wish) == error


def test_a_broken_item_is_replaced_with_a_photo(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("damaged")
    wish = {"email": email, "sku": "IDA-GRUEN", "kind": "damaged", "solution": "replacement"}
    path = f"/orders/{number}/claims"
    assert trial_shop.refused(path, wish) == "photo_required"
    done = trial_shop.once(path, wish | {"photo": "file-17"}, "c-1")
    assert done["replacement_on"] > timezone.localdate().isoformat()
    assert (done["refunded"], done["send_back"]) == ("0.00", True)
    assert trial_shop.refused(path, wish | {"photo": "file-17"}, "c-2") == "already_claimed"


def test_a_wrong_cheap_item_is_refunded_and_kept(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("wrong")
    wish = {"email": email, "sku": "KOHLE-500", "kind": "wrong", "solution": "refund"}
    done = trial_shop.once(f"/orders/{number}/claims", wish, "c-1")
    assert (done["refunded"], done["send_back"], done["label_number"]) == ("13.90", False, None)
    assert str(ShopRefund.objects.get(reference=done["claim"]).amount) == "13.90"


def test_missing_items_are_reported_in_time_and_after_delivery(trial_shop: TrialShop) -> None:
    late, email = trial_shop.own("return_late")
    wish = {"email": email, "sku": "TESSA-24", "kind": "missing", "solution": "refund"}
    assert trial_shop.refused(f"/orders/{late}/claims", wish) == "too_late"
    on_its_way, email = trial_shop.own("way")
    wish = {"email": email, "sku": "LINN-M", "kind": "missing", "solution": "refund"}
    assert trial_shop.refused(f"/orders/{on_its_way}/claims", wish) == "not_delivered"


@pytest.mark.parametrize(
    ("matter", "sku", "covered", "kind"),
    [
        ("machine", "KORVA", True, "legal"),
        ("old_machine", "AURELO", False, "none"),
        ("exchange", "LINN-M", True, "legal"),
    ],
)
def test_the_warranty_of_an_item(trial_shop: TrialShop, *, matter: str, sku: str, covered: bool, kind: str) -> None:
    number, email = trial_shop.own(matter)
    found = trial_shop.get(f"/orders/{number}/warranty", email=email, sku=sku).json()
    assert (found["covered"], found["kind"]) == (covered, kind)
    assert (found["guarantee_until"] is not None) is (kind != "legal" or sku == "KORVA")
    assert trial_shop.get(f"/orders/{number}/warranty", email=email, sku="OLAV-99").status_code == 404


def test_the_guarantee_covers_appliances_a_year_longer(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("machine")
    trial_shop_order(number, days=800)
    found = trial_shop.get(f"/orders/{number}/warranty", email=email, sku="KORVA").json()
    assert (found["covered"], found["kind"]) == (True, "guarantee")


def trial_shop_order(number: str, days: int) -> None:
    from kulanz.demo.models import ShopOrder

    ShopOrder.objects.filter(pk=number).update(delivered_on=timezone.localdate() - timedelta(days=days))


def test_the_items_of_an_order_can_be_chosen_from(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("colour")
    found = trial_shop.get(f"/orders/{number}/items", email=email).json()
    assert (found["count"], found["only"]) == (2, None)
    assert [(item["id"], item["left"], item["exchangeable"]) for item in found["items"]] == [
        ("BRISA-BLAU", 1, True),
        ("IDA-GRAU", 1, True),
    ]
    one, email = trial_shop.own("exchange")
    assert trial_shop.get(f"/orders/{one}/items", email=email).json()["only"]["id"] == "LINN-M"
