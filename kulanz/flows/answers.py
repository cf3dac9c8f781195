"""A customer's message as the answer to a flow's open question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz

from kulanz.core.flow import Ask, Choice, Confirm, Definition, answer
from kulanz.core.reading import Reading

MISSING = object()
ALIKE = 86.0  # of 100: a label with a typing mistake
_WORD = re.compile(r"\w+")
_PLACES: Mapping[str, int] = {
    "erste": 0, "ersten": 0, "erstes": 0, "erster": 0, "first": 0, "zweite": 1, "zweiten": 1, "zweites": 1,
    "zweiter": 1, "second": 1, "dritte": 2, "dritten": 2, "drittes": 2, "dritter": 2, "third": 2, "vierte": 3,
    "vierten": 3, "fourth": 3, "letzte": -1, "letzten": -1, "letztes": -1, "last": -1,
}  # fmt: skip


def answer_to(question: Ask | Confirm, reading: Reading, definition: Definition) -> Any:
    """The message as an answer (see `kulanz.core.flow.answer`), or MISSING where it is none. What it says about
    other slots goes along."""
    if isinstance(question, Confirm):
        if reading.signal("denies"):
            return answer(False, said=reading.text)
        return answer(True, said=reading.text) if reading.signal("affirms") else MISSING
    value = _value(question, reading)
    return MISSING if value is MISSING else answer(value, also=_also(question, reading, definition))


def _value(question: Ask, reading: Reading) -> Any:
    if question.choices:
        return chosen(question.choices, reading.text)
    if question.slot.entity == "text":
        return reading.text.strip() or MISSING
    if question.slot.entity == "yes_no":
        return bool(reading.signal("affirms")) if reading.signal("affirms") or reading.signal("denies") else MISSING
    entity = reading.entity(question.slot.entity)
    return entity.value if entity else MISSING


def _also(question: Ask, reading: Reading, definition: Definition) -> dict[str, str]:
    """Values of other slots in the same message; a kind that is asked for now belongs to the question."""
    others = [s for s in definition.slots.values() if s.entity not in {"text", "choice", question.slot.entity}]
    found = {slot.name: reading.entity(slot.entity) for slot in others}
    return {name: entity.value for name, entity in found.items() if entity}


def chosen(choices: tuple[Choice, ...], text: str) -> Any:
    """The value of the one choice that the text means, or MISSING: by its label, its value, other words for it, its
    number or place in the list, or what of its label no other one has."""
    said = _words(text)
    exact = [c for c in choices if said in {_words(label) for label in (*c.label.values(), str(c.value))}]
    if exact:
        return exact[0].value
    named = [c for c in choices if any(_inside(name, said) for name in _names(c))]
    if len(named) == 1:
        return named[0].value
    if len(said) <= 4 and (place := _place(said)) is not None and -1 <= place < len(choices):
        return choices[place].value
    return _alike(choices, said)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _names(choice: Choice) -> list[tuple[str, ...]]:
    others = (word for words in choice.words.values() for word in words)
    return [_words(name) for name in (*choice.label.values(), str(choice.value), *others)]


def _inside(name: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return bool(name) and any(said[i : i + len(name)] == name for i in range(len(said) - len(name) + 1))


def _place(said: tuple[str, ...]) -> int | None:
    numbers = [int(word) - 1 for word in said if word.isdigit() and 0 < int(word) < 100]
    places = [_PLACES[word] for word in said if word in _PLACES]
    return next(iter([*numbers, *places]), None)


def _alike(choices: tuple[Choice, ...], said: tuple[str, ...]) -> Any:
    """By words that only one label has, or by likeness where it is clear."""
    own = [{word for name in _names(c) for word in name} for c in choices]
    shared = [sum(word in words for words in own) for word in said]
    rare = [word for word, count in zip(said, shared, strict=True) if count == 1 and len(word) > 2]
    hit = {index for index, words in enumerate(own) if any(word in words for word in rare)}
    if len(hit) == 1:
        return choices[hit.pop()].value
    text = " ".join(said)
    scores = [max(fuzz.ratio(text, " ".join(name)) for name in _names(choice) if name) for choice in choices]
    best = max(range(len(choices)), key=scores.__getitem__)
    return choices[best].value if scores[best] >= ALIKE and scores.count(scores[best]) == 1 else MISSING
