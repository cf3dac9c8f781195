"""What people do in a conversation: agents at their desk, and the customer with the buttons beside the chat.

Every act is one transaction under the conversation's row lock: the change, the message to the customer, its way
out, the audit entry and the live events are there together or not at all. Doing the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.desk.beside_models import Closing, Note, ReadyText
from kulanz.desk.handover import do_end_handover, do_hand_over
from kulanz.desk.notes import do_note
from kulanz.desk.ready_texts import check_filled
from kulanz.desk.routing import request_distribution
from kulanz.desk.stopping import is_stopped
from kulanz.inbox.attachments import Upload, check_uploads, do_keep_for_agent
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Feedback, Message, Status
from kulanz.inbox.receive import check_text
from kulanz.live.publish import conversation_topic, hint
from kulanz.trust.audit import record
from kulanz.turns import acting
from kulanz.turns.acting import actor, check_free, check_may_take, do_settle, end_flow, known_reply, notify, take, tell
from kulanz.turns.held_reply import do_send_held

MAX_COMMENT = 2_000  # characters


def do_accept(conversation_id: UUID, agent: User) -> Conversation:
    """The agent takes the conversation, and the customer is told who is there now.

    Raises InvalidInput that names the other agent who holds it, and NotFound. Supervisors and administrators may
    take it from an agent, or nobody could help the customers of somebody who went home.
    """
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        check_may_take(conversation, agent)
        do_send_held(conversation)
        if take(conversation, agent):
            acting.say_who_is_there(conversation, agent)
            tell(conversation)
    return conversation


def do_reply(
    conversation_id: UUID, agent: User, text: str, client_message_id: str, uploads: Sequence[Upload] = (),
    macro: ReadyText | None = None,
) -> Message:  # fmt: skip
    """The agent answers; whoever answers a conversation that nobody holds takes it.

    The same `client_message_id` again is the same message. Raises InvalidInput for text and files that can't be sent,
    and where another agent holds the conversation; NotFound.
    """
    text, checked = check_text(text, with_files=bool(uploads)), check_uploads(uploads)
    check_filled(text)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if known := known_reply(conversation, agent, client_message_id, text):
            return known
        check_free(conversation, agent)
        if (before := do_send_held(conversation)) and before.client_message_id == client_message_id:
            return before
        check_free(conversation, agent)  # a macro of the reply before may have passed it on
        take(conversation, agent)
        kept = do_keep_for_agent(conversation, checked)
        message = acting.do_say(conversation, agent, text, client_message_id, kept)
        if macro is not None:
            acting.do_macro(conversation, agent, macro, client_message_id)
        tell(conversation)
    return message


def do_write_note(conversation_id: UUID, agent: User, text: str, key: str) -> Note:
    """Something for colleagues, whoever holds the conversation. The same `key` again is the same note. Raises
    InvalidInput for a text that can't be kept, NotFound."""
    text = check_text(text)
    with transaction.atomic():
        return do_note(access_conversation(conversation_id, None, lock=True), agent, text, key)


def do_transfer(conversation_id: UUID, agent: User, to: User | Team, note: str, key: str) -> Conversation:
    """Passes the conversation on to a colleague or a team, with a few words for them. The same `key` again changes
    nothing. Raises InvalidInput where another agent has taken it meanwhile, or the colleague is not there any more
    or does not serve customers; NotFound."""
    note = check_text(note) if note.strip() else ""
    if isinstance(to, User) and not to.is_active:
        raise InvalidInput(_("{name} does not work here any more.").format(name=to.name))
    if isinstance(to, User) and not to.may_approve:
        raise InvalidInput(_("{name} does not serve customers.").format(name=to.name))
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if Note.objects.filter(conversation=conversation, key=key).exists():
            return conversation
        check_may_take(conversation, agent)
        do_send_held(conversation)
        if conversation.status == Status.AGENT and to == conversation.agent:
            raise InvalidInput(_("{name} is looking after this conversation.").format(name=conversation.agent.name))
        acting.do_pass_on(conversation, agent, to, note, key)
        request_distribution()
        tell(conversation)
    return conversation


def do_resolve(conversation_id: UUID, agent: User, why: str = Closing.SOLVED) -> Conversation:
    """The agent is done with the matter, for this reason. It stays *unconfirmed* until the customer says so: silence
    is no yes. Raises InvalidInput for an unknown reason, and where another agent holds the conversation."""
    if why not in Closing.values:
        raise InvalidInput(_("Please choose a reason."))
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status == Status.RESOLVED:
            return conversation
        check_free(conversation, agent)
        do_send_held(conversation)
        if conversation.status != Status.RESOLVED:  # a macro of the held reply may have done it
            acting.do_close(conversation, agent, why)
        tell(conversation)
    return conversation


def do_give_back(conversation_id: UUID, agent: User) -> Conversation:
    """The agent lets the assistant go on. It answers what comes from now on, nothing older. Raises InvalidInput while
    the assistant is stopped, and where another agent holds the conversation; NotFound."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if conversation.status not in {Status.AGENT, Status.WAITING}:
            return conversation
        check_free(conversation, agent)
        if is_stopped(conversation.channel):  # the customer would be promised answers that nobody gives
            raise InvalidInput(_("The assistant is stopped on this channel. Please keep the conversation."))
        do_send_held(conversation)
        do_end_handover(conversation)
        end_flow(conversation)
        with translation.override(conversation.language):
            text = _("From here on, our AI assistant answers you again. A person remains one click away.")
        notify(conversation, text)
        conversation.status, conversation.agent = Status.ASSISTANT, None
        conversation.answered_seq = conversation.last_seq
        conversation.save(update_fields=["status", "agent", "answered_seq"])
        record(actor(agent), "gave_back", conversation.id)
        tell(conversation)
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
            tell(conversation)
        elif solved is False and conversation.status not in {Status.WAITING, Status.AGENT}:
            _hand_over(conversation, "not_solved")
    return feedback


def _message(conversation: Conversation, message_id: UUID) -> Message:
    message = Message.objects.filter(conversation=conversation, pk=message_id).first()
    if message is None:
        raise NotFound("There is no such message in this conversation.")
    return message


def _hand_over(conversation: Conversation, reason: str) -> None:
    end_flow(conversation)
    _handover, sentence = do_hand_over(conversation, reason, conversation.language, actor="customer")
    notify(conversation, sentence)
    tell(conversation)


def _check_comment(comment: str) -> str:
    if len(comment) > MAX_COMMENT:
        raise InvalidInput(f"The comment is too long: {len(comment)} characters, {MAX_COMMENT} at most.")
    return check_text(comment) if comment.strip() else ""
