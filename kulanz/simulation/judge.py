"""How a dialogue ended, and whether a rule that always holds was broken in it. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from kulanz.core.timeline import CLARIFYING, fingerprint
from kulanz.simulation.dialogue import Dialogue, Turn

Verdict = Literal[
    "resolved", "wrongly_closed", "handed_over", "handed_over_needlessly", "handed_over_late", "gave_up"
]  # fmt: skip
RIGHT: frozenset[Verdict] = frozenset({"resolved", "handed_over"})
POLITE = frozenset({"greets", "small_talk", "says_bye", "thanks", "offers_person"})
"""The reasons of questions that keep the talk going and don't ask what the customer means."""
State = Literal["", "right", "missing", "wrong"]
"""How the back office stands in the end: as wanted; something wanted was not done; something was done that was not
wanted. Empty where the scenario does not look at it."""
PEOPLE = frozenset({"waiting", "agent"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that always holds was broken in the customer's turn `turn` (from 1)."""

    rule: Literal[
        "person_not_granted", "two_questions_in_row", "too_many_questions", "sensitive_answered", "done_twice",
        "done_unconfirmed", "reply_repeated",
    ]  # fmt: skip
    turn: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason_differs`: a person came rightly, but under another reason than the one expected."""

    dialogue: Dialogue
    verdict: Verdict
    breaches: tuple[Breach, ...]
    questions: int
    reason_differs: str = ""
    state: State = ""


def judge(dialogue: Dialogue) -> Judgement:
    questions = sum(_clarifies(turn) for turn in dialogue.turns)
    return Judgement(
        dialogue, _verdict(dialogue), tuple(_breaches(dialogue)), questions, _other_reason(dialogue), state_of(dialogue)
    )


def state_of(dialogue: Dialogue) -> State:
    """The changes in the back office beside the lines of the scenario: each line is one change, each change has one."""
    if dialogue.state is None:
        return ""
    left = set(dialogue.changes)
    missing = False
    for line in sorted(dialogue.state, key=lambda line: "*" in line):  # the exact ones first
        found = next((change for change in sorted(left) if fnmatchcase(change, line)), None)
        missing = missing or found is None
        left.discard(found or "")
    return "wrong" if left else "missing" if missing else "right"


def _verdict(dialogue: Dialogue) -> Verdict:
    wrong = _wrong_actions(dialogue)
    if dialogue.turns[-1].seen.holder in PEOPLE:
        return "wrongly_closed" if wrong else _handed_over(dialogue)
    if wrong:
        return "wrongly_closed"
    if dialogue.goals_met and state_of(dialogue) != "missing":
        return "resolved"
    last = dialogue.turns[-1].seen
    looks_done = last.kind == "answer" or (last.kind == "act" and not last.awaits and last.outcome == "solved")
    return "wrongly_closed" if looks_done else "gave_up"


def _handed_over(dialogue: Dialogue) -> Verdict:
    if dialogue.goals_met:  # a person was what it takes, or is fine; not so for somebody who only said thanks
        return "handed_over_needlessly" if dialogue.turns[-1].line.intention == "thanks" else "handed_over"
    if any(turn.line.intention == "person" for turn in dialogue.turns) or any(
        g.kind == "handover" for g in dialogue.goals[-1:]
    ):
        return "handed_over_late"
    return "handed_over_needlessly"


def _wrong_actions(dialogue: Dialogue) -> bool:
    """Something was done that the customer did not want in the end; the back office itself knows best."""
    if dialogue.state is not None:
        return state_of(dialogue) == "wrong"
    wanted = {(value, g.target) for g in dialogue.goals if g.kind == "action" for value in g.values}
    done = [call for turn in dialogue.turns for call in turn.seen.done]
    return any(not any(a == name and (not t or t in about) for name, t in wanted) for a, about in done)


def _other_reason(dialogue: Dialogue) -> str:
    expected = [g for g in dialogue.goals if g.kind == "handover" and "any" not in g.values]
    last = dialogue.turns[-1].seen
    if not expected or last.kind != "hand_over" or any(last.subject in g.values for g in expected):
        return ""
    return last.subject


def _clarifies(turn: Turn) -> bool:
    seen = turn.seen
    first = seen.reasons[0] if seen.reasons else ""
    return seen.kind == "ask" and (first in CLARIFYING or (not seen.awaits and first not in POLITE))


def _breaches(dialogue: Dialogue) -> list[Breach]:
    return [*_person(dialogue), *_questions(dialogue), *_sensitive(dialogue), *_actions(dialogue), *_repeated(dialogue)]


def _person(dialogue: Dialogue) -> list[Breach]:
    turns = enumerate(dialogue.turns, start=1)
    return [Breach("person_not_granted", n) for n, t in turns if t.line.wants_person and t.seen.holder not in PEOPLE]


def _questions(dialogue: Dialogue) -> list[Breach]:
    asked = [_clarifies(turn) for turn in dialogue.turns]
    rows = [Breach("two_questions_in_row", n + 1) for n in range(1, len(asked)) if asked[n] and asked[n - 1]]
    third = [n for n, clarifies in enumerate(asked, start=1) if clarifies][2:]
    return rows + [Breach("too_many_questions", n) for n in third]


def _sensitive(dialogue: Dialogue) -> list[Breach]:
    return [
        Breach("sensitive_answered", n, turn.seen.subject)
        for n, turn in enumerate(dialogue.turns, start=1)
        if turn.line.sensitive and (turn.seen.articles or turn.seen.done or turn.seen.awaits)
    ]


def _actions(dialogue: Dialogue) -> list[Breach]:
    found, counts = [], Counter[tuple[str, tuple[str, ...]]]()
    for number, turn in enumerate(dialogue.turns, start=1):
        for call in turn.seen.done:
            counts[call] += 1
            if counts[call] > 1:
                found.append(Breach("done_twice", number, call[0]))
            before = dialogue.turns[number - 2].seen if number > 1 else None
            if turn.line.intention != "yes" or before is None or before.awaits != "confirm":
                found.append(Breach("done_unconfirmed", number, call[0]))
    return found


def _repeated(dialogue: Dialogue) -> list[Breach]:
    read: set[str] = set()
    found = []
    for number, turn in enumerate(dialogue.turns, start=1):
        if turn.line.afresh:
            read.clear()
        for _, text in turn.seen.replies:
            said = fingerprint(text.split("\n\n")[0])  # the same words are the same with another postscript
            if said in read:
                found.append(Breach("reply_repeated", number, text[:60]))
            read.add(said)
    return found
