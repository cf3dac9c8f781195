"""The engine: the same log always leads to the same place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.flow import Ask, Call, Confirm, Definition, HandOver, Say, Slot, Wait, answer, fill, fill_value, run

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


def play(
    results: list[Any], known: dict[str, Any] | None = None, flow: Definition = FLOW
) -> tuple[list[Any], str | None]:
    """The effects seen while feeding the results, and the outcome if the flow ended."""
    generator = run(flow, known or {})
    effects: list[Any] = []
    try:
        effects.append(generator.send(None))
        for result in results:
            effects.append(generator.send(result))
    except StopIteration as end:
        return effects, end.value
    return effects, None


DONE = {"status": "done", "data": {"open": True}}
NUMBER, YES = answer("ML-1"), answer(True, said="ja", occasion=0)


def test_a_write_comes_only_after_yes() -> None:
    effects, outcome = play([NUMBER, DONE, YES, {"status": "done", "data": {}}, None])
    assert [type(e) for e in effects] == [Ask, Call, Confirm, Call, Say]
    assert outcome == "solved"


def test_no_ends_the_flow_without_a_write() -> None:
    effects, outcome = play([NUMBER, DONE, answer(False), None])
    assert [e.action for e in effects if isinstance(e, Call)] == ["get"]
    assert outcome == "declined"


def test_a_known_slot_is_not_asked() -> None:
    effects, _ = play([], {"number": "ML-7"})
    assert isinstance(effects[0], Call)
    assert effects[0].arguments == {"n": "ML-7"}


def test_a_refused_call_takes_its_branch() -> None:
    assert play([NUMBER, {"status": "refused", "data": {}}, None])[1] == "refused"


def test_an_unknown_outcome_without_a_branch_goes_to_a_person() -> None:
    effects, outcome = play([NUMBER, DONE, YES, {"status": "unknown", "data": {}}, None])
    assert isinstance(effects[-1], HandOver)
    assert outcome == "handed_over"


@given(st.lists(st.booleans(), max_size=1), st.booleans())
def test_a_replayed_log_stands_where_it_stood(answers: list[bool], is_open: bool) -> None:
    log: list[Any] = [NUMBER, {"status": "done", "data": {"open": is_open}}, *map(answer, answers)]
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


def flow(
    *steps: dict[str, Any], slots: tuple[str, ...] = ("number", "item", "weeks"), **parts: Definition
) -> Definition:
    return Definition("f", "1", TEXT, (), {name: Slot(name, "text") for name in slots}, steps, parts=parts)


ASKED = {"text": TEXT, "again": TEXT}
GET = {"call": "get", "into": "order"}
ITEMS = {"from": "order.items", "value": "{choice.sku}", "label": {"de": "{choice.name.de}", "en": "{choice.name.en}"}}


def got(*skus: str) -> dict[str, Any]:
    return {"status": "done", "data": {"items": [{"sku": s, "name": {"de": f"Ding {s}", "en": s}} for s in skus]}}


def test_the_yes_goes_along_with_the_call_it_was_given_for() -> None:
    effects, _ = play([NUMBER, DONE, YES, {"status": "done", "data": {}}, None])
    confirm = next(e for e in effects if isinstance(e, Confirm))
    call = next(e for e in effects if isinstance(e, Call) and e.action == "cancel")
    assert (confirm.call.action, confirm.call.arguments) == (call.action, call.arguments)
    assert call.consent == YES
    assert not effects[1].consent


def test_choices_come_from_a_call_and_are_shown_in_the_customers_language() -> None:
    effects, _ = play([got("A", "B")], flow=flow(GET, {"ask": "item", "choices": ITEMS, **ASKED}))
    assert [(choice.value, choice.label["de"]) for choice in effects[-1].choices] == [("A", "Ding A"), ("B", "Ding B")]


def test_the_only_choice_is_taken_without_a_question() -> None:
    effects, outcome = play([got("A")], flow=flow(GET, {"ask": "item", "choices": ITEMS, **ASKED}))
    assert (len(effects), outcome) == (1, "solved")


def test_without_anything_to_choose_the_flow_says_so() -> None:
    steps = flow(GET, {"ask": "item", "choices": ITEMS, **ASKED, "none": [{"say": TEXT}, {"end": "refused"}]})
    assert play([got(), None], flow=steps)[1] == "refused"


def test_a_second_thing_said_at_once_is_not_asked_for() -> None:
    asked = flow({"ask": "number", **ASKED}, {"ask": "weeks", **ASKED})
    assert play([answer("ML-1", also={"weeks": "3"})], flow=asked)[1] == "solved"


def test_an_answer_that_fails_the_check_is_asked_for_twice_and_then_a_person_comes() -> None:
    asked = flow({"ask": "weeks", **ASKED, "check": "weeks <= 12", "invalid": {"de": "1 bis 12", "en": "1 to 12"}})
    effects, outcome = play([answer("99"), answer("13"), None], flow=asked)
    assert [getattr(e, "text", {}).get("de") for e in effects] == ["de {number}", "1 bis 12", None]
    assert outcome == "handed_over"
    assert play([answer("99"), answer("4")], flow=asked)[1] == "solved"


def test_each_way_of_a_choice_has_its_own_steps() -> None:
    ways = {"a": {"label": TEXT, "then": [{"end": "declined"}]}, "b": {"label": TEXT}}
    assert play([answer("a")], flow=flow({"choose": "way", **ASKED, "options": ways}))[1] == "declined"
    assert play([answer("b")], flow=flow({"choose": "way", **ASKED, "options": ways}))[1] == "solved"
    assert play([], {"way": "a"}, flow=flow({"choose": "way", **ASKED, "options": ways}))[1] == "declined"


def test_a_part_shares_the_slots_and_gives_its_values_back() -> None:
    part = flow({"ask": "number", **ASKED}, GET)
    whole = flow({"do": "part", "into": "found"}, {"if": "found.order.open", "else": [{"end": "refused"}]}, part=part)
    assert play([NUMBER, DONE], flow=whole)[1] == "solved"
    assert play([DONE], {"number": "ML-2"}, flow=whole)[1] == "solved"
    assert play([NUMBER, {"status": "done", "data": {}}], flow=whole)[1] == "refused"


def test_waiting_ends_with_the_event_or_with_the_time() -> None:
    waits = flow({"wait_for": "parcel_back", "key": "{number}", "at_most": "14d", "late": [{"end": "refused"}]})
    effects, _ = play([], {"number": "RT-1"}, flow=waits)
    assert effects == [Wait("parcel_back", "RT-1", 14 * 86_400.0, None, {"number": "RT-1"})]
    assert play([{"late": False, "data": {}}], flow=waits)[1] == "solved"
    assert play([{"late": True, "data": {}}], flow=waits)[1] == "refused"


def test_set_gives_names_to_values() -> None:
    named = flow({"set": {"city": "{order.to.city}"}}, {"if": "city == 'Köln'", "then": [{"end": "declined"}]})
    assert play([], {"order": {"to": {"city": "Köln"}}}, flow=named)[1] == "declined"
