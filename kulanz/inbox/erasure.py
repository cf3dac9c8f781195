"""Erasure of a customer's messages and the customer."""

from __future__ import annotations

from uuid import UUID

from kulanz.inbox.models import Conversation, Customer
from kulanz.live.erasure import erase_topics
from kulanz.live.publish import conversation_topic


def erase(customer_id: UUID) -> int:
    """Deletes the customer with every conversation, message and feedback, and the live events about them."""
    conversations = Conversation.objects.filter(customer_id=customer_id).values_list("pk", flat=True)
    events = erase_topics(conversation_topic(pk) for pk in conversations)
    return events + Customer.objects.filter(pk=customer_id).delete()[0]
