"""The customer says how it was, in the chat or on a page of its own: one transaction under the row lock."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.message import InboundMessage
from kulanz.desk.after_rating import access_rating, changeable_until, feedback_on, link_until, looked_after_by
from kulanz.desk.handover import publish_conversation
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Feedback, Status
from kulanz.inbox.receive import receive
from kulanz.turns.agent_turn import MAX_COMMENT, do_customer_feedback


def do_give_feedback(
    conversation_id: UUID, token: str | None, *,
    helpful: bool | None = None, solved: bool | None = None, comment: str = "", message_id: UUID | None = None,
) -> Feedback:  # fmt: skip
    """The customer's word on one message, or on the whole conversation where none is named. What was not solved becomes
    the customer's own message to the person who takes it up."""
    given: dict[str, Any] = {"helpful": helpful, "solved": solved, "comment": comment}
    if message_id is not None:
        return do_customer_feedback(conversation_id, token, message_id=message_id, **given)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token, lock=True)
        about = looked_after_by(conversation)
        _check(conversation, changes=helpful is not None, comment=comment.strip())
        if solved is False and comment.strip():
            _do_pass_on(conversation, comment.strip())
        return _do_rate(conversation_id, about, **given)


def do_rate_by_link(token: str, *, good: bool | None, solved: bool | None, comment: str) -> None:
    """From the page without a sign-in. An address can get into other hands, so that it never writes as the customer:
    the comment stays with the rating, and "not solved" only reopens what is resolved, within the time of the address.
    Raises NotFound, and InvalidInput in the customer's language."""
    found = access_rating(token)
    with override(found.language), transaction.atomic():
        conversation = access_conversation(found.pk, None, lock=True)
        again = False if solved is False and conversation.status == Status.RESOLVED else None
        if link_until(conversation) < timezone.now():
            raise InvalidInput(_("The time for this is over."))
        if good is None and again is None and not comment.strip():
            return  # somebody looks after it already
        _check(conversation, changes=good is not None or again is None, comment=comment.strip())
        _do_rate(conversation.pk, looked_after_by(conversation), helpful=good, solved=again, comment=comment)


def _do_rate(
    conversation_id: UUID, about: User | None, *, helpful: bool | None, solved: bool | None, comment: str
) -> Feedback:
    """One rating a conversation, `helpful` for good or not good, `about` whoever looked after it. The caller holds the
    row lock and has checked who speaks."""
    feedback = do_customer_feedback(conversation_id, None, helpful=helpful, solved=solved, comment=comment.strip())
    if helpful is not None:
        _do_keep(feedback, about)
        publish_conversation(access_conversation(conversation_id, None, lock=True))
    return feedback


def _check(conversation: Conversation, *, changes: bool, comment: str) -> None:
    """Raises InvalidInput for a long comment, and where it `changes` a rating that can't be changed any more."""
    if len(comment) > MAX_COMMENT:
        raise InvalidInput(_("Please keep to {n} characters.").format(n=MAX_COMMENT))
    until = changeable_until(feedback_on(conversation))
    if changes and until and until < timezone.now():
        raise InvalidInput(_("This rating can't be changed any more."))


def _do_pass_on(conversation: Conversation, comment: str) -> None:
    """The person who takes it up reads it where everything else was said; the same words again are one message."""
    key = f"rating-{hashlib.sha256(comment.encode()).hexdigest()[:16]}"
    receive(InboundMessage(str(conversation.pk), key, comment), None)


def _do_keep(feedback: Feedback, about: User | None) -> None:
    if feedback.rated_at is None:
        feedback.rated_at, feedback.rated_agent = timezone.now(), about
        feedback.save(update_fields=["rated_at", "rated_agent"])
