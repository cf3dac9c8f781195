"""A customer's message as the answer to a flow's open question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kulanz.core.files import KINDS
from kulanz.core.flow import Ask, Confirm, Definition, answer, effects_of
from kulanz.core.reading import Reading
from kulanz.flows.choosing import MISSING, changed, chosen, says_only
from kulanz.flows.sent import sent

__all__ = ["MISSING", "also_said", "answer_to", "choice_changed", "names_answer"]


def answer_to(question: Ask | Confirm, reading: Reading, definition: Definition) -> Any:
    """The message as an answer (see `kulanz.core.flow.answer`), or MISSING where it is none. What it says about
    other slots goes along."""
    if isinstance(question, Confirm):
        if reading.signal("denies"):
            return answer(False, said=reading.text)
        return answer(True, said=reading.text) if reading.signal("affirms") else MISSING
    value = sent(question, reading) if question.slot.entity in KINDS else _value(question, reading)
    return MISSING if value is MISSING else answer(value, also=also_said(question, reading, definition))


def _value(question: Ask, reading: Reading) -> Any:
    if question.choices:
        return chosen(question.choices, reading.text)
    if question.slot.entity == "text":
        return reading.text.strip() or MISSING
    if question.slot.entity == "yes_no":
        return bool(reading.signal("affirms")) if reading.signal("affirms") or reading.signal("denies") else MISSING
    entity = reading.entity(question.slot.entity)
    return entity.value if entity else MISSING


def also_said(question: Ask, reading: Reading, definition: Definition) -> dict[str, str]:
    """Values of other slots in the same message; a kind that is asked for now belongs to the question."""
    others = [s for s in definition.slots.values() if s.entity not in {"text", "choice", question.slot.entity}]
    found = {slot.name: reading.entity(slot.entity) for slot in others}
    return {name: entity.value for name, entity in found.items() if entity}


def names_answer(question: Ask | Confirm, reading: Reading) -> Literal["", "one", "only"]:
    """Whether the message names one of the offered answers, and nothing else."""
    if isinstance(question, Confirm) or not question.choices:
        return ""
    if chosen(question.choices, reading.text) is MISSING:
        return ""
    return "only" if says_only(question.choices, reading.text) else "one"


def choice_changed(definition: Definition, state: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """The slot with its new value where somebody who was asked for a yes names another of the answers that were offered
    before ("no, the other one"); the latest question first. Empty where nothing is changed."""
    if not (reading.signal("denies") or reading.signal("corrects")):
        return {}
    done = effects_of(definition, state["known"], state["log"])
    asked = [
        (e, result["value"]) for e, result in done if isinstance(e, Ask) and e.choices and e.slot.entity not in KINDS
    ]
    for question, old in reversed(asked):
        value = changed(question.choices, old, reading.text)
        if value is not MISSING:
            return {question.slot.name: value}
    return {}
