"""Everything known about one conversation, loaded in a handful of queries whatever its length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kulanz.core.reading import Evidence, Reading, reading_from_json
from kulanz.desk.models import Handover
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.inbox.models import Message

CASE_LENGTH = 300  # newest messages


@dataclass(frozen=True, slots=True)
class Said:
    """One message with what was understood from it and what was decided for it.

    `evidence_from` is the offset of this message's text in `reading.text`, which joins all messages of a turn.
    """

    message: Message
    reading: Reading | None
    decision: dict[str, Any] | None
    evidence_from: int = 0

    def evidence(self, found: Evidence) -> tuple[int, int] | None:
        """Where the words stand in this message, or None where they belong to another message of the turn."""
        start = found.start - self.evidence_from
        end = start + len(found.text)
        return (start, end) if start >= 0 and self.message.text[start:end] == found.text else None


@dataclass(frozen=True, slots=True)
class Case:
    conversation_id: UUID
    said: tuple[Said, ...]
    calls: tuple[ActionCall, ...]
    handovers: tuple[Handover, ...]

    @property
    def open_handover(self) -> Handover | None:
        """The one that waits or is being worked on."""
        return next((h for h in self.handovers if h.state != Handover.State.ENDED), None)

    def by_customer(self) -> tuple[Said, ...]:
        return tuple(s for s in self.said if s.message.author == "customer")


def load_case(conversation_id: UUID, length: int = CASE_LENGTH) -> Case:
    """The conversation's newest `length` messages in order, its calls and its handovers: three queries."""
    newest = (
        Message.objects.filter(conversation_id=conversation_id)
        .select_related("agent", "reading", "decision_behind")
        .order_by("-seq")[:length]
    )
    calls = ActionCall.objects.filter(conversation_id=conversation_id).order_by("created_at")
    handovers = Handover.objects.filter(conversation_id=conversation_id).select_related("team", "agent")
    return Case(
        conversation_id=conversation_id,
        said=with_readings(list(reversed(newest))),
        calls=tuple(calls.exclude(status=CallStatus.STARTED, attempts=0)),
        handovers=tuple(handovers.order_by("requested_at")),
    )


def with_readings(messages: list[Message]) -> tuple[Said, ...]:
    """A turn's reading is stored with its last message; each message of the turn gets it with its own offset."""
    found: dict[int, tuple[Reading, int]] = {}
    for index, message in enumerate(messages):
        stored: Any = getattr(message, "reading", None)
        if stored is None:
            continue
        reading = reading_from_json(stored.data)
        found[index] = (reading, max(0, len(reading.text) - len(message.text)))
        _spread(messages, index, reading, found)
    said = []
    for index, message in enumerate(messages):
        decided: Any = getattr(message, "decision_behind", None)
        known, offset = found.get(index, (None, 0))
        said.append(Said(message, known, decided.data if decided else None, offset))
    return tuple(said)


def _spread(messages: list[Message], last: int, reading: Reading, found: dict[int, tuple[Reading, int]]) -> None:
    """Walks back over the earlier messages of the same turn while their texts are the reading's own."""
    offset = found[last][1]
    for index in range(last - 1, -1, -1):
        message = messages[index]
        start = offset - 1 - len(message.text)
        if message.author != "customer" or start < 0 or index in found:
            return
        if reading.text[start : start + len(message.text)] != message.text:
            return
        found[index], offset = (reading, start), start
