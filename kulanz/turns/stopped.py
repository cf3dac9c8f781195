"""While the assistant is stopped: every message goes to people, unread by it, with a plain sentence."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.message import Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Status
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust import audit
from kulanz.turns.open_flows import asking
from kulanz.turns.replies import stamped

STOPPED = "assistant_stopped"


def pass_to_people(conversation_id: UUID) -> None:
    """Hands over what the customer wrote since the last turn, unless people have it already."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        do_pass_to_people(conversation)


def do_pass_to_people(conversation: Conversation) -> None:
    """The same, for a caller that holds the conversation's row lock."""
    timeline = load_timeline(conversation)
    if not timeline.unanswered:
        return
    conversation.answered_seq = conversation.last_seq
    conversation.save(update_fields=["answered_seq"])
    if conversation.status not in {Status.AGENT, Status.WAITING}:
        asking(conversation).update(outcome="handed_over")
        __, sentence = do_hand_over(conversation, STOPPED, conversation.language, actor="system")
        with override(conversation.language):
            why = _("Our AI assistant is switched off at the moment; a person takes care of your message.")
        reply = Reply(stamped(f"{why} {sentence}", timeline, timezone.now()), author="system")
        do_send(conversation.id, conversation.channel, message_json(do_append(conversation, reply)))
        audit.record("system", "passed_to_people", conversation.id, reason=STOPPED)
    publish_conversation(conversation)
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})
