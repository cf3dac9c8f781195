from __future__ import annotations

import re
from typing import Any

import pytest

from kulanz.core.flow import Ask, Choice, Confirm, Definition, Slot
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.flows.answers import MISSING
from kulanz.flows.proposals import Asked, Proposed, Verdict, holds, judge, may_propose, open_slots, said
from kulanz.flows.runner import open_question

TEXT = {"de": "?", "en": "?"}
SHAPES = {
    "order_number": re.compile(r"\bML-?\d{5}\b"), "quantity": re.compile(r"\d+(?= pieces)"),
    "money": re.compile(r"\d+(?:\.\d+)? EUR"),
}  # fmt: skip
KINDS = {"number": "order_number", "amount": "money", "pieces": "quantity", "which": "choice", "note": "text"}
SLOTS = {name: Slot(name, kind) for name, kind in KINDS.items()}
OPTIONS = {
    "all": {"label": {"de": "Alles", "en": "All of it"}},
    "twelve": {"label": {"de": "12 Wochen", "en": "12 weeks"}},
    "six": {"label": {"de": "6 Wochen", "en": "6 weeks"}},
    "double": {"label": {"de": "Alles", "en": "All of it"}},
}


def read(text: str) -> Reading:
    """A reading that knows the shapes above."""
    neutral = Finding("neutral", 1.0)
    entities = tuple(
        Entity(kind, m[0].replace("-", ""), 1.0, Evidence(m[0], m.start(), m.end()))
        for kind, shape in SHAPES.items()
        for m in shape.finditer(text)
    )
    return Reading(text, Finding("en", 1.0), (), 1.0, True, entities, neutral, neutral)


def flow(*steps: dict[str, Any]) -> Definition:
    return Definition("flow", "1", TEXT, (), SLOTS, steps)


def ask(slot: str, **more: Any) -> dict[str, Any]:
    return {"ask": slot, "text": TEXT, "again": TEXT, **more}


def asked(*steps: dict[str, Any]) -> Asked:
    definition = flow(*steps)
    state: dict[str, Any] = {"known": {}, "log": []}
    question = open_question(definition, state)
    assert isinstance(question, Ask)
    return Asked(definition, state, question, open_slots(definition, question, {}), "en")


def judged(about: Asked, message: str, *proposals: tuple[str, str, str]) -> Verdict:
    """`proposals` are (slot, value, words)."""
    return judge(about, [Proposed(*one) for one in proposals], read(message), read)


def codes(verdict: Verdict) -> list[str]:
    return [refused.code for refused in verdict.refused]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("the  PAN", "Keep the\npan, please", "the\npan"),
        ("pan", "frying pans", None),
        ("ten pieces", "I said ten pieces", "ten pieces"),
        ("234 EUR", "1.234 EUR", None), ("234 EUR", "1 234 EUR", None), ("5 EUR", "-5 EUR", None),
        ("1", "1,5 EUR", None), ("12", "12.", "12"), ("10234", "ML-10234", None),
        ("", "anything", None), ("…", "well …", None), ("(a+)+$", "aaaa", None),
    ],
)  # fmt: skip
def test_words_stand_whole_in_the_message(words: str, text: str, found: str | None) -> None:
    place = said(words, text)
    assert (place.text if place else None) == found
    assert place is None or text[place.start : place.end] == place.text


