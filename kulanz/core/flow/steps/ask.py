"""`ask`: fill a slot, from what is known, from a list of choices, or by a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kulanz.core.files import KINDS
from kulanz.core.flow.conditions import holds
from kulanz.core.flow.definition import Texts
from kulanz.core.flow.effects import Ask, Choice, HandOver, Steps
from kulanz.core.flow.state import Ended, State, Step
from kulanz.core.flow.texts import fill, fill_value, lookup

MOST_TRIES = 2
"""Answers that may fail the `check` before a person takes over."""


def play(step: Step, state: State, here: str) -> Steps:
    slot = state.slot(step["ask"])
    choices = choices_of(step, state.values)
    if "choices" in step and not choices:
        state.values[slot.name] = None
        yield from state.inner(step.get("none") or [{"hand_over": "nothing_to_choose"}], state, f"{here}/none")
        return
    if len(choices) == 1 and step.get("only") != "ask" and slot.entity not in KINDS:
        state.values[slot.name] = choices[0].value
        return
    tries, text = 0, step["text"]
    while not _fits(step, slot.name, state.values, choices):
        if tries == MOST_TRIES:
            yield HandOver("answer_refused")
            raise Ended("handed_over")
        if state.values.pop(slot.name, None) is not None and "invalid" in step:
            text = step["invalid"]
        answer = yield Ask(slot, text, step["again"], dict(state.values), choices)
        state.values[slot.name] = answer["value"]
        state.take(answer)
        tries += 1
        text = step.get("invalid", step["again"])


def _fits(step: Step, name: str, values: Mapping[str, Any], choices: tuple[Choice, ...]) -> bool:
    value = values.get(name)  # a mapping is something that was sent
    if value is None or value == "":
        return False
    if choices and not isinstance(value, Mapping) and value not in [choice.value for choice in choices]:
        return False
    return "check" not in step or holds(step["check"], values)


def choices_of(step: Step, values: Mapping[str, Any]) -> tuple[Choice, ...]:
    """What may be answered: `choices` from a list in the values (usually a call's answer), then fixed `options`."""
    found = [_fixed(value, option) for value, option in (step.get("options") or {}).items()]
    if source := step.get("choices"):
        rows = lookup(source["from"], values)
        found = [_listed(source, row, values) for row in rows if isinstance(rows, list)] + found if rows else found
    return tuple(found)


def _fixed(value: str, option: Mapping[str, Any]) -> Choice:
    label: Texts = option["label"]
    return Choice(value, label, {code: tuple(words) for code, words in (option.get("words") or {}).items()})


def _listed(source: Mapping[str, Any], row: Any, values: Mapping[str, Any]) -> Choice:
    inside = {**values, "choice": row}
    value = fill_value(source["value"], inside)
    return Choice(value, {code: fill(text, inside, code) for code, text in source["label"].items()})
