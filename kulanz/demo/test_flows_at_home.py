"""The flows around subscriptions, the account, appointments and machines, played like the others."""

from __future__ import annotations

from typing import Any

import pytest

from kulanz.demo.conftest import LANGUAGES, Stage, known
from kulanz.demo.models import ShopCustomer, ShopSubscription
from kulanz.demo.service_models import ShopDeliverySlot, ShopMail, ShopVisit
from kulanz.demo.test_backoffice_account import mailed_code


@LANGUAGES
@pytest.mark.parametrize(
    ("answers", "after"),
    [
        ({"what": "roast", "roast": "Kohlekeller"}, ("KOHLE-500", 4)),
        ({"what": "amount", "amount_g": "1 kg"}, ("HAUS-1000", 4)),
        ({"what": "interval", "weeks": "6"}, ("HAUS-500", 6)),
    ],
)
def test_a_subscription_changes(stage: Stage, language: str, answers: dict[str, str], after: tuple[str, int]) -> None:
    who = known(stage, "subscription_active", language)
    played = stage.play("subscription_change", who, answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["change_subscription"])
    found = ShopSubscription.objects.get(pk=who["subscription_number"])
    assert (found.product_id, found.interval_weeks) == after
    assert stage.play("subscription_change", who, answers, language=language).outcome == "refused"


def test_whoever_is_signed_in_chooses_from_their_subscriptions(stage: Stage) -> None:
    number, email = stage.shop.own("subscription_close")
    signed_in = {"email": email, "customer_id": "K-11001"}
    played = stage.play("subscription_pause", signed_in, {"subscription": number, "weeks": "4 Wochen"})
    assert (played.outcome, played.writes) == ("solved", ["pause_subscription"])
    assert any("kommt noch" in text for text in played.said)
    nobody = stage.play("subscription_pause", {"email": "nobody@example.com", "customer_id": "K-1"})
    assert nobody.outcome == "refused"


@LANGUAGES
def test_a_pause_begins_and_ends(stage: Stage, language: str) -> None:
    who = known(stage, "subscription_active", language)
    assert stage.play("subscription_pause", who, {"weeks": "6"}, language=language).writes == ["pause_subscription"]
    assert stage.play("subscription_pause", who, language=language).writes == ["resume_subscription"]


@LANGUAGES
def test_the_offer_to_stay_is_made_at_most_once(stage: Stage, language: str) -> None:
    who = known(stage, "subscription_active", language)
    stay = {"wish": "behalten" if language == "de" else "keep it"}
    played = stage.play("subscription_cancel", who, stay, language=language)
    assert (played.outcome, played.writes) == ("solved", ["accept_retention_offer"])
    second = stage.play("subscription_cancel", who, language=language)  # an offer would need an answer here
    assert (second.outcome, second.writes) == ("solved", ["cancel_subscription"])
    assert stage.play("subscription_cancel", who, language=language).writes == []


def test_a_subscription_is_cancelled_in_spite_of_the_offer(stage: Stage) -> None:
    who = known(stage, "subscription_close")
    played = stage.play("subscription_cancel", who, {"wish": "Nein danke, bitte kündigen"})
    assert (played.outcome, played.writes) == ("solved", ["cancel_subscription"])
    assert "kommt noch" in played.last


@LANGUAGES
def test_an_email_address_changes_with_the_code(stage: Stage, language: str) -> None:
    _, email = stage.shop.own("way", language)

    class Codes(dict[str, Any]):
        def __missing__(self, slot: str) -> str:
            wrong = {"code": "das weiß ich nicht", "code_again": "000000"}
            return wrong.get(slot, mailed_code(email))

    answers = Codes(access="ja" if language == "de" else "yes", new_email="neu@example.com")
    played = stage.play("change_email", {"account_email": email, "new_email": email}, answers, language=language)
    assert any(email in text for text in played.said[:2])  # an address from before is not taken for the new one
    assert (played.outcome, played.writes) == ("solved", ["start_email_change", "confirm_email_change"])
    assert ShopCustomer.objects.filter(email="neu@example.com").exists()


def test_three_wrong_codes_change_nothing(stage: Stage) -> None:
    _, email = stage.shop.own("way")
    answers = {
        "access": "ja", "new_email": "neu@example.com", "code": "a", "code_again": "b1", "code_last": "c22",
    }  # fmt: skip
    played = stage.play("change_email", {"account_email": email}, answers)
    assert (played.outcome, played.writes) == ("refused", ["start_email_change"])
    assert "dreimal" in played.last


