"""Rest: a conversation leaves the lists until a time, or until its customer writes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.lists import conversations
from kulanz.desk.notes import tell_beside
from kulanz.desk.sorting_models import Rest
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Status
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record

LONGEST = timedelta(days=365)
MORNING = time(9)
EVENING = 18  # o'clock; nothing rests until later "today" than that
LATER = timedelta(hours=3)
SOON = ("today", "tomorrow", "monday")


def times(now: datetime) -> dict[str, datetime]:
    """What can be chosen with one key, in the local time of the company: later today (three hours on, at the full
    hour; absent in the evening), tomorrow and on Monday at nine."""
    local = timezone.localtime(now)
    later = (local + LATER).replace(minute=0, second=0, microsecond=0)
    day = local.date()
    found = {
        "today": later,
        "tomorrow": timezone.make_aware(datetime.combine(day + timedelta(days=1), MORNING)),
        "monday": timezone.make_aware(datetime.combine(day + timedelta(days=7 - day.weekday()), MORNING)),
    }
    if later.date() != day or later.hour > EVENING:
        del found["today"]
    if found["monday"] == found["tomorrow"]:
        del found["monday"]
    return found


def until_when(chosen: str, own: str, now: datetime) -> datetime:
    """The time behind a choice of `times`, or a date and time of one's own as browsers send it (`2026-01-31T14:00`).
    Raises InvalidInput for what is no time to come, within a year."""
    until = times(now).get(chosen)
    if until is None:
        try:
            until = datetime.fromisoformat(own)
        except ValueError as error:
            raise InvalidInput(_("Please choose when it is to come back.")) from error
        until = timezone.make_aware(until) if timezone.is_naive(until) else until
    if not now < until <= now + LONGEST:
        raise InvalidInput(_("Please choose a time to come, within a year."))
    return until


def do_rest(conversation_id: UUID, agent: User, until: datetime) -> Conversation:
    """The conversation rests. Only whoever holds it may let it rest: somebody else's customers would wait unseen, and
    one that waits for a person has been promised one. Raises InvalidInput, NotFound."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        _check_held(conversation, agent)
        now = timezone.now()
        given = {"until": until, "seq": conversation.last_seq, "agent": agent, "created_at": now}
        Rest.objects.update_or_create(conversation=conversation, defaults=given)
        record(f"agent:{agent.pk}", "let_rest", conversation.id, until=until.isoformat())
        _tell(conversation_id)
    return conversation


def do_wake(conversation_id: UUID, agent: User) -> Conversation:
    """It is back in the lists at once, whoever asks. Raises NotFound."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if Rest.objects.filter(conversation=conversation).delete()[0]:
            record(f"agent:{agent.pk}", "woke", conversation.id)
            _tell(conversation_id)
    return conversation


def rests_until(conversation_id: UUID, now: datetime) -> datetime | None:
    """Until when it rests, None while it does not."""
    found = conversations(now).filter(Q(resting=True), pk=conversation_id).values_list("rest__until", flat=True)
    return found.first()


def _check_held(conversation: Conversation, agent: User) -> None:
    if conversation.status != Status.AGENT:
        raise InvalidInput(_("Only a conversation that you look after can rest. Please accept it first."))
    if conversation.agent is not None and conversation.agent_id != agent.pk and not agent.may_take_from_others:
        raise InvalidInput(_("{name} is looking after this conversation.").format(name=conversation.agent.name))


def _tell(conversation_id: UUID) -> None:
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation_id)})
    tell_beside(conversation_id)
