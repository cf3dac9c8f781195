"""What a language model proposes as the answer to a flow's open question, and whether it may be taken.

A proposal only points: at words of the customer, and at one of the answers that were offered. It is taken where those
words stand in the message, hold the value, and our own reading of the value fits the slot as if the customer had typed
it. A confirmation is no question here: a yes is read by our own rules alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kulanz.core.flow import Ask, Choice, Definition, HandOver, Slot, answer, replay
from kulanz.core.reading import Evidence, Reading
from kulanz.flows.answers import MISSING, also_said, answer_to
from kulanz.flows.choosing import is_question

IDENTIFIERS = frozenset({"order_number", "invoice_number", "customer_number", "phone", "iban"})
PARSED = IDENTIFIERS | {"money", "date", "quantity", "address"}
"""Kinds of slots that a value is proposed for; besides choices. What takes the whole message (text) or a picture needs
no model, a yes or no is read by our own rules alone, and so is an e-mail address: it says who somebody is."""
MOST_CHOICES = 40
"""Answers that are offered to a model; whoever has more to choose from writes the name."""
Code = Literal[
    "not_asked", "not_said", "not_in_words", "unreadable", "not_offered", "other_number", "check_failed", "alone"
]  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_TOKEN = re.compile(r"\d\w*(?:[.,:/-]\d\w*)*|[^\W\d_]+")  # "3a" is another house than "3"
_BETWEEN = r"[\s_./#-]*"  # within a number as people write it: "ML 102 34"
_UNCUT = (r"(?<!\d[\s.,:/'’-])(?<![-−–])(?<![-−–]\s)", r"(?![\s.,:/'’-]\d)")
"""Around words that begin or end with a digit: "234 €" is not what "1.234 €" says, nor "5" what "-5" does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question of a flow beside the message; `others` are further slots without a value."""

    definition: Definition
    state: Mapping[str, Any]
    question: Ask
    others: tuple[Slot, ...]
    language: str

    @property
    def offered(self) -> tuple[Choice, ...]:
        """The answers to choose from."""
        return self.question.choices[:MOST_CHOICES]

    @property
    def slots(self) -> dict[str, Slot]:
        return {slot.name: slot for slot in (self.question.slot, *self.others)}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value for a slot, and the customer's words that it rests on. Of a question with choices, the value is the
    number of one of them, from 1 on."""

    slot: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A proposal that is not taken: it names another slot, words that were not said, a value that is not in them or is
    none of its kind, an answer that was not offered, or one with another number; the flow's check does not hold; or it
    came without an answer to the open question."""

    slot: str
    value: str
    words: str
    code: Code


@dataclass(frozen=True, slots=True)
class Taken:
    """A value as our own reading understands it, and where its words stand in the message."""

    slot: str
    value: Any
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answer` is as from `answer_to`, with the names of the slots under `proposed`; MISSING where there is none."""

    answer: Any = MISSING
    taken: tuple[Taken, ...] = ()
    refused: tuple[Refused, ...] = ()


def may_propose(question: Any, reading: Reading) -> bool:
    """Whether a model could say what the message means as an answer to this. Nobody answers by asking."""
    if not isinstance(question, Ask) or not reading.text.strip() or is_question(reading.text):
        return False
    return bool(question.choices) or question.slot.entity in PARSED


def open_slots(definition: Definition, question: Ask, told: Mapping[str, Any]) -> tuple[Slot, ...]:
    """Further slots of the flow that still need a value and have a kind of their own."""
    kinds = PARSED - {question.slot.entity}
    return tuple(s for s in definition.slots.values() if s.entity in kinds and not told.get(s.name))


def judge(asked: Asked, proposals: Sequence[Proposed], reading: Reading, read: Callable[[str], Reading]) -> Verdict:
    """Takes what holds and refuses the rest. `read` is how a typed message is read; it reads the values alone."""
    taken: dict[str, Taken] = {}
    refused: list[Refused] = []
    for proposed in proposals:
        found = _checked(asked, proposed, reading, read)
        if isinstance(found, Taken):
            taken.setdefault(found.slot, found)
        else:
            refused.append(Refused(proposed.slot, proposed.value, proposed.words, found))
    main = taken.get(asked.question.slot.name)
    given = _answer(asked, main, taken, reading) if main else None
    if given is None or _asks_again(asked, given):
        refused += [_unused(one, main) for one in taken.values()]
        return Verdict(refused=tuple(refused))
    return Verdict(given, tuple(taken[name] for name in given["proposed"]), tuple(refused))


def _unused(one: Taken, main: Taken | None) -> Refused:
    return Refused(one.slot, str(one.value), one.evidence.text, "check_failed" if one is main else "alone")


