"""A simulated customer reacts to what was done, and the judge sees what went wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.simulation.customer import Customer, Line
from kulanz.simulation.dialogue import Dialogue, Turn
from kulanz.simulation.judge import judge
from kulanz.simulation.scenario import Goal, Scenario, Seen, Twist, Wish
from kulanz.simulation.wording import Speech

CANCEL = Wish({"en": (("Cancel it",), ("Call it off",))}, (Goal("action", ("cancel_order",), "ML-1"),))
SCENARIO = Scenario("cancels", "test", (CANCEL,), knows={"order_number": {"en": ("ML-1",)}}, thanks=0, protests=1)
ASKS_NUMBER = Seen("ask", "cancel_order", flow="cancel_order", awaits="order_number", entity="order_number")
ASKS_YES = Seen("ask", "cancel_order", flow="cancel_order", awaits="confirm", values=("ML-1",))
DONE = Seen("act", "cancel_order", flow="cancel_order", outcome="solved", done=(("cancel_order", ("ML-1",)),))
UNCLEAR = Seen("ask", "unclear", ("unclear",), replies=(("assistant", "What do you mean?"),))
WRONG = Seen("answer", "p1", ("passage",), articles=("pan-care",))
WAITING = Seen("hand_over", "wish", ("wants_person",), holder="waiting")


def customer(scenario: Scenario = SCENARIO, seed: int = 1) -> Customer:
    dice = random.Random(seed)
    return Customer(scenario, "en", dice, Speech("en", dice, scenario.moods, scenario.typos, scenario.style))


def talk(scenario: Scenario, *seen: Seen) -> Dialogue:
    """The dialogue with an assistant who does just this, whatever the customer says."""
    who = customer(scenario)
    turns, line = [], who.open()
    for one in seen:
        turns.append(Turn(line, one))
        following = who.react(one)
        if following is None:
            break
        line = following
    return Dialogue(scenario, "en", 1, tuple(turns), who.end, not who.goals, tuple(who.all_goals), UUID(int=1))


def test_slots_and_the_confirmation_come_from_the_facts() -> None:
    dialogue = talk(SCENARIO, ASKS_NUMBER, ASKS_YES, DONE)
    assert [t.line.intention for t in dialogue.turns] == ["wish", "slot", "yes"]
    assert "ML-1" in dialogue.turns[1].line.texts[0]
    assert judge(dialogue).verdict == "resolved"
    assert not judge(dialogue).breaches


def test_nobody_says_yes_to_the_wrong_order() -> None:
    who = customer()
    who.open()
    line = who.react(replace(ASKS_YES, values=("ML-2",)))
    assert line is not None
    assert line.intention == "no"


def test_patience_ends_in_the_wish_for_a_person() -> None:
    dialogue = talk(replace(SCENARIO, patience=2), UNCLEAR, WRONG, WAITING)
    assert [t.line.intention for t in dialogue.turns] == ["wish", "again", "person"]
    assert judge(dialogue).verdict == "handed_over_late"


def test_silence_after_a_wrong_answer_is_no_success() -> None:
    dialogue = talk(replace(SCENARIO, protests=0), WRONG)
    assert dialogue.end == "silent"
    assert judge(dialogue).verdict == "wrongly_closed"


def test_a_changed_mind_changes_what_is_right() -> None:
    stays = Wish({"en": (("No, keep it",),)}, (Goal("flow", ("cancel_order",), outcome="declined"),))
    scenario = replace(SCENARIO, twists=(Twist("confirm", 1.0, stays),))
    declined = Seen("act", "cancel_order", flow="cancel_order", outcome="declined")
    assert judge(talk(scenario, ASKS_YES, declined)).verdict == "resolved"
    assert judge(talk(scenario, ASKS_YES, DONE)).verdict == "wrongly_closed"


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        ((DONE,), "done_unconfirmed"),
        ((UNCLEAR, replace(UNCLEAR, replies=())), "two_questions_in_row"),
        ((UNCLEAR, WRONG, replace(UNCLEAR, replies=()), WRONG, replace(UNCLEAR, replies=())), "too_many_questions"),
        ((UNCLEAR, UNCLEAR), "reply_repeated"),
    ],
)
def test_a_broken_rule_is_seen(seen: tuple[Seen, ...], rule: str) -> None:
    scenario = replace(SCENARIO, patience=9)
    assert rule in {breach.rule for breach in judge(talk(scenario, *seen)).breaches}


def test_an_action_done_twice_is_seen() -> None:
    both = Turn(Line(("yes",), "yes"), DONE)
    turns = (Turn(Line(("Cancel it",), "wish"), ASKS_YES), both, Turn(Line(("so?",), "again"), ASKS_YES), both)
    dialogue = replace(talk(SCENARIO, ASKS_YES), turns=turns)
    assert [b.rule for b in judge(dialogue).breaches if b.turn == 4] == ["done_twice"]


@pytest.mark.parametrize(
    ("flag", "rule"), [("wants_person", "person_not_granted"), ("sensitive", "sensitive_answered")]
)
def test_what_belongs_to_people_is_seen(flag: str, rule: str) -> None:
    wish = Wish(CANCEL.says, (Goal("handover", ("any",), within=1),), (), flag == "wants_person", flag == "sensitive")
    scenario = replace(SCENARIO, wishes=(wish,))
    assert rule in {b.rule for b in judge(talk(scenario, WRONG)).breaches}
    assert judge(talk(scenario, WAITING)).verdict == "handed_over"


SEEN = st.sampled_from([ASKS_NUMBER, ASKS_YES, DONE, UNCLEAR, WRONG, WAITING, Seen("stay_silent", "said_before")])


@given(st.lists(SEEN, min_size=1, max_size=14), st.integers(0, 50), st.integers(1, 5))
def test_every_customer_comes_to_an_end_and_the_seed_repeats_it(seen: list[Seen], seed: int, patience: int) -> None:
    told = []
    for _ in range(2):
        who = customer(replace(SCENARIO, patience=patience, typos=True), seed)
        lines, line = [], who.open()
        for one in seen:
            lines.append(line)
            following = who.react(one)
            if following is None:
                break
            line = following
        told.append((lines, who.end))
        assert bool(who.end) == (following is None)
        assert sum(line.intention == "person" for line in lines) <= 1
    assert told[0] == told[1]
