"""What people do in a conversation: agents at their desk, and the customer with the buttons beside the chat.

Every act is one transaction under the conversation's row lock: the change, the message to the customer, its way
out, the audit entry and the live events are there together or not at all. Doing the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.message import Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_end_handover, do_hand_over, open_handover, publish_conversation
from kulanz.desk.models import Handover
from kulanz.inbox.attachments import Upload, as_file, check_uploads, do_keep_for_agent, do_send_along
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Feedback, Message, Status
from kulanz.inbox.receive import check_text
from kulanz.live.publish import QUEUE_TOPIC, conversation_topic, hint
from kulanz.trust.audit import record
from kulanz.turns.open_flows import asking
from kulanz.turns.replies import stamped

MAX_COMMENT = 2_000  # characters


def do_accept(conversation_id: UUID, agent: User) -> Conversation:
    """The agent takes the conversation, and the customer is told who is there now.

    Raises InvalidInput that names the other agent who holds it, and NotFound. Supervisors and administrators may
    take it from an agent, or nobody could help the customers of somebody who went home.
    """
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if not agent.may_take_from_others:
            _check_free(conversation, agent)
        if _take(conversation, agent):
            with translation.override(conversation.language):
                text = _("{name} is now looking after you.").format(name=agent.name)
            _notify(conversation, text)
            _tell(conversation)
    return conversation


def do_reply(
    conversation_id: UUID, agent: User, text: str, client_message_id: str, uploads: Sequence[Upload] = ()
) -> Message:
    """The agent answers; whoever answers a conversation that nobody holds takes it.

    The same `client_message_id` again is the same message. Raises InvalidInput for text and files that can't be sent,
    and where another agent holds the conversation; NotFound.
    """
    text, checked = check_text(text, with_files=bool(uploads)), check_uploads(uploads)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if known := _known(conversation, agent, client_message_id):
            return known
        _check_free(conversation, agent)
        _take(conversation, agent)
        kept = do_keep_for_agent(conversation, checked)
        reply = Reply(text, author="agent", files=tuple(map(as_file, kept)))
        message = _say(conversation, reply, agent=agent, client_message_id=client_message_id)
        do_send_along(kept, message)
        record(_actor(agent), "replied", conversation.id, message=str(message.id))
        _tell(conversation)
    return message


def do_resolve(conversation_id: UUID, agent: User) -> Conversation:
    """The agent considers the matter solved. It stays *unconfirmed* until the customer says so: silence is no yes."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status == Status.RESOLVED:
            return conversation
        _check_free(conversation, agent)
        conversation.agent = agent
        do_settle(conversation, "unconfirmed")
        with translation.override(conversation.language):
            text = _(
                "Is your matter solved? Please tell us with one click, or simply write on if something is missing."
            )
        _notify(conversation, text)
        record(_actor(agent), "resolved", conversation.id, resolution="unconfirmed")
        _tell(conversation)
    return conversation


def do_give_back(conversation_id: UUID, agent: User) -> Conversation:
    """The agent lets the assistant go on. It answers what comes from now on, nothing older."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status not in {Status.AGENT, Status.WAITING}:
            return conversation
        _check_free(conversation, agent)
        do_end_handover(conversation)
        _end_flow(conversation)
        with translation.override(conversation.language):
            text = _("From here on, our AI assistant answers you again. A person remains one click away.")
        _notify(conversation, text)
        conversation.status, conversation.agent = Status.ASSISTANT, None
        conversation.answered_seq = conversation.last_seq
        conversation.save(update_fields=["status", "agent", "answered_seq"])
        record(_actor(agent), "gave_back", conversation.id)
        _tell(conversation)
    return conversation


def do_show_typing(conversation_id: UUID, agent: User) -> None:
    """Shows the customer that the agent who holds the conversation is writing. Worth nothing later, so not stored."""
    conversation = access_conversation(conversation_id, None)
    if conversation.agent_id == agent.pk and conversation.status == Status.AGENT:
        hint(conversation_topic(conversation.id), "typing", {"author": "agent", "author_name": agent.name, "on": True})


def do_request_person(conversation_id: UUID, token: str | None) -> Conversation:
    """The button "Speak to a person": a handover at once, without a question back. Pressing it again adds nothing."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token, lock=True)
        if conversation.status not in {Status.WAITING, Status.AGENT}:
            _hand_over(conversation, "button")
    return conversation


