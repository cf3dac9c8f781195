"""Another delivery address before packing, and back."""

from __future__ import annotations

import pytest

from kulanz.demo.conftest import STRANGER, TrialShop

NEW = {"street": "Neue Straße 3", "postcode": "10999", "city": "Berlin"}


def test_an_open_order_moves_and_moves_back(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("address")
    before = trial_shop.get(f"/orders/{number}/address", email=email).json()
    assert before["changeable"] is True
    changed = trial_shop.once(f"/orders/{number}/address", NEW | {"email": email}, "a-1")
    assert changed["line"] == f"{before['address']['name']}, Neue Straße 3, 10999 Berlin"
    assert changed["previous_line"] == before["line"]
    undo = {"email": email, "change": changed["change"]}
    back = trial_shop.once(f"/orders/{number}/address/undo", undo, "a-2")
    assert back["line"] == before["line"]
    assert trial_shop.get(f"/orders/{number}/address", email=email).json() == before
    assert trial_shop.refused(f"/orders/{number}/address/undo", undo) == "not_undoable"


def test_only_the_newest_change_is_undone(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("address")
    first = trial_shop.post(f"/orders/{number}/address", NEW | {"email": email}, "a-1").json()
    trial_shop.post(f"/orders/{number}/address", NEW | {"email": email, "street": "Andere 4"}, "a-2")
    undo = {"email": email, "change": first["change"]}
    assert trial_shop.refused(f"/orders/{number}/address/undo", undo) == "not_undoable"
    assert "Andere 4" in trial_shop.get(f"/orders/{number}/address", email=email).json()["line"]


@pytest.mark.parametrize("matter", ["packed", "way", "return"])
def test_after_packing_the_address_stays(trial_shop: TrialShop, matter: str) -> None:
    number, email = trial_shop.own(matter)
    answer = trial_shop.get(f"/orders/{number}/address", email=email).json()
    assert answer["changeable"] is False
    assert answer["changeable_reason"]["de"]
    assert trial_shop.refused(f"/orders/{number}/address", NEW | {"email": email}) == "address_fixed"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"country": "AT", "postcode": "8010"}, "other_country"),
        ({"postcode": "1099"}, "invalid_postcode"),
        ({"postcode": "1099x"}, "invalid_postcode"),
    ],
)
def test_addresses_that_do_not_fit(trial_shop: TrialShop, change: dict[str, str], error: str) -> None:
    number, email = trial_shop.own("address")
    assert trial_shop.refused(f"/orders/{number}/address", NEW | {"email": email} | change) == error


def test_a_stranger_learns_nothing(trial_shop: TrialShop) -> None:
    number, _ = trial_shop.own("address")
    foreign = trial_shop.get(f"/orders/{number}/address", email=STRANGER)
    unknown = trial_shop.get("/orders/ML-99999/address", email=STRANGER)
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
    assert foreign.status_code == 404
