"""What a conversation shows about its own readings: pure, from the timeline alone."""

from __future__ import annotations

from dataclasses import dataclass

from kulanz.core.reading import Reading
from kulanz.core.timeline import CLARIFYING, Entry, Timeline

SHORTEST = 2
"""Words a message needs to teach anything: "hm" after a question stands for nothing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message that was probably misread. `suggested` is what it should have been, "" where nothing says it.

    `reason`: `flow_denied` (the matter begun for it was refused at once), `not_helped` (so said the customer of the
    answer to it), `clarified` (asked back, the customer named a matter that the first words should have told).
    """

    message_id: str
    text: str
    language: str
    read_as: str
    suggested: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Turn:
    asked: Entry
    reading: Reading
    decision: str
    reason: str


def lessons_of(timeline: Timeline) -> tuple[Lesson, ...]:
    """The lessons of one conversation, in the order of their messages."""
    turns = _turns(timeline)
    found = []
    for number, turn in enumerate(turns[:-1]):
        after = turns[number + 1 :]
        read_as, reason = _intent(turn.reading), _reason(turn, after[0])
        suggested = next((i for t in after[:2] if (i := _intent(t.reading)) and i != read_as), "")
        if reason == "clarified" and suggested != _intent(after[0].reading):
            continue
        if reason and len(turn.reading.text.split()) >= SHORTEST:
            words = turn.reading.text
            found.append(Lesson(turn.asked.id, words, turn.reading.language.value, read_as, suggested, reason))
    return tuple(found)


def _turns(timeline: Timeline) -> list[_Turn]:
    """The customer's last message of each turn with the assistant's decision on it; what agents answered is no lesson
    for the assistant."""
    turns: list[_Turn] = []
    asked: Entry | None = None
    for entry in timeline.entries:
        if entry.author == "customer" and entry.reading is not None:
            asked = entry
            turns.append(_Turn(entry, entry.reading, "", ""))
        elif entry.author == "assistant" and entry.decision and asked is not None and not turns[-1].decision:
            turns[-1] = _Turn(asked, turns[-1].reading, entry.decision, entry.reason)
    return turns


def _reason(turn: _Turn, following: _Turn) -> str:
    said = following.reading.signal
    refused = said("denies") or said("corrects") or said("stops")
    if turn.decision == "act" and turn.reason == "intent" and refused:
        return "flow_denied"
    if turn.decision == "answer" and said("not_helped"):
        return "not_helped"
    if turn.decision == "ask" and turn.reason in CLARIFYING and following.reading.intent:
        return "clarified"
    return ""


def _intent(reading: Reading) -> str:
    return reading.intent.value if reading.intent else ""
