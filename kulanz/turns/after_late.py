"""Whoever waits longer than promised is told so: once, with a new time that is meant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from kulanz.desk.after_models import LateNotice, ReplyWish
from kulanz.desk.after_promise import hours_for, later_promise, later_than_promised
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.trust.audit import record
from kulanz.turns.acting import notify, tell

AT_ONCE = 200  # conversations that one look tells


def do_tell_late(now: datetime | None = None) -> int:
    """Tells everybody who was promised an earlier reply of a person; returns how many were told."""
    now = now or timezone.now()
    late = _late(now).order_by("promised_by").values_list("conversation_id", flat=True)[:AT_ONCE]
    return sum(_told(conversation_id, now) for conversation_id in list(late))


def _late(now: datetime) -> QuerySet[Handover]:
    """Open handovers that nobody has answered in time, and whose customers have not been told."""
    answered = Message.objects.filter(
        conversation=OuterRef("conversation"), author="agent", created_at__gte=OuterRef("requested_at")
    )
    held = Handover.objects.filter(conversation__status__in=[Status.WAITING, Status.AGENT], late_notice=None)
    called = ReplyWish.objects.filter(handover=OuterRef("pk"), done_at__isnull=False)
    return held.exclude(state=Handover.State.ENDED).filter(~Exists(answered), ~Exists(called), promised_by__lt=now)


def _told(conversation_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        handover = _late(now).select_related("team").filter(conversation=conversation).first()
        if handover is None:  # answered, ended or told in between
            return False
        _do_tell(conversation, handover, now)
    return True


def _do_tell(conversation: Conversation, handover: Handover, now: datetime) -> None:
    by, zone = later_promise(handover, now), ZoneInfo(hours_for(handover.team, now).hours.zone)
    LateNotice.objects.create(handover=handover, told_at=now, promised_by=by)
    handover.message = later_than_promised(by, now, zone, conversation.language)
    handover.save(update_fields=["message"])
    notify(conversation, handover.message)
    until = by.isoformat() if by else None
    record("system", "told_late", conversation.pk, handover=str(handover.pk), promised_by=until)
    tell(conversation)
