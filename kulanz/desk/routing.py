"""Which team a matter belongs to, and what routing has to know about who waits and who is there."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kulanz.accounts.models import Role, Team, User
from kulanz.core.routing import Agent, Waiting
from kulanz.desk.hours import service_hours
from kulanz.desk.lists import conversations
from kulanz.desk.models import Handover
from kulanz.desk.routing_models import AgentSettings, Assignment, Presence, TeamSettings, usual_capacity
from kulanz.inbox.models import Conversation, Status

DISTRIBUTE = "distribute"
"""The name of the job that gives waiting conversations to agents."""
AT_DESK = timedelta(seconds=150)
"""An open page calls every 60 s, and browsers delay those of hidden tabs: two calls may be missed."""
MOST = 500  # waiting conversations of each team that one look takes in, so that none stands in another's way
URGENT = ("high", "urgent", "critical", "emergency")


def team_for(conversation: Conversation, reason: str) -> Team | None:
    """The team that a handover goes to: one that takes the subject (or the handover's reason) and the language; one
    that names them before one that takes everything; the oldest of equals. Where none takes both, the closest one:
    nobody is turned away. None only where there are no teams."""
    teams = list(Team.objects.select_related("routing").order_by("pk"))
    return max(teams, key=lambda team: (_fit(team, conversation, reason), -team.pk), default=None)


def _fit(team: Team, conversation: Conversation, reason: str) -> tuple[bool, bool, bool, bool, bool]:
    wants = _settings(team)
    languages, subjects = set(wants.languages), set(wants.subjects)
    named = bool(subjects & {conversation.subject, reason})
    spoken = conversation.language in languages
    takes_language, takes_subject = spoken or not languages, named or not subjects
    return (takes_language and takes_subject, takes_language, takes_subject, named, spoken)


def _settings(team: Team) -> TeamSettings:
    return getattr(team, "routing", None) or TeamSettings(team=team)


def request_distribution() -> None:
    """Once the caller's transaction is there to see, a look at who gets what: only where a team wants it, and one at a
    time. A look that is lost with its process is made up for by the next minute's."""
    transaction.on_commit(_request)


def _request() -> None:
    if not TeamSettings.objects.filter(distribution=True).exists():
        return
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(DISTRIBUTE, queue="turns", lock=DISTRIBUTE, queueing_lock=DISTRIBUTE).defer(timestamp=0)


def waiting_now(*, distributed: bool) -> list[Waiting]:
    """The conversations that wait for an agent, the longest first: two queries. Of each team the 500 that wait
    longest, and all that is urgent. `distributed`: of the teams whose conversations are given out."""
    query = Handover.objects.filter(state=Handover.State.WAITING, conversation__status=Status.WAITING)
    if distributed:
        query = query.filter(team__routing__distribution=True)
    place = Window(RowNumber(), partition_by=F("team"), order_by=("requested_at", "pk"))
    near = query.annotate(place=place).filter(Q(place__lte=MOST) | Q(conversation__urgency__in=URGENT))
    chosen = Handover.objects.filter(pk__in=near.values("pk"))
    return [_waiting(handover) for handover in _with_past(chosen).order_by("requested_at", "pk")]


def waiting_one(conversation: Conversation) -> Waiting | None:
    """One conversation as routing sees it, if it waits."""
    query = Handover.objects.filter(conversation=conversation, state=Handover.State.WAITING)
    handover = _with_past(query).first()
    return _waiting(handover) if handover and handover.conversation.status == Status.WAITING else None


def _with_past(query: QuerySet[Handover]) -> QuerySet[Handover]:
    before = Handover.objects.filter(
        conversation__customer_id=OuterRef("conversation__customer_id"), agent__isnull=False
    ).order_by("-requested_at")
    return (
        query.select_related("conversation")
        .annotate(last_agent=Subquery(before.values("agent_id")[:1]))
        .prefetch_related("assignments")
    )


def _waiting(handover: Handover) -> Waiting:
    conversation = handover.conversation
    noted: Any = handover
    gave_up = (a.agent_id for a in noted.assignments.all() if a.ended == Assignment.Ended.NO_REACTION)
    return Waiting(
        id=conversation.pk,
        since=handover.requested_at,
        language=conversation.language,
        channel=conversation.channel,
        team=handover.team_id,
        subject=conversation.subject,
        urgency=conversation.urgency,
        emotion=conversation.emotion,
        sensitive=handover.reason == "sensitive",
        promised_by=handover.promised_by,
        last_agent=noted.last_agent,
        not_for=frozenset(gave_up),
    )


def agents_now(now: datetime, agent_ids: list[int] | None = None) -> list[Agent]:
    """Everybody who takes conversations, there or not: agents, and others who were given settings of their own. What
    rests takes no room. Two queries."""
    users = User.objects.filter(Q(role=Role.AGENT) | Q(routing__isnull=False), is_active=True)
    if not settings.DEMO:
        users = users.filter(is_demo=False)
    if agent_ids is not None:
        users = users.filter(pk__in=agent_ids)
    held = conversations(now).filter(Q(resting=False), status=Status.AGENT, agent__isnull=False)
    load: dict[int, dict[str, int]] = defaultdict(dict)
    for row in held.values("agent_id", "channel").annotate(count=Count("pk")):
        load[row["agent_id"]][row["channel"]] = row["count"]
    zone = ZoneInfo(service_hours(now).hours.zone)
    people = users.select_related("routing", "presence").order_by("pk")
    return [_agent(user, load[user.pk], now, zone) for user in people]


def _agent(user: User, load: dict[str, int], now: datetime, zone: ZoneInfo) -> Agent:
    own: AgentSettings | None = getattr(user, "routing", None)
    seen: Presence | None = getattr(user, "presence", None)
    available = seen is not None and seen.state == Presence.State.AVAILABLE and now - seen.seen_at <= AT_DESK
    return Agent(
        id=user.pk,
        teams=frozenset({user.team_id} if user.team_id else ()),
        languages=frozenset(own.languages if own and own.languages else [user.language]),
        skills=frozenset(own.skills if own else ()),
        capacity=own.capacity if own else usual_capacity(),
        load=load,
        present=available,
        away_until=_back(own, now, zone) if own else None,
    )


def _back(own: AgentSettings, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a leave that has begun ends: the midnight after its last day."""
    today = now.astimezone(zone).date()
    begun = own.away_from is None or own.away_from <= today
    if own.away_until is None:
        return now + timedelta(days=1) if own.away_from and begun else None
    if not begun or own.away_until < today:
        return None
    return datetime.combine(own.away_until + timedelta(days=1), time(), zone)
