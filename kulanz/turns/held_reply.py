"""An agent's reply that can be taken back for a moment: stored at once, sent by a job, exactly once.

Sending and taking back both delete the held row under the conversation's row lock, so only one of them happens. A
browser that is closed meanwhile changes nothing. Whatever an agent does next in the conversation sends it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.beside_models import HeldReply, ReadyText
from kulanz.desk.notes import tell_beside
from kulanz.desk.ready_texts import check_filled
from kulanz.inbox.attachments import Upload, check_uploads, do_keep_for_agent
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Attachment, Conversation, Message, Status
from kulanz.inbox.receive import check_text
from kulanz.trust.audit import record
from kulanz.turns import acting

SEND = "send_held_reply"
HELD_FOR = timedelta(seconds=5)


def do_hold_reply(
    conversation_id: UUID, agent: User, text: str, key: str, uploads: Sequence[Upload] = (),
    macro: ReadyText | None = None,
) -> HeldReply | None:  # fmt: skip
    """Stores the reply and the job that sends it. The agent has the conversation from now on.

    The same `key` again is the same reply; None if it has been sent. Raises what `do_reply` raises.
    """
    text, checked = check_text(text, with_files=bool(uploads)), check_uploads(uploads)
    check_filled(text)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        if acting.known_reply(conversation, agent, key, text):
            return None
        acting.check_free(conversation, agent)
        if known := HeldReply.objects.filter(conversation=conversation, key=key, agent=agent).first():
            if known.text != text:
                raise InvalidInput(_("This message key has been used already. Please reload the page."))
            return known
        do_send_held(conversation)
        acting.check_free(conversation, agent)  # a macro of the reply before may have passed it on
        if acting.take(conversation, agent):
            acting.tell(conversation)
        held = HeldReply.objects.create(
            conversation=conversation, agent=agent, text=text, key=key, macro=macro, due_at=timezone.now() + HELD_FOR
        )
        held.files.set(do_keep_for_agent(conversation, checked))
        tell_beside(conversation.id)
        seconds = int(HELD_FOR.total_seconds())
        app.configure_task(SEND, queue="delivery", schedule_in={"seconds": seconds}).defer(held_id=str(held.pk))
    return held


def do_send_held(conversation: Conversation) -> Message | None:
    """Sends the reply that is held, if there is one, and does what its macro does. The caller holds the row lock."""
    held = HeldReply.objects.select_related("agent", "macro__team").filter(conversation=conversation).first()
    if held is None:
        return None
    files = list(held.files.defer("data").order_by("pk"))
    held.delete()
    message = acting.do_say(conversation, held.agent, held.text, held.key, files)
    still_theirs = conversation.status == Status.AGENT and conversation.agent_id == held.agent_id
    if held.macro and held.agent and still_theirs:  # not where the customer or a supervisor has decided otherwise
        acting.do_macro(conversation, held.agent, held.macro, held.key)
    return message


def do_release(held_id: UUID, agent: User | None = None, conversation_id: UUID | None = None) -> Message | None:
    """Sends this held reply now; None if it has been sent or taken back. With an `agent` only if it is theirs, with a
    conversation only if it belongs there."""
    with transaction.atomic():
        whose = HeldReply.objects.filter(pk=held_id)
        if agent is not None:
            whose = whose.filter(agent=agent)
        if conversation_id is not None:
            whose = whose.filter(conversation=conversation_id)
        conversation_id = whose.values_list("conversation_id", flat=True).first()
        if conversation_id is None:
            return None
        conversation = access_conversation(conversation_id, None, lock=True)
        if not whose.exists():  # somebody was faster than the lock
            return None
        message = do_send_held(conversation)
        acting.tell(conversation)
    return message


def do_take_back(conversation_id: UUID, agent: User, held_id: UUID) -> tuple[str, list[Attachment]]:
    """The agent has thought again: nothing is sent. Returns the text and the files, for the box; the files are kept
    for a day like all that are not sent. Raises InvalidInput if it is too late."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        held = HeldReply.objects.filter(conversation=conversation, pk=held_id, agent=agent).first()
        if held is None:
            raise InvalidInput(_("Too late: this reply has been sent."))
        files = list(held.files.defer("data").order_by("pk"))
        held.delete()
        record(acting.actor(agent), "took_back", conversation.id)
        tell_beside(conversation.id)
    return held.text, files