def do_customer_feedback(
    conversation_id: UUID, token: str | None, *,
    helpful: bool | None = None, solved: bool | None = None, comment: str = "", message_id: UUID | None = None,
) -> Feedback:  # fmt: skip
    """The customer's word on a message or on the conversation; their last word counts.

    `solved=True` confirms the resolution; `solved=False` reopens the conversation and calls a person. Raises
    InvalidInput for a comment that is too long, NotFound for a message of another conversation.
    """
    comment = _check_comment(comment)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, token, lock=True)
        message = _message(conversation, message_id) if message_id else None
        said = {"helpful": helpful, "solved": solved, "comment": comment or None}
        feedback, __ = Feedback.objects.update_or_create(
            conversation=conversation,
            message=message,
            defaults={name: value for name, value in said.items() if value is not None},
        )
        record("customer", "gave_feedback", conversation.id, helpful=helpful, solved=solved)
        if solved is True and conversation.resolution != "confirmed":
            do_settle(conversation, "confirmed")
            _tell(conversation)
        elif solved is False and conversation.status not in {Status.WAITING, Status.AGENT}:
            _hand_over(conversation, "not_solved")
    return feedback


def _message(conversation: Conversation, message_id: UUID) -> Message:
    message = Message.objects.filter(conversation=conversation, pk=message_id).first()
    if message is None:
        raise NotFound("There is no such message in this conversation.")
    return message


def _hand_over(conversation: Conversation, reason: str) -> None:
    _end_flow(conversation)
    _handover, sentence = do_hand_over(conversation, reason, conversation.language, actor="customer")
    _notify(conversation, sentence)
    _tell(conversation)


def _take(conversation: Conversation, agent: User) -> bool:
    """Gives the conversation to the agent; True if it was not theirs before."""
    if conversation.status == Status.AGENT and conversation.agent_id == agent.pk:
        return False
    before = conversation.agent_id if conversation.status == Status.AGENT else None
    conversation.status, conversation.agent = Status.AGENT, agent
    conversation.resolution, conversation.resolved_at = "", None
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])
    now = timezone.now()
    handover = open_handover(conversation) or Handover(
        conversation=conversation, reason="agent", team=agent.team, requested_at=now
    )
    handover.state, handover.agent, handover.accepted_at = Handover.State.ACCEPTED, agent, now
    handover.save()
    record(_actor(agent), "accepted", conversation.id, handover=str(handover.id), taken_from=before)
    return True


def _check_free(conversation: Conversation, agent: User) -> None:
    holder = conversation.agent
    if conversation.status == Status.AGENT and holder is not None and holder.pk != agent.pk:
        raise InvalidInput(_("{name} is looking after this conversation.").format(name=holder.name))


def do_settle(conversation: Conversation, resolution: str) -> None:
    """Closes the conversation as *unconfirmed* or *confirmed*. The caller holds its row lock and publishes it."""
    do_end_handover(conversation)
    _end_flow(conversation)
    conversation.status, conversation.resolution = Status.RESOLVED, resolution
    conversation.resolved_at = timezone.now()
    conversation.save(update_fields=["status", "agent", "resolution", "resolved_at"])


def _end_flow(conversation: Conversation) -> None:
    """A question of the assistant that is still open must not catch what the customer tells a person."""
    asking(conversation).update(outcome="handed_over")


def _known(conversation: Conversation, agent: User, client_message_id: str) -> Message | None:
    known = Message.objects.filter(conversation=conversation, client_message_id=client_message_id).first()
    if known and known.agent_id != agent.pk:
        raise InvalidInput(_("This message key has been used already. Please reload the page."))
    return known


def _check_comment(comment: str) -> str:
    if len(comment) > MAX_COMMENT:
        raise InvalidInput(f"The comment is too long: {len(comment)} characters, {MAX_COMMENT} at most.")
    return check_text(comment) if comment.strip() else ""


def _notify(conversation: Conversation, text: str) -> Message:
    """A notice of the system; one that the customer has read before is said with the time."""
    text = stamped(text, load_timeline(conversation), timezone.now())
    return _say(conversation, Reply(text, author="system"))


def _say(conversation: Conversation, reply: Reply, **fields: Any) -> Message:
    message = do_append(conversation, reply, **fields)
    do_send(conversation.id, conversation.channel, message_json(message))
    return message


def _tell(conversation: Conversation) -> None:
    publish_conversation(conversation)
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})


def _actor(agent: User) -> str:
    return f"agent:{agent.pk}"
