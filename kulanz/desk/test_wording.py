"""What agents read: nothing of a reading is shown as a bare code."""

from __future__ import annotations

from typing import get_args

from django.utils.translation import override

from kulanz.core.reading import SignalName
from kulanz.desk import wording


def test_every_signal_and_entity_has_a_name() -> None:
    assert set(get_args(SignalName)) == wording.SIGNALS.keys()
    kinds = [
        "order_number",
        "invoice_number",
        "customer_number",
        "email",
        "phone",
        "money",
        "date",
        "iban",
        "card",
        "quantity",
        "address",
    ]
    with override("en"):
        names = [wording.entity_label(kind) for kind in kinds]
    assert names == [
        "Order number", "Invoice number", "Customer number", "E-mail", "Phone", "Amount", "Date", "IBAN", "Card number",
        "Quantity", "Address",
    ]  # fmt: skip


def test_languages_by_name_and_unknown_ones_by_code() -> None:
    with override("de"):
        assert (wording.language_label("fr"), wording.language_label("xx")) == ("Französisch", "xx")
