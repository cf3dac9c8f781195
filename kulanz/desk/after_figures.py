"""How it ended and what customers said about it: queries over what happened, nothing is counted along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from kulanz.desk.after_contact import CONTACTED_AGAIN
from kulanz.desk.beside_models import Closing
from kulanz.inbox.models import Conversation, Feedback

WEEKS: Final = 8
MOST_COMMENTS: Final = 100
NOT_ASKED: Final = (Closing.SPAM, Closing.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Row:
    """The conversations of one week, or of one who looked after them (`who` is empty for the assistant). A conversation
    belongs to the week of its rating, else to that of its end; `all` is how many could have been rated."""

    week: date | None
    who: str
    all: int
    rated: int
    good: int
    confirmed: int
    unconfirmed: int
    contacted_again: int

    @property
    def share_rated(self) -> int:
        """Per cent of those who could; what the others think is not known."""
        return round(100 * self.rated / self.all) if self.all else 0

    @property
    def share_good(self) -> int | None:
        """Per cent of those who rated; None where nobody did."""
        return round(100 * self.good / self.rated) if self.rated else None


def by_week(now: datetime) -> list[Row]:
    """The last eight weeks, the newest first; weeks in which nothing ended are left out."""
    query: Any = _ended(now).annotate(week=TruncWeek("ended"))
    rows = sorted(_counted(query.values("week")), key=itemgetter("week"), reverse=True)
    return [_row(found, week=timezone.localdate(found["week"])) for found in rows]


def by_who(now: datetime) -> list[Row]:
    """The same conversations by who looked after them, the busiest first."""
    query: Any = _ended(now)
    rows = [_row(found, who=found["who"]) for found in _counted(query.values("who"))]
    return sorted(rows, key=lambda row: (-row.all, row.who))


def comments(now: datetime) -> list[Feedback]:
    """What customers wrote in these weeks, the newest first, up to a hundred."""
    query = Feedback.objects.filter(message=None, created_at__gte=_since(now)).exclude(comment="")
    return list(query.select_related("conversation__customer", "rated_agent").order_by("-created_at")[:MOST_COMMENTS])


def _since(now: datetime) -> datetime:
    monday = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday - timedelta(days=monday.weekday(), weeks=WEEKS - 1)


def _ended(now: datetime) -> QuerySet[Conversation, Any]:
    """The conversations that ended or were rated, with `ended`, `good` and `who`."""
    told = Conversation.objects.annotate(told=FilteredRelation("feedback", condition=Q(feedback__message=None)))
    dated = told.annotate(ended=Coalesce("told__rated_at", "resolved_at"), good=F("told__helpful"))
    whose = Case(
        When(told__rated_at__isnull=False, then=Coalesce("told__rated_agent__name", Value(""))),
        default=Coalesce("agent__name", Value("")),
        output_field=CharField(),
    )
    return dated.filter(ended__gte=_since(now)).exclude(closed__why__in=NOT_ASKED).annotate(who=whose)


def _counted(query: QuerySet[Conversation, Any]) -> QuerySet[Conversation, Any]:
    return query.annotate(
        all=Count("pk"),
        rated=Count("pk", filter=Q(good__isnull=False)),
        liked=Count("pk", filter=Q(good=True)),
        confirmed=Count("pk", filter=Q(resolution="confirmed")),
        unconfirmed=Count("pk", filter=Q(resolution="unconfirmed")),
        again=Count("pk", filter=Q(resolution=CONTACTED_AGAIN)),
    )


def _row(found: dict[str, Any], week: date | None = None, who: str = "") -> Row:
    return Row(
        week, who, found["all"], found["rated"], found["liked"], found["confirmed"], found["unconfirmed"],
        found["again"],
    )  # fmt: skip
