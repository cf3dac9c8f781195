"""Conversations to summarise and to list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kulanz.core.message import Reply
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.decision.models import StoredDecision
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message
from kulanz.understanding.models import StoredReading


def evidence(text: str, words: str) -> tuple[Evidence, ...]:
    start = text.index(words)
    return (Evidence(words, start, start + len(words)),)


class Talk:
    """Writes a conversation, message by message."""

    def __init__(self, name: str = "Petra") -> None:
        self.conversation: Conversation = do_open_conversation("web_chat", "en", Claims(name=name))[0]

    def customer(self, text: str, **read: Any) -> Message:
        """`read`: intent=(name, words), order=words, emotion=(name, words), signal=(name, words)."""
        message = do_append(self.conversation, Reply(text, author="customer"))
        if read:
            StoredReading.objects.create(message=message, data=reading(read.pop("turn", text), **read).to_json())
        return message

    def assistant(self, text: str, decision: str, **fields: Any) -> Message:
        message = do_append(self.conversation, Reply(text, **fields), decision=decision)
        asked = Message.objects.filter(conversation=self.conversation, author="customer").latest("seq")
        data = {"kind": decision, "reasons": [{"code": "unclear", "evidence": [], "detail": ""}], "policy_version": "1"}
        StoredDecision.objects.create(
            conversation=self.conversation, message=asked, reply=message, kind=decision, data=data
        )
        return message


def reading(text: str, **read: tuple[str, str]) -> Reading:
    intent, emotion, signal = read.get("intent"), read.get("emotion"), read.get("signal")
    number = read.get("order")
    return Reading(
        text=text,
        language=Finding("en", 0.99),
        intents=(Finding(intent[0], 0.9, evidence(text, intent[1])),) if intent else (),
        none_of_them=0.1,
        rejected=intent is None,
        entities=(Entity("order_number", number[0], 0.99, evidence(text, number[1])[0]),) if number else (),
        emotion=Finding(emotion[0], 0.9, evidence(text, emotion[1])) if emotion else Finding("neutral", 0.9),
        urgency=Finding("normal", 0.9),
        signals=(Finding(signal[0], 0.9, evidence(text, signal[1])),) if signal else (),
    )


@pytest.fixture
def talk(db: None) -> Callable[..., Talk]:
    return Talk
