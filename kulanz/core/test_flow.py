"""The engine: the same log always leads to the same place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.flow import Ask, Call, Confirm, Definition, HandOver, Say, Slot, fill, fill_value, run

TEXT = {"de": "de {number}", "en": "en {number}"}
FLOW = Definition(
    name="cancel",
    version="1",
    title=TEXT,
    intents=("cancel",),
    slots={"number": Slot("number", "order_number")},
    steps=(
        {"ask": "number", "text": TEXT, "again": TEXT},
        {"call": "get", "with": {"n": "{number}"}, "into": "order", "on_refused": [{"say": TEXT}, {"end": "refused"}]},
        {
            "if": "order.open",
            "then": [
                {"confirm": TEXT, "again": TEXT, "declined": [{"say": TEXT}]},
                {"call": "cancel", "with": {"n": "{number}"}, "into": "receipt"},
            ],
            "else": [{"hand_over": "too_late"}],
        },
        {"say": TEXT},
    ),
)


def play(results: list[Any], known: dict[str, str] | None = None) -> tuple[list[object], str | None]:
    """The effects seen while feeding the results, and the outcome if the flow ended."""
    generator = run(FLOW, known or {})
    effects: list[object] = []
    try:
        effects.append(generator.send(None))
        for result in results:
            effects.append(generator.send(result))
    except StopIteration as end:
        return effects, end.value
    return effects, None


DONE = {"status": "done", "data": {"open": True}}


def test_a_write_comes_only_after_yes() -> None:
    effects, outcome = play(["ML-1", DONE, True, {"status": "done", "data": {}}, None])
    assert [type(e) for e in effects] == [Ask, Call, Confirm, Call, Say]
    assert outcome == "solved"


def test_no_ends_the_flow_without_a_write() -> None:
    effects, outcome = play(["ML-1", DONE, False, None])
    assert [e.action for e in effects if isinstance(e, Call)] == ["get"]
    assert outcome == "declined"


def test_a_known_slot_is_not_asked() -> None:
    effects, _ = play([], {"number": "ML-7"})
    assert isinstance(effects[0], Call)
    assert effects[0].arguments == {"n": "ML-7"}


def test_a_refused_call_takes_its_branch() -> None:
    assert play(["ML-1", {"status": "refused", "data": {}}, None])[1] == "refused"


def test_an_unknown_outcome_without_a_branch_goes_to_a_person() -> None:
    effects, outcome = play(["ML-1", DONE, True, {"status": "unknown", "data": {}}, None])
    assert isinstance(effects[-1], HandOver)
    assert outcome == "handed_over"


@given(st.lists(st.booleans(), max_size=1), st.booleans())
def test_a_replayed_log_stands_where_it_stood(answers: list[bool], is_open: bool) -> None:
    log: list[Any] = ["ML-1", {"status": "done", "data": {"open": is_open}}, *answers]
    log = log if is_open else log[:2]
    assert play(log) == play(list(log))


def test_texts_are_filled_in_the_customers_way() -> None:
    values = {"order": {"total": "1234.5", "on": "2026-11-09", "text": {"de": "unterwegs", "en": "on its way"}}}
    text = "{order.total|money} {order.on|date} {order.text} {order.nothing}"
    assert fill(text, values, "de") == "1.234,50 09.11.2026 unterwegs"
    assert fill(text, values, "en") == "1,234.50 9/11/2026 on its way"


def test_a_customers_words_are_never_a_template() -> None:
    assert fill("{name}", {"name": "{order.total}", "order": {"total": 5}}, "en") == "{order.total}"


def test_a_lone_place_keeps_its_type() -> None:
    assert fill_value("{n}", {"n": 5}) == 5
    assert fill_value("x{n}", {"n": 5}) == "x5"