def _answer(asked: Asked, main: Taken, taken: Mapping[str, Taken], reading: Reading) -> dict[str, Any]:
    """What our own reading found about other slots goes before what was proposed for them."""
    open_now = {slot.name for slot in asked.others}
    said = {n: v for n, v in also_said(asked.question, reading, asked.definition).items() if n in open_now}
    others = {name: one.value for name, one in taken.items() if one is not main}
    return answer(main.value, also=others | said, proposed=sorted(taken.keys() - said.keys()))


def _asks_again(asked: Asked, given: Mapping[str, Any]) -> bool:
    """Whether the flow itself refuses the answer: its check does not hold. Nothing is called to find out."""
    log = [*asked.state["log"], given]
    effect = replay(asked.definition, asked.state["known"], log)[1]
    if isinstance(effect, HandOver):
        return effect.reason == "answer_refused"
    return isinstance(effect, Ask) and effect.slot == asked.question.slot


def _checked(asked: Asked, proposed: Proposed, reading: Reading, read: Callable[[str], Reading]) -> Taken | Code:
    slot = asked.slots.get(proposed.slot)
    if slot is None:
        return "not_asked"
    words = said(proposed.words, reading.text)
    if words is None:
        return "not_said"
    if slot == asked.question.slot and asked.question.choices:
        return _choice(asked, proposed, words, read)
    if not holds(words, proposed.value, slot.entity, reading.text):
        return "not_in_words"
    found = [entity for entity in read(proposed.value).entities if entity.kind == slot.entity]
    return Taken(slot.name, found[0].value, words) if len(found) == 1 else "unreadable"


def _choice(asked: Asked, proposed: Proposed, words: Evidence, read: Callable[[str], Reading]) -> Taken | Code:
    """The choice, as if its label had been clicked."""
    choices, number = asked.offered, proposed.value.strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 5 and 0 < int(number) <= len(choices)):
        return "not_offered"
    choice = choices[int(number) - 1]
    label = choice.label[asked.language]
    typed = answer_to(asked.question, read(label), asked.definition)
    if typed is MISSING or typed["value"] != choice.value:
        return "not_offered"  # another answer is called the same
    if _other_number(words.text, choice):
        return "other_number"
    return Taken(asked.question.slot.name, choice.value, words)


def _other_number(words: str, choice: Choice) -> bool:
    """ "13 weeks" are not "12 weeks", however close."""
    named, own = (
        set(_NUMBER.findall(words)),
        set(_NUMBER.findall(" ".join((*choice.label.values(), str(choice.value))))),
    )
    return bool(named and own) and not named & own


def said(words: str, text: str) -> Evidence | None:
    """Where these words stand in the text, whole; letter case and the kind of spaces do not count."""
    parts = words.split()
    if not any(character.isalnum() for part in parts for character in part):
        return None
    before = _UNCUT[0] if parts[0][0].isdigit() else ""
    after = _UNCUT[1] if parts[-1][-1].isdigit() else ""
    whole = r"\s+".join(map(re.escape, parts))
    found = re.search(rf"(?<!\w){before}{whole}(?!\w){after}", text, re.IGNORECASE)
    return Evidence(found[0], found.start(), found.end()) if found else None


def holds(words: Evidence, value: str, kind: str, text: str) -> bool:
    """Whether the words, at their place in the text, hold the value: an identifier all of its letters and digits and no
    further ones, a quantity its number, an address and a date each word of them in this order and no other number in
    between, anything else the very text."""
    if kind in IDENTIFIERS:
        return _holds_identifier(words, value, text)
    if kind == "quantity":
        numbers = _NUMBER.findall(value)
        return bool(numbers) and all(said(number, words.text) for number in numbers)
    if kind in {"date", "address"}:
        return _in_order(_tokens(value), _tokens(words.text))
    return said(value, words.text) is not None


def _holds_identifier(words: Evidence, value: str, text: str) -> bool:
    """Looked for in the text, so that no number is cut short by the words that are quoted."""
    signs = [re.escape(sign) for sign in value if sign.isalnum()]
    if not signs:
        return False
    uncut = rf"(?<!\w)(?<!\d[\s_./#-])(?<!\w[-_/#]){_BETWEEN.join(signs)}(?!\w)(?!{_BETWEEN}\d)(?![-_/#]\w)"
    found = re.finditer(uncut, text, re.IGNORECASE)
    return any(words.start <= match.start() and match.end() <= words.end for match in found)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _in_order(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Whether all wanted words stand there in their order, without another number between the first and the last."""
    for start, word in enumerate(there):
        if wanted and word == wanted[0] and _follows(wanted[1:], there[start + 1 :]):
            return True
    return False


def _follows(wanted: Sequence[str], there: Sequence[str]) -> bool:
    left = list(wanted)
    for word in there:
        if not left:
            return True
        if word == left[0]:
            left.pop(0)
        elif word[0].isdigit():
            return False
    return not left
