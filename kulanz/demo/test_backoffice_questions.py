"""What flows ask before they act: addresses taken apart, previews, names, and codes that are only checked."""

from __future__ import annotations

import pytest

from kulanz.demo.conftest import STRANGER, TrialShop
from kulanz.demo.test_backoffice_account import mailed_code, start, wrong


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Neue Straße 3, 10999 Berlin", ("Neue Straße 3", "10999", "Berlin")),
        ("10999 Berlin, Neue Straße 3a", ("Neue Straße 3a", "10999", "Berlin")),
        ("Am Markt 12-14 04109 Leipzig", ("Am Markt 12-14", "04109", "Leipzig")),
        ("Ringweg 7, 8010 Graz", ("Ringweg 7", "8010", "Graz")),
    ],
)
def test_an_address_in_one_line_is_taken_apart(trial_shop: TrialShop, line: str, found: tuple[str, ...]) -> None:
    answer = trial_shop.get("/addresses", line=line).json()
    assert (answer["street"], answer["postcode"], answer["city"]) == found
    assert answer["complete"] is True


@pytest.mark.parametrize("line", ["Neue Straße 3", "10999 Berlin", "zu meiner Schwester", "14b"])
def test_half_an_address_is_not_complete(trial_shop: TrialShop, line: str) -> None:
    assert trial_shop.get("/addresses", line=line).json()["complete"] is False


def test_a_change_is_previewed_as_it_will_be(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_active")
    path, wish = f"/subscriptions/{number}/changes", {"roast": "FEIER", "amount_g": "1000"}
    preview = trial_shop.get(path + "/preview", email=email, **wish).json()
    done = trial_shop.post(path, wish | {"email": email}, "s-1").json()
    assert {name: done[name] for name in preview} == preview
    same = trial_shop.get(path + "/preview", email=email, **wish)
    assert (same.status_code, same.json()["error"]) == (409, "no_change")
    assert trial_shop.get(path + "/preview", email=STRANGER, **wish).status_code == 404


def test_running_subscriptions_leave_out_the_cancelled(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_active")
    assert trial_shop.get("/running-subscriptions", email=email).json()["count"] == 3
    trial_shop.post(f"/subscriptions/{number}/cancellation", {"email": email}, "s-1")
    left = trial_shop.get("/running-subscriptions", email=email).json()["subscriptions"]
    assert number not in [subscription["id"] for subscription in left]
    assert [subscription["next_is_fixed"] for subscription in left] == [True, False]
    assert trial_shop.get("/running-subscriptions", email="nobody@example.com").json()["count"] == 0


def test_names_for_what_was_chosen(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("wrong")
    item = trial_shop.get(f"/orders/{number}/items/kohle-500", email=email).json()
    assert (item["label"]["de"], item["send_back"]) == ("Kaffee Kohlekeller, 500 g", False)
    assert trial_shop.get(f"/orders/{number}/items/OLAV", email=email).status_code == 404
    assert trial_shop.get("/products/LINN-L").json()["price"] == "29.90"
    assert trial_shop.get("/products/NOTHING").status_code == 404
    assert trial_shop.get("/slots/2026-11-25-08").json()["label"] == {
        "de": "Mittwoch, 25.11. 8–12 Uhr",
        "en": "Wednesday, 25 November, 8 am–12 noon",
    }
    assert trial_shop.get("/slots/2026-13-25-08").status_code == 404
    assert trial_shop.get("/slots/2026-11-25-09").status_code == 404


def test_a_code_is_checked_without_changing_anything(trial_shop: TrialShop) -> None:
    email = trial_shop.own("way")[1]
    change = start(trial_shop, email)
    code, path = mailed_code(email), f"/account/email-changes/{change}/check"
    for _ in range(2):
        bad = trial_shop.post(path, {"email": email, "code": f"Es ist {wrong(code)}, glaube ich"})
        assert (bad.status_code, bad.json()["tries_left"]) == (409, 2)
    assert trial_shop.post(path, {"email": email, "code": f"Der Code lautet {code}."}).json()["valid"] is True
    assert trial_shop.post(path, {"email": STRANGER, "code": code}).status_code == 404
    assert trial_shop.get("/customers", email=email).json()["customers"]


def test_an_amount_may_name_its_currency(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("refund")
    answer = trial_shop.post(f"/orders/{number}/refunds", {"email": email, "amount": "12.90 EUR"}, "g-1")
    assert answer.json()["amount"] == "12.90"
    path = f"/orders/{number}/refunds/preview"
    assert trial_shop.get(path, email=email, amount="90.90 EUR").json()["left"] == "0.00"
    assert trial_shop.get(path, email=email, amount="90.91").json()["error"] == "too_much"
