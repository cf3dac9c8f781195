"""Decide past turns again under another policy or intent model. Nothing is written, sent or called.

What is known stays as it was: the customer's words, the timeline up to the turn, the flow that was open, the passages
that were found. What nobody can know is what the customer would have written after another reply; so of every
conversation only the first difference is certain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kulanz.core.decision import Decision, Situation, decide
from kulanz.core.errors import InvalidInput
from kulanz.core.policy import Policy
from kulanz.core.reading import Reading, language_of_reply, reading_from_json
from kulanz.core.timeline import Timeline
from kulanz.decision.models import StoredDecision
from kulanz.inbox.messages import load_timeline
from kulanz.inbox.models import Message
from kulanz.knowledge.models import Passage
from kulanz.nlp.vector import LazyVector
from kulanz.turns.customer_turn import decide_and_look_up
from kulanz.turns.seen import situation_from_json
from kulanz.understanding.intents import IntentClassifier
from kulanz.understanding.read import read_with


@dataclass(frozen=True, slots=True)
class Difference:
    """One turn that would be decided otherwise. `certain`: the first one of its conversation."""

    conversation: UUID
    at: Any
    words: str
    old: tuple[str, str]
    old_reasons: tuple[dict[str, Any], ...]
    new: Decision
    certain: bool


@dataclass(slots=True)
class Replay:
    """The result. `skipped` are turns that were decided before Kulanz kept what a replay needs; `old` and `new` count
    the kinds of decision over the turns that were decided again."""

    turns: int = 0
    skipped: int = 0
    differences: list[Difference] = field(default_factory=list)
    old: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)


def replay(policy: Policy, classifier: IntentClassifier | None = None, since: date | None = None) -> Replay:
    """Decides the stored turns again. With a classifier the texts are read again by it; otherwise the stored readings
    count."""
    result = Replay()
    changed: set[UUID] = set()
    readings = _Readings(classifier)
    for made in _turns(since):
        try:
            old, new = _again(made, policy, readings)
        except InvalidInput:
            result.skipped += 1
            continue
        result.turns += 1
        result.old[old[0]] += 1
        result.new[new.kind] += 1
        if (new.kind, new.subject) != old:
            certain = made.conversation_id not in changed
            changed.add(made.conversation_id)
            words = _answered(made).reading.data["text"]
            reasons = tuple(made.data["reasons"])
            result.differences.append(
                Difference(made.conversation_id, made.created_at, words, old, reasons, new, certain)
            )
    return result


def title(subject: str) -> str:
    """What an answer's subject, a passage, is called; other subjects stay as they are."""
    try:
        passage = Passage.objects.select_related("article").filter(pk=UUID(subject)).first()
    except ValueError:
        return subject
    return passage.article.title if passage else subject


def _turns(since: date | None) -> Iterator[StoredDecision]:
    """Conversation by conversation, in their order."""
    turns = StoredDecision.objects.filter(message__isnull=False)  # what a flow did by itself is not decided again
    made: QuerySet[StoredDecision] = turns.select_related("conversation", "message__reading")
    if since:
        made = made.filter(created_at__date__gte=since)
    yield from made.order_by("conversation__created_at", "conversation_id", "message__seq").iterator(chunk_size=200)


def _answered(made: StoredDecision) -> Message:
    """The customer's message that was decided on."""
    if made.message is None:
        raise InvalidInput("Decided without a message of the customer.")
    return made.message


@dataclass(slots=True)
class _Readings:
    """Readings by message: the stored ones, or made again with another model (each once)."""

    classifier: IntentClassifier | None
    made: dict[str, Reading] = field(default_factory=dict)

    def of(self, stored: StoredDecision, before: Reading | None) -> tuple[Reading, LazyVector]:
        """The reading of this turn. `before` is that of the turn before."""
        reading = reading_from_json(_answered(stored).reading.data)
        vector = LazyVector(reading.text)
        if self.classifier:
            today, hint = timezone.localdate(stored.created_at), stored.data["seen"]["hint"]
            files = reading.files
            reading = read_with(self.classifier, reading.text, vector, language_hint=hint, today=today, before=before)
            reading = replace(reading, files=files)
            self.made[str(stored.message_id)] = reading
        return reading, vector

    def in_timeline(self, timeline: Timeline, answered: int) -> Timeline:
        """The timeline with these readings, and without those that did not exist yet."""
        entries = tuple(
            replace(e, reading=(self.made.get(e.id) or e.reading) if e.seq <= answered else None)
            for e in timeline.entries
        )
        return Timeline(entries, answered)


def _again(made: StoredDecision, policy: Policy, readings: _Readings) -> tuple[tuple[str, str], Decision]:
    """(kind and subject as decided then, the decision now). Raises InvalidInput where too little was kept."""
    seen = made.data.get("seen")
    if not seen:
        raise InvalidInput("Decided before Kulanz kept what a replay needs.")
    timeline = load_timeline(made.conversation, through=_answered(made).seq)
    timeline = readings.in_timeline(timeline, seen["answered"])
    before = next((e.reading for e in reversed(timeline.entries) if e.reading), None)
    reading, vector = readings.of(made, before)
    situation = situation_from_json(seen, timeline)
    kind, subject = seen["decided"]
    return (kind, subject), _decide(reading, situation, policy, vector, (kind, subject), seen["hint"])


def _decide(
    reading: Reading, situation: Situation, policy: Policy, vector: LazyVector, old: tuple[str, str], hint: str
) -> Decision:
    decision = decide(reading, situation, policy)
    if (decision.kind, decision.subject) == old:
        return decision
    language = language_of_reply(reading, hint)
    return decide_and_look_up(reading, situation, vector, language, policy)[0]  # the knowledge may be wanted now