def test_an_account_that_nobody_can_get_at_is_for_people(stage: Stage) -> None:
    assert stage.play("change_email", {}, {"access": "nein"}).handover == "no_access_to_old_address"
    answers = {"access": "ja", "old_address": "nobody@example.com", "new_address": "neu@example.com"}
    unknown = stage.play("change_email", {}, answers)
    assert (unknown.outcome, unknown.writes) == ("refused", [])


@LANGUAGES
def test_password_help_says_the_same_to_everybody(stage: Stage, language: str) -> None:
    _, email = stage.shop.own("way", language)
    yes = {"arrived": "ja" if language == "de" else "yes"}
    texts = [
        stage.play("password_help", {"email": address}, yes, language=language).said
        for address in (email, "nobody@example.com")
    ]
    assert [text.replace(email, "nobody@example.com") for text in texts[0]] == texts[1]
    assert ShopMail.objects.filter(kind="password_reset").count() == 1


@LANGUAGES
def test_a_slot_is_booked_moved_and_given_back(stage: Stage, language: str) -> None:
    who = known(stage, "slot", language)
    first = {"slot": "das erste" if language == "de" else "the first"}
    assert stage.play("delivery_slot", who, first, language=language).writes == ["book_delivery_slot"]
    move = {"change": "another", "slot": "das letzte" if language == "de" else "the last"}
    assert stage.play("delivery_slot", who, move, language=language).writes == ["book_delivery_slot"]
    back = stage.play("delivery_slot", who, {"change": "give_back"}, language=language)
    assert (back.outcome, back.writes) == ("solved", ["release_delivery_slot"])
    assert not ShopDeliverySlot.objects.filter(released_at=None).exists()
    assert stage.play("delivery_slot", known(stage, "return", language), language=language).outcome == "refused"


@LANGUAGES
@pytest.mark.parametrize(("matter", "free"), [("machine", True), ("old_machine", False)])
def test_a_technician_comes(stage: Stage, language: str, matter: str, *, free: bool) -> None:
    answers = {"problem": "Pumpe", "postcode": "10115", "slot": "1"}
    played = stage.play("technician_appointment", known(stage, matter, language), answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["book_technician"])
    assert (ShopVisit.objects.get().fee == 0) is free


def test_where_no_technician_comes(stage: Stage) -> None:
    answers = {"problem": "Pumpe", "postcode": "8010"}
    assert stage.play("technician_appointment", known(stage, "machine"), answers).handover == "no_technician_there"
    assert stage.play("technician_appointment", known(stage, "exchange"), answers).handover == "no_appliance"


TROUBLES = [
    ({"symptom": "dead", "socket": "nothing"}, "solved"),
    ({"symptom": "dead", "socket": "works", "switched": "works"}, "solved"),
    ({"symptom": "no_coffee", "tank": "water", "grind": "works"}, "solved"),
    ({"symptom": "no_coffee", "tank": "dry", "descaled": "long_ago", "after_descaling": "works"}, "solved"),
    ({"symptom": "leaks", "where": "tank", "reseated": "works"}, "solved"),
    ({"symptom": "leaks", "where": "portafilter", "seal": "still", "next": "send_in"}, "handed_over"),
    ({"symptom": "leaks", "where": "inside", "next": "send_in"}, "handed_over"),
    ({"symptom": "light", "colour": "orange", "orange_off": "works"}, "solved"),
    ({"symptom": "light", "colour": "red", "red_off": "works"}, "solved"),
    ({"symptom": "light", "colour": "blue", "blue_off": "works"}, "solved"),
]


@LANGUAGES
@pytest.mark.parametrize(("answers", "outcome"), TROUBLES)
def test_a_machine_is_looked_into(stage: Stage, language: str, answers: dict[str, str], outcome: str) -> None:
    said = {"machine": "korva", **answers}
    assert (
        stage.play("troubleshoot_machine", known(stage, "machine", language), said, language=language).outcome
        == outcome
    )


@LANGUAGES
def test_the_longest_way_ends_with_a_technician(stage: Stage, language: str) -> None:
    answers = {
        "machine": "korva", "symptom": "no_coffee", "tank": "dry", "descaled": "long_ago", "after_descaling": "still",
        "next": "technician", "problem": "kein Wasser", "postcode": "20095", "slot": "1",
    }  # fmt: skip
    who = known(stage, "machine", language)
    played = stage.play("troubleshoot_machine", who, answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["book_technician"])
    assert len(played.said) >= 9
