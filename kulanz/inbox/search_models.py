"""The words of every conversation, for the search."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class ConversationWords(models.Model):
    """What was said in one conversation and by whom: the customer's name, address and number (weight A), every message.

    One row for a conversation, not for a message: what is searched for is spread over several messages, and a fifth of
    the rows makes common words cheap. Written by triggers alone (migration 0003), so that nothing that writes a message
    can forget it. `at` is the newest message.
    """

    conversation = models.OneToOneField(
        "inbox.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    words = SearchVectorField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="conversation_words"),
            models.Index(fields=["-at"], name="conversation_words_at"),
        ]

    def __str__(self) -> str:
        return str(self.conversation_id)
