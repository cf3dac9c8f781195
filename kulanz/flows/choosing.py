"""Which of several offered answers a text means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rapidfuzz import fuzz

from kulanz.core.flow import Choice

MISSING = object()
ALIKE = 86.0  # of 100: a label with a typing mistake
_SHORT = 6  # words: "lieber ein anderes, das zweite bitte"; in longer texts "first" means the order of things
_COMPOUND = 4  # letters from which a word may be a part of a German compound: "Mühle" in "Kaffeemühle"
_BESIDES = 2  # telling words that may stand beside a changed answer
_WORD = re.compile(r"\w+")
_NO = re.compile(r"\A\W*(?:(?:ach|oh|hm+|äh) )?(?:nein|nee|nö|no|nope|nah)\b[\s,.!]*", re.IGNORECASE)
_PLACES: Mapping[str, int] = {
    "erste": 0, "ersten": 0, "erstes": 0, "erster": 0, "first": 0, "zweite": 1, "zweiten": 1, "zweites": 1,
    "zweiter": 1, "second": 1, "dritte": 2, "dritten": 2, "drittes": 2, "dritter": 2, "third": 2, "vierte": 3,
    "vierten": 3, "fourth": 3, "letzte": -1, "letzten": -1, "letztes": -1, "last": -1,
}  # fmt: skip
_FILL = """
bitte danke der die das den dem des ein eine einen einer ich wir nehme nehmen hätte hätten gern gerne möchte will
wäre in im am um von aus mal dann ja nein nö nee ok okay also nur es ist und lieber gleich doch so da für nicht
nummer nr liste auf hab habe meine mein sie sich was please thanks thank you the a an i d ll we take would like
want one it is that this in of them for then just only number no nope yes yep at on list my id very rather with
to be have go
"""
_FILLERS = frozenset(_FILL.split())
"""Words that choose nothing by themselves."""
_UNKNOWING = re.compile(
    r"keine ahnung|weiß (?:ich |das |es )*(?:leider |gerade |auch )*nicht|nicht (?:zur hand|auswendig)|"
    r"no idea|(?:don't|do not|dunno) know|dunno|by heart|(?:haven't|not) got (?:that|it)|not to hand",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:\A|[.!,] *)(?:und |and )?(?:wie|was|wann|warum|wieso|wo|wer|how|what|when|why|where|who)\b[^.!]*\?",
    re.IGNORECASE,
)
_THE_OTHER = re.compile(r"\b(?:de[rmn]|die|das) andere[nrs]?\b|\bthe other(?: one)?\b", re.IGNORECASE)


def chosen(choices: tuple[Choice, ...], text: str) -> Any:
    """The value of the one choice that the text means, or MISSING: by its label, its value, other words for it, its
    number or place in the list, or what of its label no other one has. Nobody chooses by asking something, or by saying
    that they do not know (unless that is one of the answers)."""
    said = _words(text)
    exact = [c for c in choices if said in {_words(label) for label in (*c.label.values(), str(c.value))}]
    if exact:
        return exact[0].value
    if is_question(text):
        return MISSING
    unknowing = is_unknowing(text)
    named = _named(choices, said, from_words=2 if unknowing else 1)
    if named is not MISSING or unknowing:
        return named
    place = _place(said)
    if place is not None and -1 <= place < len(choices):
        return choices[place].value
    return _alike(choices, said)


def named(choices: tuple[Choice, ...], text: str) -> Any:
    """The choice that the text calls by one of its names, whole; or MISSING."""
    return _named(choices, _words(text), from_words=1)


def is_question(text: str) -> bool:
    """Whether somebody asks something, with a word for it ("what does it cost?")."""
    return bool(_QUESTION.search(text))


def is_unknowing(text: str) -> bool:
    """Whether somebody says that they do not know or have what was asked for."""
    return bool(_UNKNOWING.search(text))


def says_only(choices: tuple[Choice, ...], text: str) -> bool:
    """Whether the text is one of the answers and nothing else: no word is left that is not the answer's own."""
    value = chosen(choices, text)
    return value is not MISSING and not _left(choices, value, text)


