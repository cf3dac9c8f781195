"""What customers say about a conversation when it is over: one rating each, theirs to change for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing

from kulanz.accounts.models import User
from kulanz.core.errors import NotFound
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Feedback, Message, Status

CHANGEABLE: Final = timedelta(days=7)
_SIGNER = signing.Signer(salt="kulanz.rating")


def rating_address(conversation: Conversation) -> str:
    """The page's address, for everybody who was helped without a chat: whoever has it rates this conversation and sees
    nothing else of it."""
    return f"{settings.BASE_URL}/rate/{_SIGNER.sign(str(conversation.pk))}/"


def access_rating(token: str) -> Conversation:
    """The conversation that this address rates. Raises NotFound for a token that we did not make."""
    try:
        conversation_id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound("there is nothing to rate") from error
    return access_conversation(conversation_id, None)


def link_until(conversation: Conversation) -> datetime:
    """When the address stops rating: a week after the conversation was resolved, or after the last word where it was
    not. Letters are passed on and kept for years; what can be done with them must end."""
    ended = conversation.resolved_at if conversation.status == Status.RESOLVED else None
    return (ended or conversation.updated_at) + CHANGEABLE


def feedback_on(conversation: Conversation) -> Feedback | None:
    """The customer's word on the whole conversation."""
    return Feedback.objects.select_related("rated_agent").filter(conversation=conversation, message=None).first()


def changeable_until(feedback: Feedback | None) -> datetime | None:
    """Until when a rating can be changed; None where there is none yet."""
    return feedback.rated_at + CHANGEABLE if feedback and feedback.rated_at else None


def looked_after_by(conversation: Conversation) -> User | None:
    """Whom a rating is about: the agent who closed it, else the one who spoke last; None for the assistant."""
    if conversation.agent:
        return conversation.agent
    said = Message.objects.filter(conversation=conversation, author__in=["assistant", "agent"])
    last = said.select_related("agent").order_by("-seq").first()
    return last.agent if last else None
