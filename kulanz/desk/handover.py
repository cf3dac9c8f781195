"""Give a conversation to people, and tell the customer who will answer and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from kulanz.accounts.models import Team
from kulanz.core.message import Author
from kulanz.desk.after_models import LateNotice
from kulanz.desk.after_promise import call_stays, handed_over, promise
from kulanz.desk.after_rating import feedback_on
from kulanz.desk.after_wish import call_still_due, choice_sentence, choices_of, do_carry_over, do_offer, possible
from kulanz.desk.levels import do_follow
from kulanz.desk.models import Handover
from kulanz.desk.routing import request_distribution, team_for
from kulanz.inbox.models import Conversation, Status
from kulanz.live.publish import QUEUE_TOPIC, conversation_topic, hint, publish
from kulanz.trust.audit import record


def do_hand_over(
    conversation: Conversation, reason: str, language: str, *, actor: Author = "assistant", team: Team | None = None
) -> tuple[Handover, str]:
    """Puts the conversation into the agents' queue; returns the handover and the sentence for the customer.

    The caller holds the conversation's row lock, stores the sentence and publishes the conversation. A
    conversation that waits already, or that an agent holds, keeps its handover.
    """
    if known := open_handover(conversation):
        return known, known.message
    now = timezone.now()
    team = team or team_for(conversation, reason)
    given = promise(team, now)
    handover = Handover.objects.create(
        conversation=conversation,
        reason=reason,
        team=team,
        promised_by=given.by,
        requested_at=now,
    )
    handover.message = handed_over(handover, given, language)
    _do_keep_or_offer(handover, language, now)
    handover.save(update_fields=["message", "promised_by"])
    conversation.status, conversation.agent = Status.WAITING, None
    conversation.resolution, conversation.resolved_at = "", None
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])
    record(actor, "handed_over", conversation.id, reason=reason, handover=str(handover.id))
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})
    request_distribution()
    return handover, handover.message


def _do_keep_or_offer(handover: Handover, language: str, now: datetime) -> None:
    """How the customer is answered stays as agreed; else they have the choice where nobody is there."""
    wish = do_carry_over(handover)
    if wish is not None and (call := call_still_due(wish, now)):
        with override(language):
            handover.message = call_stays(handover, wish.phone, call.label())
        handover.promised_by = call.end
    elif wish is None and do_offer(handover, now):
        with override(language):
            handover.message += f" {choice_sentence(possible(handover, now))}"


def open_handover(conversation: Conversation) -> Handover | None:
    """The handover that waits or is being worked on."""
    handovers = Handover.objects.select_related("team", "agent").filter(conversation=conversation)
    return handovers.exclude(state=Handover.State.ENDED).first()


def do_end_handover(conversation: Conversation) -> None:
    """Ends the open handover, if there is one. The caller holds the conversation's row lock."""
    if handover := open_handover(conversation):
        handover.state, handover.ended_at = Handover.State.ENDED, timezone.now()
        handover.save(update_fields=["state", "ended_at"])
        request_distribution()  # whoever held it has room again


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation's state as the API and the live stream show it. `handover` is the open one, or None."""
    handover = open_handover(conversation)
    return {
        "id": str(conversation.id),
        "status": conversation.status,
        "language": conversation.language,
        "channel": conversation.channel,
        "handover": _handover_json(handover, conversation.language) if handover else None,
        "resolution": _resolution_json(conversation) if conversation.resolution else None,
    }


def _resolution_json(conversation: Conversation) -> dict[str, Any]:
    """`rated` is the customer's rating (true: good, None: none yet). The address of the page for it is a secret of the
    customer and stands in nothing that agents or integrations read."""
    feedback = feedback_on(conversation)
    return {
        "state": conversation.resolution,
        "at": conversation.resolved_at.isoformat() if conversation.resolved_at else None,
        "rated": feedback.helpful if feedback else None,
    }


def publish_conversation(conversation: Conversation) -> None:
    """Works out what is due, and tells all who follow the conversation its state, in the caller's transaction."""
    do_follow(conversation)
    publish(conversation_topic(conversation.id), "conversation", conversation_json(conversation))


def _handover_json(handover: Handover, language: str) -> dict[str, Any]:
    """`choices` are texts that the customer may send with one click; typing them does the same."""
    told = LateNotice.objects.filter(handover=handover).first()
    promised = told.promised_by if told else handover.promised_by
    return {
        "state": handover.state,
        "team": handover.team.name if handover.team else None,
        "agent": handover.agent.name if handover.agent else None,
        "message": handover.message,
        "promised_by": promised.isoformat() if promised else None,
        "requested_at": handover.requested_at.isoformat(),
        "choices": list(choices_of(handover, language)),
    }
