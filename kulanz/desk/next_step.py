"""The step that a colleague would suggest. Rules, so that every suggestion can be explained."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kulanz.desk import wording
from kulanz.desk.case import Case


def suggest(case: Case) -> str:
    """One or two sentences in the active language."""
    first = _danger(case) or _mood(case)
    return " ".join(filter(None, (first, _matter(case))))


def _danger(case: Case) -> str:
    for call in reversed(case.calls):
        if call.status in {"unknown", "started"}:
            return _("Check in the back office whether “{action}” took place before you repeat it.").format(
                action=wording.action_label(call.action)
            )
    if case.handovers and case.handovers[-1].reason == "sensitive":
        return _("A sensitive matter: read the whole conversation before you answer.")
    return ""


def _mood(case: Case) -> str:
    readings = [s.reading for s in case.by_customer() if s.reading]
    if readings and readings[-1].emotion.value in {"frustrated", "disappointed"}:
        return _("Acknowledge the trouble first.")
    return ""


def _matter(case: Case) -> str:
    readings = [s.reading for s in reversed(case.by_customer()) if s.reading]
    intent = next((r.intent for r in readings if r.intent), None)
    number = next((e for r in readings for e in r.entities if e.kind in {"order_number", "invoice_number"}), None)
    if intent and number:
        return _("Look up {number} and settle: {matter}.").format(
            number=number.value, matter=wording.intent_label(intent.value)
        )
    if intent:
        return _("Settle: {matter}.").format(matter=wording.intent_label(intent.value))
    if number:
        return _("Look up {number} and ask what is wanted.").format(number=number.value)
    return _("The matter was not recognised: go by the customer's own words.")
