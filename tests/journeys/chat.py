"""A customer at the keyboard, against the real turn."""

from __future__ import annotations

from uuid import uuid4

from kulanz.core.message import InboundMessage
from kulanz.decision.models import StoredDecision
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.receive import receive
from kulanz.turns.customer_turn import customer_turn

ANNA = Claims(name="Anna Beispiel", email="anna.beispiel@example.com")


class Chat:
    def __init__(self, language: str = "de", claims: Claims = ANNA) -> None:
        self.conversation, self.token = do_open_conversation("web_chat", language, claims)

    def write(self, text: str) -> Message:
        key = uuid4().hex
        return receive(InboundMessage(str(self.conversation.id), key, text), self.token)[0]

    def say(self, text: str) -> tuple[str, str]:
        """(kind of the decision, the last reply's text)."""
        self.write(text)
        decision = customer_turn(self.conversation.id)
        assert decision is not None
        last = Message.objects.filter(conversation=self.conversation).latest("seq")
        return decision.kind, last.text if last.author != "customer" else ""

    def replies(self) -> list[Message]:
        return list(Message.objects.filter(conversation=self.conversation).exclude(author="customer").order_by("seq"))

    def codes(self) -> list[str]:
        """The reasons of the last decision."""
        made = StoredDecision.objects.filter(conversation=self.conversation).latest("created_at")
        return [reason["code"] for reason in made.data["reasons"]]

    @property
    def now(self) -> Conversation:
        return Conversation.objects.get(pk=self.conversation.pk)

    @property
    def status(self) -> str:
        return self.now.status
