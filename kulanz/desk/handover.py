"""Give a conversation to people, and tell the customer who will answer and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kulanz.accounts.models import Team
from kulanz.core.message import Author
from kulanz.desk.hours import ServiceHours, service_hours
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Status
from kulanz.live.publish import QUEUE_TOPIC, conversation_topic, hint, publish
from kulanz.trust.audit import record

ROUND_TO = 5  # minutes; a promise to the minute would pretend a precision that nobody has


def do_hand_over(
    conversation: Conversation, reason: str, language: str, *, actor: Author = "assistant"
) -> tuple[Handover, str]:
    """Puts the conversation into the agents' queue; returns the handover and the sentence for the customer.

    The caller holds the conversation's row lock, stores the sentence and publishes the conversation. A
    conversation that waits already, or that an agent holds, keeps its handover.
    """
    if known := open_handover(conversation):
        return known, known.message
    now = timezone.now()
    service, team = service_hours(now), Team.objects.order_by("pk").first()
    waiting = Handover.objects.filter(state=Handover.State.WAITING).count()
    handover = Handover.objects.create(
        conversation=conversation,
        reason=reason,
        team=team,
        promised_by=_promise(service, now, waiting, team),
        requested_at=now,
    )
    handover.message = _sentence(handover, service, waiting, language)
    handover.save(update_fields=["message"])
    conversation.status, conversation.agent = Status.WAITING, None
    conversation.resolution, conversation.resolved_at = "", None
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])
    record(actor, "handed_over", conversation.id, reason=reason, handover=str(handover.id))
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})
    return handover, handover.message


def open_handover(conversation: Conversation) -> Handover | None:
    """The handover that waits or is being worked on."""
    handovers = Handover.objects.select_related("team", "agent").filter(conversation=conversation)
    return handovers.exclude(state=Handover.State.ENDED).first()


def do_end_handover(conversation: Conversation) -> None:
    """Ends the open handover, if there is one. The caller holds the conversation's row lock."""
    if handover := open_handover(conversation):
        handover.state, handover.ended_at = Handover.State.ENDED, timezone.now()
        handover.save(update_fields=["state", "ended_at"])


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation's state as the API and the live stream show it. `handover` is the open one, or None."""
    handover = open_handover(conversation)
    return {
        "id": str(conversation.id),
        "status": conversation.status,
        "language": conversation.language,
        "channel": conversation.channel,
        "handover": _handover_json(handover) if handover else None,
        "resolution": {
            "state": conversation.resolution,
            "at": conversation.resolved_at.isoformat() if conversation.resolved_at else None,
        }
        if conversation.resolution
        else None,
    }


def publish_conversation(conversation: Conversation) -> None:
    """Tells everybody who follows the conversation its state, in the caller's transaction."""
    publish(conversation_topic(conversation.id), "conversation", conversation_json(conversation))


def _handover_json(handover: Handover) -> dict[str, Any]:
    return {
        "state": handover.state,
        "team": handover.team.name if handover.team else None,
        "agent": handover.agent.name if handover.agent else None,
        "message": handover.message,
        "promised_by": handover.promised_by.isoformat() if handover.promised_by else None,
        "requested_at": handover.requested_at.isoformat(),
    }


def _promise(service: ServiceHours, now: datetime, waiting: int, team: Team | None) -> datetime | None:
    """When an agent will have answered: the usual time, and as much again for each round of others who wait.

    A queue that is worked off by `n` agents side by side moves on by `n` customers each time. None where the
    hours never open.
    """
    agents = team.members.filter(is_active=True).count() if team else 1
    rounds = waiting // max(1, agents)
    return service.hours.after_open_time(now, service.first_reply * (1 + rounds))


def _sentence(handover: Handover, service: ServiceHours, waiting: int, language: str) -> str:
    """Who answers and when, in the customer's language."""
    zone = ZoneInfo(service.hours.zone)
    now, opening = handover.requested_at.astimezone(zone), service.hours.next_opening(handover.requested_at)
    with translation.override(language):
        parts = [_handed_over(handover)]
        if handover.promised_by is None or opening is None:
            parts.append(_("A person will read your message and answer you here."))
        elif opening > now:
            parts.append(_("Nobody is there right now."))
            parts.append(_when_open(opening.astimezone(zone), handover.promised_by.astimezone(zone), now))
        else:
            parts.append(_when_answered(handover.promised_by.astimezone(zone), now))
            if waiting:
                parts.append(_("You are number {position} in the queue.").format(position=waiting + 1))
            parts.append(_("You can simply go on writing here."))
    return " ".join(parts)


def _handed_over(handover: Handover) -> str:
    if handover.team is None:
        return _("I have handed you over to our service team.")
    return _("I have handed you over to our team {team}.").format(team=handover.team.name)


def _when_open(opening: datetime, promised: datetime, now: datetime) -> str:
    by_time = _("by about {time}").format(time=date_format(promised, "H:i"))
    then = by_time if promised.date() == opening.date() else _day_and_time(promised, now)
    return _(
        "We are back {when}; a person will then answer you here, probably {then}. "
        "Your message is kept, and you can add to it at any time."
    ).format(when=_day_and_time(opening, now), then=then)


def _when_answered(promised: datetime, now: datetime) -> str:
    if promised.date() != now.date():
        return _("We close soon, so a person will answer you {when}.").format(when=_day_and_time(promised, now))
    minutes = -(-(promised - now) // timedelta(minutes=ROUND_TO)) * ROUND_TO
    if minutes > 90:
        return _("A person will answer you by about {time}.").format(time=date_format(promised, "H:i"))
    return _("A person will answer you in about {minutes} minutes, by {time}.").format(
        minutes=minutes, time=date_format(promised, "H:i")
    )


def _day_and_time(moment: datetime, now: datetime) -> str:
    time = date_format(moment, "H:i")
    if moment.date() == now.date():
        return _("today at {time}").format(time=time)
    if moment.date() == now.date() + timedelta(days=1):
        return _("tomorrow at {time}").format(time=time)
    return _("on {day} at {time}").format(day=date_format(moment, _("l, j F")), time=time)
