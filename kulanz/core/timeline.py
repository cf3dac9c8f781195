"""One conversation as the decision sees it: who said what, what was decided, what is still open."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kulanz.core.message import Author
from kulanz.core.reading import Reading

Holder = Literal["assistant", "waiting", "agent", "resolved"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the timeline. `decision` is the kind the assistant decided on for this reply, `reason` the
    code of its first reason; `passages` are those it quoted."""

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
        """Fingerprints of every reply the customer has read."""
        return frozenset(e.fingerprint for e in self.entries if e.fingerprint)

    @property
    def quoted(self) -> frozenset[str]:
        return frozenset(p for e in self.entries for p in e.passages)

    def since_last_person(self) -> tuple[Entry, ...]:
        """The entries after the last one an agent wrote: what the assistant has tried in this stretch."""
        last = max((i for i, e in enumerate(self.entries) if e.author == "agent"), default=-1)
        return self.entries[last + 1 :]


def fingerprint(text: str) -> str:
    """Equal for texts that a customer would call the same: letter case, spaces and punctuation don't count."""
    plain = re.sub(r"\W+", " ", text.casefold()).strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Tries:
    """How the assistant has fared since the last person was there."""

    failed: int
    questions_in_row: int
    questions: int


CLARIFYING = frozenset({"unclear", "ambiguous"})


def count_tries(timeline: Timeline) -> Tries:
    """Counts from what happened, not from stored counters, so that a replay counts the same.

    A try has failed when the assistant had to ask because it did not understand, or when the customer said after
    an answer that it did not help. The message at hand is judged by the decision itself.
    """
    entries = timeline.since_last_person()
    replies = [e for e in entries if e.author == "assistant" and e.decision]
    questions = [e for e in replies if e.decision == "ask" and e.reason in CLARIFYING]
    in_row = 0
    for entry in reversed(replies):
        if entry.decision != "ask" or entry.reason not in CLARIFYING:
            break
        in_row += 1
    refused = sum(
        1 for e in entries if e.author == "customer" and e.reading is not None and e.reading.signal("not_helped")
    )
    return Tries(failed=len(questions) + refused, questions_in_row=in_row, questions=len(questions))
