"""Subscriptions: change, resume, cancel, restart, and the offer to stay."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kulanz.demo.conftest import STRANGER, TrialShop


def test_roast_amount_and_interval_change_up_and_down(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_active")
    path = f"/subscriptions/{number}"
    up = trial_shop.once(path + "/changes", {"email": email, "roast": "KOHLE", "amount_g": 1000}, "s-1")
    assert up["before"]["de"] == "Hausröstung, 500 g, alle 4 Wochen"
    assert up["after"]["en"] == "Kohlekeller (strong), 1 kg, every 4 weeks"
    assert (up["price_before"], up["price"]) == ("11.90", "21.90")
    down = trial_shop.post(path + "/changes", {"email": email, "amount_g": 500, "interval_weeks": 6}, "s-2").json()
    assert down["price"] == "11.90"
    state = trial_shop.get(path, email=email).json()
    assert (state["roast"], state["amount_g"], state["interval_weeks"]) == ("KOHLE", 500, 6)
    assert trial_shop.refused(path + "/changes", {"email": email, "roast": "KOHLE"}) == "no_change"


def test_a_change_right_before_a_delivery_counts_from_the_next(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_close")
    due = date.fromisoformat(trial_shop.get(f"/subscriptions/{number}", email=email).json()["next_delivery_on"])
    changed = trial_shop.post(f"/subscriptions/{number}/changes", {"email": email, "roast": "HAUS"}, "s-1").json()
    assert changed["from_delivery_on"] == (due + timedelta(weeks=4)).isoformat()


@pytest.mark.parametrize("change", [{"roast": "MILD"}, {"amount_g": 750}, {"interval_weeks": 3}])
def test_what_is_not_sold_is_not_chosen(trial_shop: TrialShop, change: dict[str, object]) -> None:
    number, email = trial_shop.own("subscription_active")
    assert trial_shop.post(f"/subscriptions/{number}/changes", {"email": email} | change, "s-1").status_code == 422


def test_a_pause_ends_early(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_paused")
    resumed = trial_shop.once(f"/subscriptions/{number}/resumption", {"email": email}, "s-1")
    assert resumed["status"] == trial_shop.get(f"/subscriptions/{number}", email=email).json()["status"] == "active"
    assert date.fromisoformat(resumed["next_delivery_on"]).weekday() == 2
    assert trial_shop.refused(f"/subscriptions/{number}/resumption", {"email": email}) == "not_paused"


def test_a_subscription_ends_and_starts_again(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_active", "en")
    path = f"/subscriptions/{number}"
    assert trial_shop.refused(path + "/restart", {"email": email}) == "not_cancelled"
    ended = trial_shop.once(path + "/cancellation", {"email": email, "reason": "too much coffee"}, "s-1")
    assert (ended["ends_on"], ended["still_delivered_on"]) == (timezone.localdate().isoformat(), None)
    assert trial_shop.refused(path + "/cancellation", {"email": email}) == "subscription_ended"
    assert trial_shop.once(path + "/restart", {"email": email}, "s-2")["status"] == "active"


def test_a_delivery_too_close_still_comes(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_close")
    ended = trial_shop.post(f"/subscriptions/{number}/cancellation", {"email": email}, "s-1").json()
    assert ended["still_delivered_on"] == (timezone.localdate() + timedelta(days=1)).isoformat()


def test_the_offer_to_stay_is_shown_once_and_taken_once(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_active")
    path = f"/subscriptions/{number}/offer"
    shown = [trial_shop.post(path, {"email": email}).json() for _ in range(2)]
    assert [offer["available"] for offer in shown] == [True, False]
    assert (shown[0]["price_now"], shown[0]["price"], shown[0]["deliveries"]) == ("11.90", "9.52", 3)
    assert trial_shop.post(path, {"email": STRANGER}).status_code == 404
    assert trial_shop.once(path + "/acceptance", {"email": email}, "o-1")["price"] == "9.52"
    assert trial_shop.refused(path + "/acceptance", {"email": email}) == "offer_used"
    state = trial_shop.get(f"/subscriptions/{number}", email=email).json()
    assert (state["discount_percent"], state["discount_left"], state["next_price"]) == (20, 3, "9.52")


def test_a_paused_subscription_gets_no_offer(trial_shop: TrialShop) -> None:
    number, email = trial_shop.own("subscription_paused")
    assert trial_shop.post(f"/subscriptions/{number}/offer", {"email": email}).json()["available"] is False