def changed(choices: tuple[Choice, ...], old: Any, text: str) -> Any:
    """The other value that somebody means who takes their answer back ("no, the pot!"; "the other one" of two), or
    MISSING. Longer reasons for a no ("no, my husband keeps it after all") name nothing, whatever words are in them."""
    rest = _NO.sub("", text)
    value = chosen(choices, rest) if any(word not in _FILLERS for word in _words(rest)) else MISSING
    if value not in {MISSING, old} and len(_left(choices, value, rest)) <= _BESIDES:
        return value
    others = [c.value for c in choices if c.value != old]
    return others[0] if value is MISSING and len(others) == 1 and _THE_OTHER.search(text) else MISSING


def _left(choices: tuple[Choice, ...], value: Any, text: str) -> list[str]:
    """The telling words of the text that the chosen answer does not have."""
    choice = next(c for c in choices if c.value == value)
    known = {word for name in _names(choice) for word in name}
    telling = [word for word in _words(text) if word not in _FILLERS]
    return [word for word in telling if not (_has(known, word) or word in _PLACES or word.isdigit())]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _names(choice: Choice) -> list[tuple[str, ...]]:
    others = (word for words in choice.words.values() for word in words)
    return [_words(name) for name in (*choice.label.values(), str(choice.value), *others)]


def _named(choices: tuple[Choice, ...], said: tuple[str, ...], from_words: int) -> Any:
    """The choice with the longest name in the text: "no water" says more than "no"."""
    lengths = [max((len(name) for name in _names(c) if _inside(name, said)), default=0) for c in choices]
    longest = max(lengths, default=0)
    if longest < from_words or lengths.count(longest) != 1:
        return MISSING
    return choices[lengths.index(longest)].value


def _inside(name: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return bool(name) and any(said[i : i + len(name)] == name for i in range(len(said) - len(name) + 1))


def _place(said: tuple[str, ...]) -> int | None:
    """The place in the list: "the second one"; a number only where it stands alone ("6 March" is no sixth)."""
    telling = [word for word in said if word not in _FILLERS]
    if len(telling) == 1 and telling[0].isdigit() and 0 < int(telling[0]) < 100:
        return int(telling[0]) - 1
    places = [_PLACES[word] for word in said if word in _PLACES]
    short = len(said) <= _SHORT or all(word in _PLACES for word in telling)
    return places[0] if places and short else None


def _alike(choices: tuple[Choice, ...], said: tuple[str, ...]) -> Any:
    """The only one that has every telling word; then the one with words that no other has; then clear likeness."""
    telling = [word for word in said if word not in _FILLERS]
    own = [{word for name in _names(c) for word in name} - _FILLERS for c in choices]
    having = [{index for index, words in enumerate(own) if _has(words, word)} for word in telling]
    for hit in (set.intersection(*having) if having else set(), set(_rare(telling, having))):
        if len(hit) == 1:
            return choices[hit.pop()].value
    text, digits = " ".join(said), [word for word in said if word.isdigit()]
    scores = [max((_likeness(text, digits, name) for name in _names(c)), default=0.0) for c in choices]
    best = max(range(len(choices)), key=scores.__getitem__)
    return choices[best].value if scores[best] >= ALIKE and scores.count(scores[best]) == 1 else MISSING


def _has(words: set[str], word: str) -> bool:
    if word in words or len(word) < _COMPOUND:
        return word in words
    return any(own.startswith(word) or own.endswith(word) for own in words)


def _rare(telling: list[str], having: list[set[int]]) -> Iterator[int]:
    return (
        index for word, own in zip(telling, having, strict=True) if len(own) == 1 and len(word) > 2 for index in own
    )


def _likeness(text: str, digits: list[str], name: tuple[str, ...]) -> float:
    """Of 100. Another number is another thing, however alike: "13 weeks" are not "12 weeks"."""
    same = digits == [word for word in name if word.isdigit()]
    return fuzz.ratio(text, " ".join(name)) if name and same else 0.0
