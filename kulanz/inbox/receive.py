"""Receive a message: from here on it can't be lost, and the same one does nothing twice."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from kulanz.core.errors import InvalidInput
from kulanz.core.message import MAX_TEXT, InboundMessage, Reply
from kulanz.inbox.attachments import as_file, do_send_along, unsent_of_customer
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, message_json
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.live.publish import QUEUE_TOPIC, conversation_topic, hint, publish

TURN = "customer_turn"


def check_text(text: str, *, with_files: bool = False) -> str:
    """The text as it is stored: no control characters but line breaks and tabs. Raises InvalidInput if it is longer
    than MAX_TEXT characters, or if nothing is left and no files speak for themselves."""
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"The message is too long: {len(text)} characters, {MAX_TEXT} at most. Please shorten it.")
    clean = "".join(c for c in text if c in "\n\t" or not (ord(c) < 32 or 0x7F <= ord(c) < 0xA0))
    clean = clean.encode("utf-8", "ignore").decode().strip()
    if not clean and not with_files:
        raise InvalidInput("The message is empty. Please write something.")
    return clean


def receive(inbound: InboundMessage, token: str | None) -> tuple[Message, bool]:
    """Stores the message and the job that answers it in one transaction; returns it and whether it is new."""
    from uuid import UUID

    text = check_text(inbound.text, with_files=bool(inbound.attachments))
    with transaction.atomic():
        conversation = access_conversation(UUID(inbound.conversation_id), token, lock=True)
        known = Message.objects.filter(conversation=conversation, client_message_id=inbound.channel_message_id).first()
        if known:
            return known, False
        attached = unsent_of_customer(conversation, inbound.attachments)
        reply = Reply(text, author="customer", files=tuple(map(as_file, attached)))
        message = do_append(conversation, reply, client_message_id=inbound.channel_message_id)
        do_send_along(attached, message)
        publish(conversation_topic(conversation.id), "message", message_json(message))
        if conversation.status in {Status.WAITING, Status.AGENT}:
            hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation.id)})
        request_turn(conversation)
    return message, True


def request_turn(conversation: Conversation) -> None:
    """Puts the turn in the queue; turns of one conversation run one after the other."""
    app.configure_task(TURN, lock=str(conversation.id), queue="turns").defer(conversation_id=str(conversation.id))
