"""A conversation goes from its agent back to the queue: nobody loses their place because an agent is gone."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.handover import do_hand_over, open_handover
from kulanz.desk.models import Handover
from kulanz.desk.notes import do_note
from kulanz.desk.routing import request_distribution
from kulanz.desk.sorting_models import Rest
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.trust.audit import record
from kulanz.turns.acting import actor, notify, tell
from kulanz.turns.held_reply import do_send_held


def do_return(conversation: Conversation, why: str) -> None:
    """Back to the queue with the place it had, and the customer is told. The caller holds the conversation's row lock.
    A reply that was still held back is sent first."""
    do_send_held(conversation)
    if conversation.status != Status.AGENT:
        tell(conversation)
        return
    before = conversation.agent
    Rest.objects.filter(conversation=conversation).delete()  # nobody would look at it before it wakes
    if handover := open_handover(conversation):
        handover.state, handover.agent, handover.accepted_at = Handover.State.WAITING, None, None
        if _answered(handover):  # what was promised is a first answer
            handover.promised_by = None
        handover.save(update_fields=["state", "agent", "accepted_at", "promised_by"])
        conversation.status, conversation.agent = Status.WAITING, None
        conversation.save(update_fields=["status", "agent"])
        with translation.override(conversation.language):
            text = _("A colleague takes over from here. You keep your place in the queue.")
    else:
        text = do_hand_over(conversation, "agent_gone", conversation.language, actor="system")[1]
    notify(conversation, text)
    record("system", "returned", conversation.id, why=why, agent=before.pk if before else None)
    tell(conversation)
    request_distribution()


def _answered(handover: Handover) -> bool:
    answers = Message.objects.filter(conversation_id=handover.conversation_id, author="agent")
    return answers.filter(created_at__gte=handover.requested_at).exists()


def do_deactivate(user: User, by: User) -> int:
    """They can't sign in any more, and what they hold goes back to the queue with a note for colleagues; returns how
    many conversations that were. Raises InvalidInput for the last administrator."""
    with transaction.atomic():
        others = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
        if user.role == Role.ADMINISTRATOR and not any(other.pk != user.pk for other in others):
            raise InvalidInput(_("This is the last administrator. Please name another one first."))
        User.objects.filter(pk=user.pk).update(is_active=False)
        record(actor(by), "deactivated", None, user=user.pk)
    held = Conversation.objects.filter(status=Status.AGENT, agent=user).order_by("pk")
    return sum(_do_free(conversation.pk, user, by) for conversation in held)


def _do_free(conversation_id: UUID, user: User, by: User) -> bool:
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status != Status.AGENT or conversation.agent_id != user.pk:
            return False
        with translation.override(by.language):
            note = _("{name} does not work here any more; back to the queue.").format(name=user.name)
        do_return(conversation, "agent_gone")
        do_note(conversation, by, note, f"gone-{uuid4()}")
    return True
