"""The lists of the desk: few queries, whatever the number of conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.desk.level_models import NextDue
from kulanz.desk.levels import next_due
from kulanz.desk.lists import AWAKE, LISTS, OPEN, Filters, conversations, in_list, kind_of, order_of
from kulanz.desk.sorting_models import ConversationTag, Tag
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.inbox.search import Piece, best, sentences, wanted

__all__ = ["LISTS", "PAGE", "Filters", "QueuePage", "QueueRow", "other_conversations", "queue_counts", "queue_page"]

PAGE = 40
UNCOUNTED = ("resting", "resolved")
PREVIEW = 160  # characters


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One conversation in a list. `since` is when it began to wait, else when it last changed; `found` is the sentence
    with the words searched for; `rests_until` is set while it rests, `back` once it is over
    and nobody has answered."""

    id: UUID
    customer: str
    subject: str
    preview: str
    preview_author: str
    status: str
    agent: str
    channel: str
    language: str
    emotion: str
    urgency: str
    resolution: str
    since: datetime
    promised_by: datetime | None
    reason: str
    tags: tuple[Tag, ...] = ()
    found: tuple[Piece, ...] = ()
    rests_until: datetime | None = None
    back: bool = False
    due: NextDue | None = None

    @property
    def says_why_twice(self) -> bool:
        """The mood says it already."""
        return self.reason == "anger" and self.emotion == "frustrated"


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    number: int
    more: bool


def queue_page(name: str, agent: User, number: int = 1, search: str = "", filters: Filters | None = None) -> QueuePage:
    """One page of a list, 40 rows, two queries. With a search: of everything that the filters leave, best first."""
    number, now = max(1, number), timezone.now()
    start = (number - 1) * PAGE
    query = conversations(now).filter((filters or Filters()).condition)
    if search.strip():
        return _searched(query, search, number, now)
    query = query.filter(in_list(name, agent, now)).order_by(*order_of(name))
    found = list(_with_details(query)[start : start + PAGE + 1])
    return QueuePage(tuple(_row(c) for c in found[:PAGE]), number, len(found) > PAGE)


def _searched(query: QuerySet[Conversation], search: str, number: int, now: datetime) -> QueuePage:
    looked_for = wanted(search)
    if looked_for is None:
        return QueuePage((), 1, False)
    start = (number - 1) * PAGE
    keys = best(query, looked_for, now)
    page = keys[start : start + PAGE]
    known = {c.pk: c for c in _with_details(conversations(now).filter(pk__in=page))}
    said = sentences(page, looked_for)
    rows = tuple(_row(known[key], said.get(key, ())) for key in page if key in known)
    return QueuePage(rows, number, len(keys) > start + PAGE)


def queue_counts(agent: User, filters: Filters | None = None) -> dict[str, int | None]:
    """How many conversations each list holds: two queries, the resolved ones are not counted.
    Those that rest are counted apart, so that only for them it is asked whether their customer has written."""
    now = timezone.now()
    open_ones = conversations(now).filter((filters or Filters()).condition, status__in=OPEN)
    counted = {name: Count("pk", filter=kind_of(name, agent, now)) for name in LISTS if name not in UNCOUNTED}
    every = open_ones.aggregate(**{f"in_{name}": count for name, count in counted.items()})
    asleep = open_ones.filter(Q(resting=True), rest__until__gt=now)
    rests = asleep.aggregate(all_of_them=Count("pk"), **{f"in_{name}": counted[name] for name in AWAKE})
    counts: dict[str, int | None] = {n: every[f"in_{n}"] - rests.get(f"in_{n}", 0) for n in counted}
    return {**counts, "resting": rests["all_of_them"], "resolved": None}


def other_conversations(conversation: Conversation, limit: int = 10) -> list[Conversation]:
    """The same customer's other conversations, newest first."""
    query = Conversation.objects.filter(customer_id=conversation.customer_id).exclude(pk=conversation.pk)
    return list(query.select_related("agent").order_by("-updated_at")[:limit])


def _with_details(query: QuerySet[Conversation]) -> QuerySet[Conversation]:
    last = Message.objects.filter(conversation=OuterRef("pk")).exclude(author="system").order_by("-seq")
    answered = Message.objects.filter(conversation=OuterRef("pk"), author="agent", seq__gt=OuterRef("rest__seq"))
    tagged = ConversationTag.objects.select_related("tag").order_by("tag__name")
    return (
        query.select_related("customer", "agent", "rest", "next_due")
        .annotate(
            last_text=Subquery(last.values(start=Left("text", PREVIEW))[:1]),
            last_author=Subquery(last.values("author")[:1]),
            answered_after_rest=Subquery(answered.values("seq")[:1]),
            promised_by=F("held__promised_by"),
            handover_reason=F("held__reason"),
            waiting_since=F("held__requested_at"),
            accepted_at=F("held__accepted_at"),
        )
        .prefetch_related(Prefetch("tagged", tagged))
    )


def _row(conversation: Conversation, found: Sequence[Piece] = ()) -> QueueRow:
    c: Any = conversation
    rest = getattr(c, "rest", None)
    held = rest is not None and c.status == Status.AGENT and c.accepted_at and c.accepted_at <= rest.created_at
    return QueueRow(
        id=c.pk,
        customer=str(c.customer),
        subject=c.subject,
        preview=" ".join((c.last_text or "").split()),
        preview_author=c.last_author or "",
        status=c.status,
        agent=c.agent.name if c.agent else "",
        channel=c.channel,
        language=c.language,
        emotion=c.emotion,
        urgency=c.urgency,
        resolution=c.resolution,
        since=c.waiting_since if c.status == Status.WAITING and c.waiting_since else c.updated_at,
        promised_by=c.promised_by,
        reason=c.handover_reason or "",
        tags=tuple(tagged.tag for tagged in c.tagged.all()),
        found=tuple(found),
        rests_until=rest.until if rest and c.resting else None,
        back=bool(held and not c.resting and c.answered_after_rest is None),
        due=next_due(c),
    )
