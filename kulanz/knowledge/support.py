"""Whether an answer that a language model worded says only what its sources say.

Every sentence must cite a passage and be supported by one place of it (a sentence, with the passage's title and, where
it begins with "this" or "they", the sentence before). Support means agreement in all of: numbers with units and
bounds, dates, links, negation, limits and conditions, promises, and every content word up to inflection, compounds and
a few synonyms. In doubt a sentence is refused: the quoted answer stands ready. An answer in another language than its
source is always refused, for the same reason. A passage that gives orders to an assistant supports nothing.

Similarity of sentence vectors is only a veto (`similarity`): "30 days" and "60 days" lie side by side there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from kulanz.knowledge.agreement import Code, Disagreement, Place, disagreements
from kulanz.knowledge.orders import gives_orders
from kulanz.knowledge.sentences import sentences
from kulanz.knowledge.wordforms import fold, words_of

Similarity = Callable[[str, str], float]
"""Cosine of two sentences, -1 to 1."""

ALIKE = 0.9
"""Cosine of e5-small below which a sentence is too far from its source. In testdata/support.yaml the least of the
supported ones is .92; contradictions reach .99, so nothing is accepted for being alike."""

_CITED = re.compile(r"\s*\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_AFTER_STOP = re.compile(r"([.!?…]+)((?:\s*\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\])+)")
_MARKUP = re.compile(r"\*\*|__|`|^\s*(?:[-*•]|#{1,6})\s+", re.MULTILINE)
MOST_SENTENCES = 12


@dataclass(frozen=True, slots=True)
class Ground:
    """A passage that may be cited. `title` helps to understand its sentences."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """An accepted sentence, without its citation marks, and the numbers of the passages that support it; an empty
    tuple where an action's receipt does."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence that is not supported, and why: `code` for counting, `detail` the words it rests on."""

    sentence: str
    code: Code | Literal["uncited", "unknown_source", "orders", "empty", "too_long", "far"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict: all of `statements`, or, if `refusals` holds anything, nothing of it."""

    statements: tuple[Statement, ...]
    refusals: tuple[Refusal, ...]

    @property
    def accepted(self) -> bool:
        return bool(self.statements) and not self.refusals

    @property
    def text(self) -> str:
        """The accepted answer without citation marks."""
        return " ".join(statement.text for statement in self.statements) if self.accepted else ""


def check_answer(
    answer: str, grounds: Sequence[Ground], receipts: Sequence[str] = (), *, similarity: Similarity | None = None
) -> Checked:
    """Checks `answer`, whose sentences cite `grounds` as [1], [2] …; `receipts` are what actions returned and support
    any sentence."""
    statements: list[Statement] = []
    refusals: list[Refusal] = []
    found = [sentence for sentence in sentences(prepared(answer)) if sentence.strip()]
    for sentence in found[:MOST_SENTENCES]:
        verdict = check_sentence(sentence, grounds, receipts, similarity=similarity)
        if isinstance(verdict, Statement):
            statements.append(verdict)
        else:
            refusals.append(verdict)
    if len(found) > MOST_SENTENCES:
        refusals.append(Refusal(found[MOST_SENTENCES], "too_long"))
    if not found:
        refusals.append(Refusal("", "empty"))
    return Checked(tuple(statements), tuple(refusals))


def check_sentence(
    sentence: str, grounds: Sequence[Ground], receipts: Sequence[str] = (), *, similarity: Similarity | None = None
) -> Statement | Refusal:
    """One sentence of an answer, with its citation marks."""
    numbers = sorted({int(n) for group in _CITED.findall(sentence) for n in re.findall(r"\d+", group)})
    text = _CITED.sub("", sentence).strip()
    if unknown := [n for n in numbers if not 1 <= n <= len(grounds)]:
        return Refusal(text, "unknown_source", f"[{unknown[0]}]")
    tried: list[tuple[int | None, Place]] = [
        (number, place) for number in numbers for place in _places(grounds[number - 1])
    ]
    tried += [(None, Place(receipt)) for receipt in receipts]
    if not tried:
        return Refusal(text, "orders" if numbers else "uncited")
    judged = [(disagreements(text, place), number, place) for number, place in tried]
    fitting = [(number, place) for problems, number, place in judged if not problems]
    if not fitting:
        least = min((problems for problems, _, _ in judged), key=_weight)
        return Refusal(text, least[0].code, least[0].detail)
    if similarity and max(similarity(text, place.sentence) for _, place in fitting) < ALIKE:
        return Refusal(text, "far")
    return Statement(text, tuple(sorted({number for number, _ in fitting if number is not None})))


def prepared(answer: str) -> str:
    """Citations inside their sentences, without the marks of Markdown."""
    return _AFTER_STOP.sub(r"\2\1", _MARKUP.sub("", answer))


def _places(ground: Ground) -> list[Place]:
    """Where a passage can support a sentence: each of its own, with what comes before if it points back."""
    found: list[Place] = []
    before = ""
    if gives_orders(ground.text) or gives_orders(ground.title):
        return found
    for sentence in sentences(ground.text):
        first = re.match(r"\W*(\w+)", sentence)
        points_back = bool(first) and fold(first[1] if first else "") in words_of("anaphors")
        found.append(Place(sentence, ground.title, before if points_back else ""))
        before = sentence
    return found


def _weight(problems: list[Disagreement]) -> int:
    """How far from supported: the nearest place explains a refusal best."""
    return sum(1 + problem.detail.count(",") for problem in problems)
