"""The flows around orders and money, played against the back office in both languages.

The customer here says exactly what is asked; how real words are understood is tested where they are read.
"""

from __future__ import annotations

import pytest

from kulanz.core.files import File
from kulanz.demo.conftest import LANGUAGES, NO, Stage, known
from kulanz.demo.models import ShopOrder
from kulanz.demo.service_models import ShopAddressChange, ShopClaim
from kulanz.flows.sent import file_value


@LANGUAGES
def test_a_late_parcel_is_told_with_its_reason(stage: Stage, language: str) -> None:
    played = stage.play("order_status", known(stage, "late", language), language=language)
    assert played.outcome == "solved"
    assert ("falsch sortiert" if language == "de" else "wrong depot") in played.last


@LANGUAGES
def test_an_order_is_cancelled(stage: Stage, language: str) -> None:
    who = known(stage, "cancel", language)
    assert stage.play("cancel_order", who, agree=NO, language=language).outcome == "declined"
    assert stage.play("cancel_order", who, language=language).writes == ["cancel_order"]
    assert stage.play("cancel_order", who, language=language).outcome == "refused"


@LANGUAGES
def test_an_address_is_changed(stage: Stage, language: str) -> None:
    who = known(stage, "address", language)
    played = stage.play("change_address", who, {"address": "Neuer Weg 3, 10999 Berlin"}, language=language)
    assert (played.outcome, played.writes) == ("solved", ["change_delivery_address"])
    assert ShopAddressChange.objects.get(order=who["order_number"]).new["street"] == "Neuer Weg 3"


def test_half_an_address_is_asked_for_again(stage: Stage) -> None:
    answers = {"address": "Neuer Weg 3", "whole_address": "Neuer Weg 3, 10999 Berlin"}
    assert stage.play("change_address", known(stage, "address"), answers).outcome == "solved"
    answers["whole_address"] = "zu meiner Tante"
    assert stage.play("change_address", known(stage, "address"), answers).handover == "address_unclear"
    assert stage.play("change_address", known(stage, "way"), answers).outcome == "refused"


@LANGUAGES
def test_one_item_or_all_go_back(stage: Stage, language: str) -> None:
    who = known(stage, "return", language)
    one = {"scope": "nur einen" if language == "de" else "just one", "sku": "OLAV"}
    everything = {"scope": "alles" if language == "de" else "everything"}
    played = stage.play("return_item", who, one, language=language)
    assert (played.outcome, played.writes) == ("solved", ["announce_return"])
    assert "/labels/" in played.last
    assert stage.play("return_item", who, one, language=language).outcome == "refused"
    assert stage.play("return_item", who, everything, language=language).writes == ["announce_return"]
    assert stage.play("return_item", who, everything, language=language).outcome == "refused"


def test_a_single_item_needs_no_question(stage: Stage) -> None:
    late = stage.play("return_item", known(stage, "return_late"))
    assert (late.outcome, late.writes) == ("refused", [])
    assert "30 Tagen" in late.last


@LANGUAGES
def test_money_goes_back_for_a_late_delivery(stage: Stage, language: str) -> None:
    who = known(stage, "refund", language)
    answers = {"why": "spät" if language == "de" else "late", "note": "…", "amount": "10.00 EUR"}
    played = stage.play("refund", who, answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["refund_amount"])
    assert ("10,00" if language == "de" else "10.00") in played.last
    assert stage.play("refund", known(stage, "on_invoice", language), answers, language=language).outcome == "refused"


def test_a_refund_for_a_broken_item_goes_the_right_way(stage: Stage) -> None:
    answers = {
        "why": "kaputt",
        "kind": "beschädigt",
        "photo": "kein Foto",
        "damage": "Sprung",
        "solution": "Geld zurück",
    }
    played = stage.play("refund", known(stage, "damaged"), answers)
    assert (played.outcome, played.writes) == ("solved", ["claim_item"])
    back = stage.play("refund", known(stage, "exchange"), {"why": "gefällt nicht"})
    assert back.writes == ["announce_return"]


@LANGUAGES
def test_a_size_is_exchanged(stage: Stage, language: str) -> None:
    answers = {"new_sku": "Schürze Linn, Größe L" if language == "de" else "Linn apron, size L"}
    played = stage.play("exchange_item", known(stage, "exchange", language), answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["exchange_item"])


