"""Delivery slots and technicians' visits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kulanz.demo.conftest import STRANGER, TrialShop
from kulanz.demo.models import ShopCustomer
from kulanz.demo.service_models import ShopDeliverySlot, ShopVisit


def test_a_slot_is_booked_moved_and_given_back(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("slot")
    path = f"/orders/{number}/delivery-slots"
    free = trial_shop.get(path, email=email).json()["slots"]
    assert all(date.fromisoformat(slot["day"]).weekday() < 5 for slot in free)
    booked = trial_shop.once(path, {"email": email, "slot": free[0]["id"]}, "z-1")
    assert (booked["fee"], booked["label"]) == ("2.90", free[0]["label"])
    moved = trial_shop.post(path, {"email": email, "slot": free[-1]["id"]}, "z-2").json()
    assert moved["fee"] == "0.00"
    assert trial_shop.get(path, email=email).json()["booked"] == moved["slot"]
    back = trial_shop.once(f"{path}/{moved['slot']}/release", {"email": email}, "z-3")
    assert back["refunded"] == "2.90"
    assert trial_shop.get(path, email=email).json()["booked"] is None
    assert trial_shop.refused(f"{path}/{moved['slot']}/release", {"email": email}) == "not_booked"


def test_a_slot_stays_from_six_on_the_day_before(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("slot")
    path = f"/orders/{number}/delivery-slots"
    slot = trial_shop.get(path, email=email).json()["slots"][0]["id"]
    booked = trial_shop.post(path, {"email": email, "slot": slot}, "z-1").json()["slot"]
    ShopDeliverySlot.objects.update(day=timezone.localdate())
    assert trial_shop.refused(f"{path}/{booked}/release", {"email": email}) == "too_late"
    assert trial_shop.refused(path, {"email": email, "slot": slot}) == "too_late"


def test_where_there_are_no_slots(trial_shop: TrialShop) -> None:
    delivered, email = trial_shop.own("return")
    assert trial_shop.get(f"/orders/{delivered}/delivery-slots", email=email).json()["error"] == "no_slots"
    number, email = trial_shop.own("slot")
    path = f"/orders/{number}/delivery-slots"
    assert trial_shop.refused(path, {"email": email, "slot": "2020-01-01-08"}) == "slot_taken"
    assert trial_shop.get(path, email=STRANGER).status_code == 404
    ShopCustomer.objects.filter(email=email).update(city="Graz")
    assert "Germany" in trial_shop.get(path, email=email).json()["reason"]["en"]


def test_a_technician_comes_once_at_a_time_free_under_warranty(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("machine")
    slot = trial_shop.get("/technician-slots", postcode="10115").json()["slots"][0]
    wish = {"email": email, "order_number": number, "sku": "KORVA", "postcode": "10115", "slot": slot["id"]}
    visit = trial_shop.once("/technician-visits", wish, "t-1")
    assert (visit["fee"], visit["free"], visit["label"]) == ("0.00", True, slot["label"])
    assert slot not in trial_shop.get("/technician-slots", postcode="10437").json()["slots"]
    other, other_email = trial_shop.own("old_machine", "en")
    taken = wish | {"email": other_email, "order_number": other, "sku": "AURELO"}
    assert trial_shop.refused("/technician-visits", taken) == "slot_taken"
    trial_shop.once(f"/technician-visits/{visit['visit']}/cancellation", {"email": email}, "t-3")
    assert trial_shop.post("/technician-visits", taken, "t-4").json()["fee"] == "49.00"
    undo = f"/technician-visits/{visit['visit']}/cancellation"
    assert trial_shop.refused(undo, {"email": email}) == "not_booked"


def test_a_visit_stays_on_its_day(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("machine")
    slot = trial_shop.get("/technician-slots", postcode="20095").json()["slots"][0]["id"]
    wish = {"email": email, "order_number": number, "sku": "KORVA", "postcode": "20095", "slot": slot}
    visit = trial_shop.post("/technician-visits", wish, "t-1").json()["visit"]
    ShopVisit.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert trial_shop.refused(f"/technician-visits/{visit}/cancellation", {"email": email}) == "too_late"


@pytest.mark.parametrize("postcode", ["8010", "00100", "1011x", "١٢٣٤٥"])
def test_not_every_postcode_is_served(trial_shop: TrialShop, postcode: str) -> None:
    assert trial_shop.get("/technician-slots", postcode=postcode).json()["error"] == "no_region"


def test_a_technician_comes_for_appliances_only(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("return")
    slot = trial_shop.get("/technician-slots", postcode="10115").json()["slots"][0]["id"]
    wish = {"email": email, "order_number": number, "sku": "OLAV", "postcode": "10115", "slot": slot}
    assert trial_shop.refused("/technician-visits", wish) == "no_appliance"
