"""The customer says how it was, in the chat or on a page of its own: one transaction under the row lock."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.errors import InvalidInput
from kulanz.core.message import InboundMessage
from kulanz.desk.after_rating import access_rating, changeable_until, feedback_on, looked_after_by
from kulanz.desk.handover import publish_conversation
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Feedback
from kulanz.inbox.receive import receive
from kulanz.turns.agent_turn import MAX_COMMENT, do_customer_feedback


def do_give_feedback(
    conversation_id: UUID, token: str | None, *,
    helpful: bool | None = None, solved: bool | None = None, comment: str = "", message_id: UUID | None = None,
) -> Feedback:  # fmt: skip
    """The customer's word on one message, or on the whole conversation where none is named."""
    given: dict[str, Any] = {"helpful": helpful, "solved": solved, "comment": comment}
    if message_id is not None:
        return do_customer_feedback(conversation_id, token, message_id=message_id, **given)
    return _do_rate(conversation_id, token, **given)


def do_rate_by_link(token: str, *, good: bool | None, solved: bool | None, comment: str) -> None:
    """The same from the page without a sign-in. Raises NotFound, and InvalidInput in the customer's language."""
    conversation = access_rating(token)
    with override(conversation.language):
        _do_rate(conversation.pk, None, helpful=good, solved=solved, comment=comment)


def _do_rate(
    conversation_id: UUID, token: str | None, *, helpful: bool | None, solved: bool | None, comment: str
) -> Feedback:
    """One rating a conversation, `helpful` for good or not good. What was not solved becomes the customer's own message
    to the person who takes it up. Raises InvalidInput for what can't be changed any more, and for a long comment."""
    comment = comment.strip()
    if len(comment) > MAX_COMMENT:
        raise InvalidInput(_("Please keep to {n} characters.").format(n=MAX_COMMENT))
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token, lock=True)
        _check_changeable(conversation, helpful=helpful)
        about = looked_after_by(conversation)
        if solved is False and comment:
            _do_pass_on(conversation, comment)
        feedback = do_customer_feedback(conversation_id, token, helpful=helpful, solved=solved, comment=comment)
        if helpful is not None:
            _do_keep(feedback, about)
            publish_conversation(access_conversation(conversation_id, token, lock=True))
    return feedback


def _check_changeable(conversation: Conversation, *, helpful: bool | None) -> None:
    until = changeable_until(feedback_on(conversation))
    if helpful is not None and until and until < timezone.now():
        raise InvalidInput(_("This rating can't be changed any more."))


def _do_pass_on(conversation: Conversation, comment: str) -> None:
    """The person who takes it up reads it where everything else was said; the same words again are one message."""
    key = f"rating-{hashlib.sha256(comment.encode()).hexdigest()[:16]}"
    receive(InboundMessage(str(conversation.pk), key, comment), None)


def _do_keep(feedback: Feedback, about: Any) -> None:
    if feedback.rated_at is None:
        feedback.rated_at, feedback.rated_agent = timezone.now(), about
        feedback.save(update_fields=["rated_at", "rated_agent"])
