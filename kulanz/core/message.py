"""What goes in and out of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kulanz.core.files import File

Author = Literal["customer", "assistant", "agent", "system"]

MAX_TEXT = 8_000
"""Characters of one message. Longer ones are refused at the edge with a clear error."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A customer's message as a channel hands it to the inbox.

    `channel_message_id` is the channel's own key: the same key in the same conversation is the same message.
    `attachments` are ids of files that were uploaded before; with one of them the text may be empty.
    """

    conversation_id: str
    channel_message_id: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The passage that an answer rests on, as shown to the customer."""

    article_id: str
    passage_id: str
    title: str
    quote: str
    language: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptNote:
    """An action as shown in the chat: what was called and how it ended (`not_sent`: only in a trial), and until when
    (ISO) it can be undone."""

    action: str
    status: Literal["done", "unknown", "refused", "repeated", "declined", "not_sent"]
    reference: str = ""
    summary: str = ""
    undo_until: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One outgoing message before it is stored.

    `choices` are texts that the customer may send with one click; typing them does the same.
    """

    text: str
    author: Author = "assistant"
    sources: tuple[Source, ...] = ()
    actions: tuple[ReceiptNote, ...] = ()
    choices: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