@pytest.mark.parametrize(
    ("kind", "value", "words", "text", "yes"),
    [
        ("order_number", "ML-10234", "m l 10 234", "it is m l 10 234, I think", True),
        ("order_number", "ML-10235", "m l 10 234", "it is m l 10 234, I think", False),
        ("order_number", "ML-1023", "m l 1023 4", "it is m l 1023 4", False),  # cut short
        ("order_number", "10234", "ML-10234", "ML-10234", False),
        ("order_number", "L-10234", "ML-10234", "ML-10234", False),
        ("order_number", "--", "ML-10234", "ML-10234", False),
        ("iban", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", True),
        ("money", "12.50 EUR", "12.50 eur", "12.50 EUR", True),
        ("money", "1250 EUR", "12.50 EUR", "12.50 EUR", False),
        ("money", "20 EUR", "20 or 30 EUR", "20 or 30 EUR", False),
        ("money", "30 USD", "30 EUR", "30 EUR", False),
        ("quantity", "2 pieces", "2 of them", "2 of them", True),
        ("quantity", "2 pieces", "both", "both", False),
        ("quantity", "234 pieces", "1 234", "1 234", False),
        ("date", "5 March", "the 5th of the month of March", "the 5th of the month of March", False),
        ("date", "5 March", "the 5 of March", "the 5 of March", True),
        ("date", "5 March", "5 or 7 March", "5 or 7 March", False),
        ("date", "7 March", "5 or 7 March", "5 or 7 March", True),
        ("address", "Weg 3, 80331 Ulm", "Weg number 3 in 80331 Ulm", "Weg number 3 in 80331 Ulm", True),
        ("address", "Weg 3, 80331 Ulm", "Weg 4, 80331 Ulm", "Weg 4, 80331 Ulm", False),
        ("address", "Weg 3, 80331 Ulm", "Weg 3a, 80331 Ulm", "Weg 3a, 80331 Ulm", False),
    ],
)  # fmt: skip
def test_words_hold_a_value_or_do_not(kind: str, value: str, words: str, text: str, yes: bool) -> None:
    place = said(words, text)
    assert place is not None
    assert holds(place, value, kind, text) is yes


def test_a_value_is_read_as_if_it_had_been_typed() -> None:
    verdict = judged(asked(ask("number")), "m l 10234, see", ("number", "ML-10234", "m l 10234"))
    assert verdict.answer == {"value": "ML10234", "also": {}, "proposed": ["number"]}
    assert [(one.slot, one.evidence.text) for one in verdict.taken] == [("number", "m l 10234")]


@pytest.mark.parametrize(
    ("slot", "value", "words", "code"),
    [
        ("confirm", "yes", "m l 10234", "not_asked"),
        ("note", "m l 10234", "m l 10234", "not_asked"),  # what takes a whole message is asked for
        ("number", "ML-10234", "ML-10234", "not_said"),
        ("number", "ML-99999", "m l 10234", "not_in_words"),
        ("number", "10234", "10234", "unreadable"),
    ],
)
def test_what_does_not_hold_is_refused(slot: str, value: str, words: str, code: str) -> None:
    verdict = judged(asked(ask("number")), "m l 10234, see", (slot, value, words))
    assert verdict.answer is MISSING
    assert (codes(verdict), verdict.taken) == ([code], ())


def test_a_value_that_the_flows_check_does_not_allow_is_none() -> None:
    about = asked(ask("pieces", check="pieces <= 3"), {"end": "solved"})
    assert codes(judged(about, "say 5", ("pieces", "5 pieces", "5"))) == ["check_failed"]
    assert judged(about, "say 3", ("pieces", "3 pieces", "3")).answer["value"] == "3"


@pytest.mark.parametrize(
    ("value", "message", "code"),
    [
        ("3", "half a dozen", ""), ("2", "6 of them", "other_number"), ("3", "6 of them", ""),
        ("0", "well", "not_offered"), ("5", "well", "not_offered"), ("-1", "well", "not_offered"),
        ("²", "well", "not_offered"), ("six", "well", "not_offered"), ("9" * 400, "well", "not_offered"),
        ("4", "the lot", "not_offered"),  # called the same as the first: a click would mean that one
    ],
)  # fmt: skip
def test_a_choice_is_one_of_those_offered(value: str, message: str, code: str) -> None:
    about = asked(ask("which", options=OPTIONS))
    verdict = judged(about, message, ("which", value, message))
    assert codes(verdict) == ([code] if code else [])
    assert verdict.answer is MISSING or verdict.answer["value"] == "six"


def test_a_second_value_goes_along_and_what_we_read_ourselves_comes_first() -> None:
    about = asked(ask("number"), ask("pieces"), ask("amount"))
    message = "m l 10234, say 3, and 20 EUR back"
    verdict = judged(
        about, message, ("number", "ML-10234", "m l 10234"), ("pieces", "3 pieces", "3"), ("amount", "20 EUR", "20 EUR")
    )
    assert verdict.answer["also"] == {"pieces": "3", "amount": "20 EUR"}
    assert verdict.answer["proposed"] == ["number", "pieces"]  # the amount was read, not proposed


def test_a_second_value_without_the_first_is_not_taken() -> None:
    verdict = judged(asked(ask("number"), ask("pieces")), "say 3", ("pieces", "3 pieces", "3"))
    assert (verdict.answer, codes(verdict)) == (MISSING, ["alone"])


def test_what_a_model_may_be_asked() -> None:
    number = asked(ask("number")).question
    assert may_propose(number, read("it is on the label"))
    assert not may_propose(number, read("Where do I find it?"))
    assert not may_propose(number, read(" "))  # a picture alone
    assert not may_propose(asked(ask("note")).question, read("broken"))
    choice = Ask(Slot("sure", "yes_no"), TEXT, TEXT, {}, (Choice(1, TEXT),))
    assert may_propose(choice, read("rather not"))
    assert not may_propose(Ask(Slot("sure", "yes_no"), TEXT, TEXT, {}), read("rather not"))
    confirming = flow({"confirm": TEXT, "again": TEXT, "declined": []}, {"call": "pay", "with": {}})
    question = open_question(confirming, {"known": {}, "log": []})
    assert isinstance(question, Confirm)
    assert not may_propose(question, read("do as you like"))
