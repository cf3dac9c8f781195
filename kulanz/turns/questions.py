"""Which questions of customers got no good answer: asked back, handed over, or rated badly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Q

from kulanz.decision.models import StoredDecision
from kulanz.desk.models import Handover
from kulanz.inbox.models import Feedback, Message
from kulanz.knowledge.gaps import Cause, Question
from kulanz.knowledge.models import QuestionVector, Rating
from kulanz.nlp.embedder import DIMENSIONS
from kulanz.nlp.grouping import Floats
from kulanz.understanding.models import StoredReading
from kulanz.understanding.vectors import kept_vectors, packed, readable, unpacked, vectors_of

NOT_ANSWERED = frozenset({"no_answer", "unclear"})
"""Reasons of a decision which say that nothing fitted the question."""
FEWEST_WORDS = 3
MOST = 5_000
"""Newest questions that are looked at together."""
_MOST_TEXT = 600  # characters: as much as the reading network reads
_BATCH = 32


@dataclass(frozen=True, slots=True)
class _Said:
    """A customer's message. `telling`: it says what they want, not only that they want a person."""

    id: UUID
    seq: int
    at: datetime
    text: str
    language: str
    read: bool
    telling: bool


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that says a conversation had an unanswered question at that moment, or in that message."""

    cause: Cause
    at: datetime | None = None
    message: UUID | None = None


def questions_since(since: datetime) -> list[Question]:
    """The newest questions without a good answer, the oldest first, each message once with all its causes. Ratings of
    articles count as the question that is the article's title."""
    events: dict[UUID, list[_Event]] = defaultdict(list)
    for conversation, event in (*_decisions(since), *_handovers(since), *_feedback(since)):
        events[conversation].append(event)
    found: list[Question] = []
    for conversation, said in _said_in(list(events)):
        found += _asked(conversation, said, events[conversation], since)
    found += _of_readers(since)
    return sorted(found, key=lambda question: (question.at, question.id))[-MOST:]


def _decisions(since: datetime) -> Iterator[tuple[UUID, _Event]]:
    rows = StoredDecision.objects.filter(created_at__gte=since, kind__in=("ask", "hand_over"), message__isnull=False)
    for conversation, message, reasons in rows.values_list("conversation_id", "message_id", "data__reasons"):
        if any(reason["code"] in NOT_ANSWERED for reason in reasons or ()):
            yield conversation, _Event("unanswered", message=message)


def _handovers(since: datetime) -> Iterator[tuple[UUID, _Event]]:
    for conversation, at in Handover.objects.filter(requested_at__gte=since).values_list(
        "conversation_id", "requested_at"
    ):
        yield conversation, _Event("handed_over", at=at)


def _feedback(since: datetime) -> Iterator[tuple[UUID, _Event]]:
    """About a reply: what was asked before it; about the whole: what the conversation was about."""
    rows = Feedback.objects.filter(Q(solved=False) | Q(helpful=False), created_at__gte=since)
    for conversation, replied, at in rows.values_list("conversation_id", "message__created_at", "created_at"):
        yield conversation, _Event("rated_badly", at=replied or at)


def _said_in(conversations: Sequence[UUID]) -> Iterator[tuple[UUID, list[_Said]]]:
    """What customers said, by conversation and in order."""
    rows = Message.objects.filter(conversation__in=conversations, author="customer").order_by("conversation_id", "seq")
    fields = (
        "conversation_id", "id", "seq", "created_at", "text", "conversation__language",
        "reading__data__rejected", "reading__data__signals",
    )  # fmt: skip
    for conversation, group in groupby(rows.values_list(*fields), key=lambda row: row[0]):
        yield conversation, [_said(row) for row in group]


def _said(row: tuple[Any, ...]) -> _Said:
    _, key, seq, at, text, language, rejected, signals = row
    read = rejected is not None
    telling = len(text.split()) >= FEWEST_WORDS and (not read or not rejected or not signals)
    return _Said(key, seq, at, text[:_MOST_TEXT], language, read, telling)