def test_another_price_is_for_people(stage: Stage) -> None:
    assert stage.play("exchange_item", known(stage, "machine")).handover == "exchange_other_price"


@LANGUAGES
@pytest.mark.parametrize("solution", ["replacement", "refund"])
def test_a_broken_item_is_put_right(stage: Stage, language: str, solution: str) -> None:
    photo = file_value([File("foto-1", "becher.jpg", "image/jpeg")], "")
    answers = {"kind": "damaged", "photo": photo, "solution": solution}
    played = stage.play("wrong_or_broken_item", known(stage, "damaged", language), answers, language=language)
    assert (played.outcome, played.writes) == ("solved", ["claim_item"])
    claim = ShopClaim.objects.get()
    assert (claim.solution, claim.photo) == (solution, "foto-1")
    again = stage.play("wrong_or_broken_item", known(stage, "damaged", language), answers, language=language)
    assert again.handover == "claimed_before"


def test_some_of_several_pieces_are_missing(stage: Stage) -> None:
    answers = {"sku": "Feierabend", "kind": "fehlt", "pieces": "1", "solution": "Ersatz"}
    played = stage.play("wrong_or_broken_item", known(stage, "missing"), answers)
    assert (played.outcome, ShopClaim.objects.get().quantity) == ("solved", 1)
    early = stage.play("wrong_or_broken_item", known(stage, "way"), answers)
    assert early.handover == "claim_before_delivery"


@LANGUAGES
def test_an_invoice_is_sent_again(stage: Stage, language: str) -> None:
    played = stage.play("invoice_copy", known(stage, "invoice", language), language=language)
    assert (played.outcome, played.writes) == ("solved", ["send_invoice_copy"])
    assert stage.play("invoice_copy", known(stage, "cancel", language), language=language).outcome == "refused"


@LANGUAGES
def test_a_double_charge_is_given_back(stage: Stage, language: str) -> None:
    who = known(stage, "double", language)
    assert stage.play("double_charge", who, language=language).writes == ["reverse_charge"]
    assert stage.play("double_charge", who, language=language).handover == "double_charge_not_found"
    reserved = stage.play("double_charge", known(stage, "reserved", language), language=language)
    assert (reserved.outcome, reserved.writes) == ("solved", [])


@LANGUAGES
def test_a_failed_payment_gets_a_link(stage: Stage, language: str) -> None:
    played = stage.play("payment_failed", known(stage, "failed", language), language=language)
    assert (played.outcome, played.writes) == ("solved", ["send_payment_link"])
    for matter in ("way", "on_invoice"):
        fine = stage.play("payment_failed", known(stage, matter, language), language=language)
        assert (fine.outcome, fine.writes) == ("solved", [])
    checkout = stage.play(
        "payment_failed", {}, {"where": "Kasse" if language == "de" else "checkout"}, language=language
    )
    assert (checkout.outcome, checkout.writes) == ("solved", [])


@pytest.mark.parametrize("flow", ["change_address", "return_item", "double_charge", "invoice_copy", "order_status"])
def test_a_foreign_order_is_refused_like_an_unknown_one(stage: Stage, flow: str) -> None:
    number, _ = stage.shop.own("way")
    foreign = stage.play(flow, {"order_number": number, "email": "ben.muster@example.com"})
    unknown = stage.play(flow, {"order_number": "ML-99999", "email": "ben.muster@example.com"})
    assert foreign.outcome == unknown.outcome == "refused"
    assert foreign.said == [text.replace("ML-99999", number) for text in unknown.said]


WRITING = ["change_address", "invoice_copy", "double_charge", "payment_failed", "exchange_item"]


@pytest.mark.parametrize("flow", WRITING)
def test_a_no_changes_nothing(stage: Stage, flow: str) -> None:
    matters = {
        "change_address": "address", "invoice_copy": "invoice", "double_charge": "double", "payment_failed": "failed",
        "exchange_item": "exchange",
    }  # fmt: skip
    answers = {"address": "Neuer Weg 3, 10999 Berlin", "new_sku": "LINN-L"}
    before = list(ShopOrder.objects.order_by("pk").values())
    played = stage.play(flow, known(stage, matters[flow]), answers, agree=NO)
    assert (played.outcome, played.writes) == ("declined", [])
    assert list(ShopOrder.objects.order_by("pk").values()) == before
