"""What was suggested to agents, and what they made of it."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class Suggestion(models.Model):
    """A reply that was suggested for the customer's message `seq`, the most fitting first (`rank` from 0). `sources`
    are what it rests on ({"title", "url"}), `confidence` (0 to 1) how sure that it answers; `outcome` is judged by what
    the agent sent next, `likeness` (0 to 1) how much of it that was."""

    class Basis(models.TextChoices):
        ARTICLE = "article"
        RECEIPT = "receipt"

    class Outcome(models.TextChoices):
        OPEN = "open"
        TAKEN = "taken"
        EDITED = "edited"
        IGNORED = "ignored"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="suggestions")
    seq = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis.choices)
    text = models.TextField()
    sources = models.JSONField(default=list)
    confidence = models.FloatField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)
    likeness = models.FloatField(null=True)
    reply = models.ForeignKey("inbox.Message", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "seq", "rank"], name="suggested_once")]
        indexes = [models.Index(fields=["-created_at"], name="suggestions_newest")]

    def __str__(self) -> str:
        return self.text[:60]