def _asked(conversation: UUID, said: list[_Said], events: list[_Event], since: datetime) -> Iterator[Question]:
    causes: dict[UUID, set[Cause]] = defaultdict(set)
    by_id = {message.id: message for message in said}
    for event in events:
        meant = _meant(said, by_id.get(event.message) if event.message else None, event.at)
        if meant and meant.at >= since:
            causes[meant.id].add(event.cause)
    for key, found in causes.items():
        message = by_id[key]
        yield Question(str(key), message.at, message.text, message.language, frozenset(found), conversation)


def _meant(said: list[_Said], asked: _Said | None, at: datetime | None) -> _Said | None:
    """The question behind an event: the message itself where it tells what is wanted, else the last one before that
    does. Where nothing was read (older conversations), the first: with it the matter began."""
    if asked and asked.telling:
        return asked
    before = [
        message for message in said
        if message.telling and (asked is None or message.seq < asked.seq) and (at is None or message.at <= at)
    ]  # fmt: skip
    if not before:
        return None
    return before[-1] if any(message.read for message in before) else before[0]


def _of_readers(since: datetime) -> Iterator[Question]:
    """Articles that did not help their readers; nothing leads to the reader."""
    rows = Rating.objects.filter(helpful=False, created_at__gte=since).select_related("article")
    for rating in rows:
        article = rating.article
        yield Question(
            f"rating-{rating.pk}", rating.created_at, article.title, article.language, frozenset({"rated_badly"}),
            article=article.pk,
        )  # fmt: skip


def known_vectors(questions: Sequence[Question]) -> tuple[list[Question], Floats]:
    """Those of `questions` whose vectors are known, with their vectors (n, 384); computes none."""
    kept = _kept(questions)
    titles = kept_vectors([question.text for question in questions if question.article])
    found = [
        (question, vector)
        for question in questions
        if (vector := titles.get(question.text) if question.article else kept.get(question.id)) is not None
    ]
    vectors = np.array([vector for _, vector in found], np.float32).reshape(len(found), DIMENSIONS)
    return [question for question, _ in found], vectors


def _kept(questions: Iterable[Question]) -> dict[str, Floats]:
    messages = [UUID(question.id) for question in questions if question.conversation]
    read = StoredReading.objects.filter(message__in=messages).exclude(vector=None)
    own = QuestionVector.objects.filter(message__in=messages)
    rows = [*read.values_list("message_id", "vector"), *own.values_list("message_id", "vector")]
    return {str(key): unpacked(data) for key, data in rows if data and readable(data)}


def do_place(questions: Sequence[Question]) -> int:
    """Computes the missing vectors (5 ms each) and keeps them beside the messages; returns how many were missing."""
    titles = [question.text for question in questions if question.article]
    missing_titles = len(set(titles) - set(kept_vectors(titles)))
    if missing_titles:
        vectors_of(titles)
    kept = _kept(questions)
    missing = [question for question in questions if question.conversation and question.id not in kept]
    for start in range(0, len(missing), _BATCH):
        _place(sorted(missing, key=lambda question: len(question.text))[start : start + _BATCH])
    return len(missing) + missing_titles


def _place(questions: list[Question]) -> None:
    """One batch; a message that was erased meanwhile is left out."""
    from kulanz.nlp.embedder import reader

    vectors = reader().vectors([question.text for question in questions])
    there = set(Message.objects.filter(pk__in=[q.id for q in questions]).values_list("pk", flat=True))
    QuestionVector.objects.bulk_create(
        [
            QuestionVector(message_id=UUID(question.id), vector=packed(vector))
            for question, vector in zip(questions, vectors, strict=True)
            if UUID(question.id) in there
        ],
        update_conflicts=True, unique_fields=["message"], update_fields=["vector"],
    )  # fmt: skip
