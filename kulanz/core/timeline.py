"""One conversation as the decision sees it: who said what, what was decided, what is still open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from kulanz.core.files import File
from kulanz.core.message import Author
from kulanz.core.reading import Reading

Holder = Literal["assistant", "waiting", "agent", "resolved"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the timeline. `decision` is the kind the assistant decided on for this reply, `reason` the
    code of its first reason and `reasons` all of them; `passages` are those it quoted."""

    id: str
    seq: int
    author: Author
    text: str
    at: datetime
    decision: str = ""
    reason: str = ""
    fingerprint: str = ""
    passages: tuple[str, ...] = ()
    reading: Reading | None = None
    reasons: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """The entries in order. `answered` is the `seq` up to which the customer's messages have had their turn."""

    entries: tuple[Entry, ...]
    answered: int = 0

    @property
    def unanswered(self) -> tuple[Entry, ...]:
        """The customer's messages of the turn at hand."""
        return tuple(e for e in self.entries if e.author == "customer" and e.seq > self.answered)

    @property
    def said(self) -> frozenset[str]:
        """Fingerprints of every reply the customer has read, and of its paragraphs alone and from the first on: a reply
        is no other one because of a postscript."""
        return frozenset(mark for e in self.entries if e.fingerprint for mark in (e.fingerprint, *_parts(e.text)))

    @property
    def quoted(self) -> frozenset[str]:
        return frozenset(p for e in self.entries for p in e.passages)

    @property
    def files_at_hand(self) -> tuple[File, ...]:
        """What the customer has sent for the matter at hand: since a person was there, or an action was told."""
        stretch = self.since_last_person()
        done = max((i for i, e in enumerate(stretch) if e.author == "assistant" and e.decision == "act"), default=-1)
        return tuple(file for e in stretch[done + 1 :] if e.author == "customer" for file in e.files)

    def since_last_person(self) -> tuple[Entry, ...]:
        """The entries after the last agent's message or handover: what the assistant has tried in this stretch."""
        last = max(
            (i for i, e in enumerate(self.entries) if e.author == "agent" or e.decision == "hand_over"), default=-1
        )
        return self.entries[last + 1 :]


def _parts(text: str) -> set[str]:
    paragraphs = text.split("\n\n")
    if len(paragraphs) == 1:
        return set()
    wholes = ("\n\n".join(paragraphs[:end]) for end in range(1, len(paragraphs)))
    return {fingerprint(part) for part in (*paragraphs, *wholes)}


def fingerprint(text: str) -> str:
    """Equal for texts that a customer would call the same: letter case, spaces and punctuation don't count."""
    plain = re.sub(r"\W+", " ", text.casefold()).strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Tries:
    """How the assistant has fared: failed tries since the last person was there, clarifying questions without
    anything in between, and those of the whole conversation. `offered`: a person was offered in this stretch."""

    failed: int
    questions_in_row: int
    questions: int
    offered: bool = False


CLARIFYING = frozenset({"unclear", "ambiguous", "flow_unclear", "hesitates"})
"""The reasons of questions that ask what the customer means, not for something that a flow needs."""


def last_wish(timeline: Timeline, intents: Collection[str]) -> str:
    """What the customer wrote when they last wanted one of these; empty where they never did."""
    for entry in reversed(timeline.entries):
        intent = entry.reading.intent if entry.reading else None
        if intent and intent.value in intents:
            return entry.text
    return ""


def count_tries(timeline: Timeline) -> Tries:
    """Counts from what happened, not from stored counters, so that a replay counts the same.

    A try has failed when the customer said after it that it did not help, wrote the very same again, or answered a
    clarifying question in a way that led to no answer either. The message at hand is judged by the decision itself,
    but for the same message again, which shows here already.
    """
    stretch = timeline.since_last_person()
    replies = [e for e in stretch if e.author == "assistant" and e.decision]
    asked = [_clarifies(e) for e in replies]
    in_row = next((n for n, clarifies in enumerate(reversed(asked)) if not clarifies), len(asked))
    fruitless = sum(1 for before, after in pairwise(asked) if before and after)
    customer = [e for e in stretch if e.author == "customer"]
    refused = sum(1 for e in customer if e.reading is not None and e.reading.signal("not_helped"))
    return Tries(
        failed=fruitless + refused + _said_again(stretch),
        questions_in_row=in_row,
        questions=sum(1 for e in timeline.entries if e.author == "assistant" and _clarifies(e)),
        offered=any("offers_person" in e.reasons for e in replies),
    )


def _clarifies(entry: Entry) -> bool:
    return entry.decision == "ask" and entry.reason in CLARIFYING


LONG_ENOUGH = 12
"""Characters from which on the same words again are the same wish again; "ja" and "hm" are not."""


def _said_again(stretch: tuple[Entry, ...]) -> int:
    """How often the customer wrote the very same after a reply of the assistant that was no question."""
    seen: set[str] = set()
    count, answered = 0, False
    for entry in stretch:
        if entry.author != "customer":
            answered = answered or entry.decision in {"answer", "act"}
            continue
        if len(entry.text) < LONG_ENOUGH:
            continue
        said = fingerprint(entry.text)
        count += said in seen and answered
        seen.add(said)
        answered = False
    return count
