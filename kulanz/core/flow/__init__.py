"""Flows: a matter solved step by step, in small kinds of steps that do nothing themselves."""

from kulanz.core.flow.conditions import check_condition, holds
from kulanz.core.flow.definition import Definition, Slot, Texts
from kulanz.core.flow.effects import (
    Ask,
    Call,
    Choice,
    Confirm,
    Effect,
    HandOver,
    Outcome,
    Run,
    Say,
    Wait,
    answer,
)
from kulanz.core.flow.engine import effects_of, going_on, replay, run
from kulanz.core.flow.texts import fill, fill_value, lookup, number_of

__all__ = [
    "Ask", "Call", "Choice", "Confirm", "Definition", "Effect", "HandOver", "Outcome", "Run", "Say", "Slot", "Texts",
    "Wait", "answer", "check_condition", "effects_of", "fill", "fill_value",
    "going_on", "holds", "lookup", "number_of", "replay", "run",
]  # fmt: skip
