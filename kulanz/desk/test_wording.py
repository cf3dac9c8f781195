"""What agents read: nothing of a reading is shown as a bare code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from django.utils.translation import override

from kulanz.core.reading import SignalName
from kulanz.desk import wording
from kulanz.flows.definitions import active_flows

FLOW = """
flow: visit
title: {de: Besuch, en: Visit}
intents: [visit]
steps:
  - hand_over: nobody_there
    label: {de: "Keiner in der Gegend", en: "Nobody in that area"}
"""


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


@pytest.fixture
def flow(db: None, tmp_path: Path, settings: Any) -> Iterator[None]:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "visit.yaml").write_text(FLOW, encoding="utf-8")
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    active_flows.cache_clear()
    yield
    active_flows.cache_clear()


@pytest.mark.usefixtures("flow")
def test_a_flow_words_its_own_reasons_for_calling_a_person() -> None:
    with override("de"):
        assert wording.handover_reason("nobody_there") == "Keiner in der Gegend"
        assert wording.handover_reason("wish") != "wish"
    with override("en"):
        assert wording.handover_reason("nobody_there") == "Nobody in that area"
        assert wording.handover_reason("of_old_flow") == "of old flow"
