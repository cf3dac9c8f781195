"""Where one sentence of an answer disagrees with one place of a source. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kulanz.knowledge.claims import MONEY, TIME, Claim, Number, claim, clauses, parts
from kulanz.knowledge.wordforms import is_covered

Code = Literal[
    "number", "price", "deadline", "percentage", "date", "link", "negation", "limit", "promise", "bound", "mixed",
    "unsupported",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What the source does not say; `detail` names the words or the number, separated by commas."""

    code: Code
    detail: str


@dataclass(frozen=True)
class Place:
    """One sentence of a source, with its title and the sentence it points back to (for understanding who is meant)."""

    sentence: str
    title: str = ""
    before: str = ""

    @cached_property
    def whole(self) -> Claim:
        return claim(self.sentence)

    @cached_property
    def context(self) -> frozenset[str]:
        return claim(self.title).vocabulary | claim(self.before).vocabulary

    @cached_property
    def parts(self) -> list[Claim]:
        return [claim(part) for part in parts(self.sentence)]

    @cached_property
    def clauses(self) -> list[Claim]:
        return [claim(clause) for clause in clauses(self.sentence)]


def disagreements(sentence: str, place: Place) -> list[Disagreement]:
    """Everything in which `sentence` is not supported by `place`; empty means supported."""
    said = claim(sentence)
    if not said.words and not said.numbers:
        return [Disagreement("unsupported", sentence[:80])]
    return [
        *_links(said, place),
        *_numbers(said, place),
        *_promises(said, place),
        *_limits(said, place),
        *_polarity(sentence, place),
        *_words(sentence, place),
    ]


def _links(said: Claim, place: Place) -> Iterator[Disagreement]:
    if missing := said.links - place.whole.links:
        yield Disagreement("link", ", ".join(sorted(missing)))
    if missing := said.days - place.whole.days:
        yield Disagreement("date", ", ".join(sorted(missing)))


def _numbers(said: Claim, place: Place) -> Iterator[Disagreement]:
    """Each number with the same unit and bound; several in the order of the source, each among its own words."""
    known = place.whole.numbers
    for number in said.numbers:
        fitting = [k for k in known if k.value == number.value and k.unit == number.unit]
        if not fitting:
            yield Disagreement(_kind(number), f"{number.value} {number.unit}".strip())
        elif not any(k.bound == number.bound for k in fitting):
            yield Disagreement("bound", f"{number.bound or 'exactly'} {number.value} {number.unit}".strip())
        elif strangers := _of_another_number(said, number, place):
            yield Disagreement("mixed", f"{number.value}: {strangers}")
    if any(n.unit == "percent" for n in known) and not any(n.unit == "percent" for n in said.numbers):
        yield Disagreement("percentage", "left out")
    for kind in {_kind(number) for number in known}:
        there = [(n.value, n.unit) for n in known if _kind(n) == kind]
        here = [(n.value, n.unit) for n in said.numbers if _kind(n) == kind]
        order = [there.index(n) for n in here if n in there]
        if order != sorted(order):
            yield Disagreement("mixed", "order of numbers")


def _kind(number: Number) -> Code:
    if number.unit in MONEY:
        return "price"
    if number.unit in TIME:
        return "deadline"
    return "percentage" if number.unit == "percent" else "number"


def _of_another_number(said: Claim, number: Number, place: Place) -> str:
    """Words said with `number` which the source says only with another number of its kind."""
    own: set[str] = set()
    others: set[str] = set()
    for clause in place.clauses:
        kinds = [n for n in clause.numbers if _kind(n) == _kind(number)]
        if any(n.value == number.value and n.unit == number.unit for n in kinds):
            own |= clause.vocabulary
        elif kinds:
            others |= clause.vocabulary
        else:
            own |= clause.vocabulary
    if not others:
        return ""
    free = frozenset(own) | place.context
    near = next((part for part in _split(said) if number in part.numbers), said)
    strangers = [w for w in near.words if not is_covered(w, free) and is_covered(w, frozenset(others))]
    return " ".join(strangers)


def _split(said: Claim) -> list[Claim]:
    return [claim(part) for part in parts(said.text)]


def _promises(said: Claim, place: Place) -> Iterator[Disagreement]:
    if "first_person" in said.marks - place.whole.marks:
        yield Disagreement("promise", "first person")
    for word in sorted(said.promises):
        if word not in place.whole.promises:  # in any other form it may be another thing: a warranty is no assurance
            yield Disagreement("promise", word)


_EITHER_WAY = ("must", "only", "except", "outside")
_NOT_DROPPED = ("condition", "hedge")
_NOT_ADDED = ("every", "always", "before", "after")


def _limits(said: Claim, place: Place) -> Iterator[Disagreement]:
    """Duties, exceptions and "only" neither added nor dropped; conditions not dropped; "all" and "always" not added."""
    ours, theirs = said.marks, place.whole.marks
    for mark in (*_EITHER_WAY, *_NOT_DROPPED):
        if mark in theirs - ours:
            yield Disagreement("limit", f"without {mark}")
    for mark in (*_EITHER_WAY, *_NOT_ADDED):
        if mark in ours - theirs:
            yield Disagreement("limit", mark)
    bounded = {n.bound for n in place.whole.numbers} - {""}
    if bounded and not {n.bound for n in said.numbers} & bounded:
        yield Disagreement("bound", f"without {', '.join(sorted(bounded))}")


def _polarity(sentence: str, place: Place) -> Iterator[Disagreement]:
    """What is said with or without a negation must be said so in the source, word by word."""
    for part in (claim(clause) for clause in clauses(sentence)):
        if not part.words:
            continue
        negated = "negation" in part.marks
        alike = [c for c in place.clauses if ("negation" in c.marks) == negated]
        other = [c for c in place.clauses if ("negation" in c.marks) != negated]
        if part.negations > max((c.negations for c in alike), default=0):
            yield Disagreement("negation", part.text.strip()[:80])
        if not other:
            continue
        free = place.context.union(*(c.vocabulary for c in alike))
        against = frozenset[str]().union(*(c.vocabulary for c in other))
        if not alike or any(not is_covered(w, free) and is_covered(w, against) for w in part.words):
            yield Disagreement("negation", part.text.strip()[:80])


def _words(sentence: str, place: Place) -> Iterator[Disagreement]:
    """Every part of the sentence in one part of the source; what no part has is named. A word that limits another
    must not be left out before it."""
    whole = claim(sentence).vocabulary | place.context
    for said in (claim(part) for part in parts(sentence)):
        if not said.words:
            continue
        sources = [p.vocabulary | place.context for p in place.parts]
        lacking = [[w for w in said.words if not is_covered(w, source)] for source in sources]
        nearest = min(range(len(lacking)), key=lambda i: len(lacking[i]))
        if missing := lacking[nearest]:
            unknown = [w for w in missing if not is_covered(w, place.whole.vocabulary | place.context)]
            yield Disagreement("unsupported" if unknown else "mixed", ", ".join(unknown or missing))
        for limiting, limited in place.parts[nearest].pairs:
            if is_covered(limited, said.vocabulary) and not is_covered(limiting, whole):
                yield Disagreement("limit", f"without {limiting}")
        for restriction in place.parts[nearest].restrictions:
            if not any(is_covered(word, whole) for word in restriction):
                yield Disagreement("limit", f"without {' '.join(restriction)}")
