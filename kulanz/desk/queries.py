"""The lists of the desk: few queries, whatever the number of conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Left

from kulanz.accounts.models import User
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Message, Status

PAGE = 40
PREVIEW = 160  # characters
LISTS: Final = ("waiting", "mine", "colleagues", "assistant", "resolved")

_URGENCY = Case(
    When(urgency__in=["critical", "emergency"], then=Value(0)),
    When(urgency__in=["high", "urgent"], then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
_EMOTION = Case(
    When(emotion="frustrated", then=Value(0)),
    When(emotion__in=["worried", "disappointed"], then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One conversation in a list. `since` is when it began to wait, else when it last changed."""

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

    @property
    def says_why_twice(self) -> bool:
        """The mood says it already."""
        return self.reason == "anger" and self.emotion == "frustrated"


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    number: int
    more: bool


def queue_page(name: str, agent: User, number: int = 1, search: str = "") -> QueuePage:
    """One page of a list, 40 rows: one query. An unknown list is the waiting one."""
    query = _search(_list(name, agent), search)
    start = (max(1, number) - 1) * PAGE
    found = list(_with_details(query)[start : start + PAGE + 1])
    return QueuePage(tuple(_row(c) for c in found[:PAGE]), max(1, number), len(found) > PAGE)


def queue_counts(agent: User) -> dict[str, int]:
    """How many conversations each list holds: one query."""
    mine = Q(status=Status.AGENT, agent=agent)
    return Conversation.objects.aggregate(
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        mine=Count("pk", filter=mine),
        colleagues=Count("pk", filter=Q(status=Status.AGENT) & ~mine),
        assistant=Count("pk", filter=Q(status=Status.ASSISTANT)),
        resolved=Count("pk", filter=Q(status=Status.RESOLVED)),
    )


def other_conversations(conversation: Conversation, limit: int = 10) -> list[Conversation]:
    """The same customer's other conversations, newest first."""
    query = Conversation.objects.filter(customer_id=conversation.customer_id).exclude(pk=conversation.pk)
    return list(query.select_related("agent").order_by("-updated_at")[:limit])


def _list(name: str, agent: User) -> QuerySet[Conversation]:
    every = Conversation.objects.all()
    if name == "mine":
        return every.filter(status=Status.AGENT, agent=agent).order_by("-updated_at")
    if name == "colleagues":
        return every.filter(status=Status.AGENT).exclude(agent=agent).order_by("-updated_at")
    if name == "assistant":
        return every.filter(status=Status.ASSISTANT).order_by("-updated_at")
    if name == "resolved":
        return every.filter(status=Status.RESOLVED).order_by("-updated_at")
    waiting = every.filter(status=Status.WAITING)
    return waiting.order_by(_URGENCY, _EMOTION, F("waiting_since").asc(nulls_last=True), "updated_at")


def _search(query: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    words = words.replace("\0", "").encode("utf-8", "ignore").decode().strip()[:100]
    if not words:
        return query
    return query.filter(
        Q(customer__name__icontains=words) | Q(customer__email__icontains=words) | Q(subject__icontains=words)
    )


def _with_details(query: QuerySet[Conversation]) -> QuerySet[Conversation]:
    last = Message.objects.filter(conversation=OuterRef("pk")).exclude(author="system").order_by("-seq")
    handover = Handover.objects.filter(conversation=OuterRef("pk")).exclude(state=Handover.State.ENDED)
    return query.select_related("customer", "agent").annotate(
        last_text=Subquery(last.values(start=Left("text", PREVIEW))[:1]),
        last_author=Subquery(last.values("author")[:1]),
        promised_by=Subquery(handover.values("promised_by")[:1]),
        handover_reason=Subquery(handover.values("reason")[:1]),
        waiting_since=Subquery(handover.values("requested_at")[:1]),
    )


def _row(conversation: Conversation) -> QueueRow:
    c: Any = conversation
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
    )
