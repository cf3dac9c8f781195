"""Give waiting conversations to agents who are there, and take them back from whoever does not react.

Only teams whose supervisor has switched it on; in all others agents take what they want from the queue.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.core.routing import NOBODY, Assignments, Given, Kept, assign
from kulanz.desk.beside_models import HeldReply
from kulanz.desk.routing import agents_now, waiting_now, waiting_one
from kulanz.desk.routing_models import Assignment, QueueAlarm, TeamSettings
from kulanz.desk.routing_rule import rules_at
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record
from kulanz.trust.models import AuditEntry
from kulanz.turns.acting import actor, say_who_is_there, take, tell
from kulanz.turns.returning import do_return

ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('kulanz.distribute'))"


def do_distribute(now: datetime | None = None) -> Assignments:
    """One look: takes back what nobody reacts to, gives out what can be given, and raises an alarm for what nobody
    can take. Returns what routing wanted."""
    now = now or timezone.now()
    _do_take_back(now)
    wanted = assign(waiting_now(distributed=True), agents_now(now), rules_at(now), now)
    for given in wanted.given:
        do_assign(given, now)
    _do_tell_alarms(wanted.kept, now)
    return wanted


def do_assign(given: Given, now: datetime) -> Assignment | None:
    """The conversation becomes the agent's, as if they had taken it. None where things have changed meanwhile: it does
    not wait any more, or the agent has left or has no room. Two at once follow one after the other, so nobody gets more
    than they can take."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        conversation = access_conversation(given.waiting.id, None, lock=True)
        waits, there = waiting_one(conversation), agents_now(now, [given.agent])
        if waits is None or not there or not there[0].is_there(now) or not there[0].has_room(waits.channel):
            return None
        agent = User.objects.get(pk=given.agent)
        take(conversation, agent)
        say_who_is_there(conversation, agent)
        tell(conversation)
        return _record(conversation, agent, given)


def _record(conversation: Conversation, agent: User, given: Given) -> Assignment:
    record("system", "assigned", conversation.id, agent=agent.pk, why=given.why, rank=asdict(given.rank))
    at = timezone.now()
    team = TeamSettings.objects.filter(pk=given.waiting.team).first()
    assignment = Assignment.objects.create(
        conversation=conversation,
        handover=conversation.handovers.exclude(state="ended").first(),
        agent=agent,
        why=list(given.why),
        minutes=given.rank.minutes,
        at=at,
        react_by=at + timedelta(minutes=team.react_minutes if team else 5),
    )
    hint(QUEUE_TOPIC, "assigned", {"conversation": str(conversation.id), "agent": agent.pk})
    return assignment


def _do_take_back(now: datetime) -> None:
    for assignment in Assignment.objects.filter(ended="", react_by__lte=now).order_by("react_by")[:100]:
        with transaction.atomic():
            conversation = access_conversation(assignment.conversation_id, None, lock=True)
            assignment.ended = _how_it_went(assignment, conversation)
            assignment.save(update_fields=["ended"])
            if assignment.ended == Assignment.Ended.NO_REACTION:
                do_return(conversation, "no_reaction")
    lost = Q(agent=None) | Q(agent__is_active=False)
    for conversation_id in Conversation.objects.filter(lost, status=Status.AGENT).values_list("pk", flat=True)[:100]:
        _do_return_lost(conversation_id)


def _do_return_lost(conversation_id: UUID) -> None:
    """Its agent was deleted, or deactivated past the settings: nobody would ever look at it again."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status == Status.AGENT and (conversation.agent is None or not conversation.agent.is_active):
            do_return(conversation, "agent_gone")


def _how_it_went(assignment: Assignment, conversation: Conversation) -> str:
    if conversation.status != Status.AGENT or conversation.agent_id != assignment.agent_id:
        return Assignment.Ended.OVERTAKEN
    theirs = {"conversation": conversation, "agent_id": assignment.agent_id}
    reacted = (
        Message.objects.filter(**theirs, created_at__gte=assignment.at).exists()
        or HeldReply.objects.filter(**theirs).exists()
        or AuditEntry.objects.filter(
            conversation=conversation, actor=actor(assignment.agent), at__gte=assignment.at
        ).exists()
    )
    return Assignment.Ended.REACTED if reacted else Assignment.Ended.NO_REACTION


def _do_tell_alarms(kept: tuple[Kept, ...], now: datetime) -> None:
    """What nobody can take stays marked, with its reason and whose care it is, until somebody can."""
    wanted = {one.waiting.id: one for one in kept if one.why in NOBODY}
    gone = QueueAlarm.objects.exclude(pk__in=wanted).delete()[0]
    known = set(QueueAlarm.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    owners = {team: _owner(team) for team in {one.waiting.team for one in wanted.values()}}
    alarms = (
        QueueAlarm(conversation_id=conversation_id, why=one.why, owner=owners[one.waiting.team], since=now)
        for conversation_id, one in wanted.items()
    )
    QueueAlarm.objects.bulk_create(
        alarms, 1000, update_conflicts=True, unique_fields=["conversation"], update_fields=["why", "owner"]
    )
    if gone or known != set(wanted):
        hint(QUEUE_TOPIC, "changed", {})


def _owner(team: int | None) -> User | None:
    """The team's supervisor; else any supervisor, else an administrator."""
    leads = User.objects.filter(is_active=True).order_by("pk")
    return (
        (leads.filter(role=Role.SUPERVISOR, team=team).first() if team is not None else None)
        or leads.filter(role=Role.SUPERVISOR).first()
        or leads.filter(role=Role.ADMINISTRATOR).first()
    )
