"""The outbox."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class OutboxItem(models.Model):
    """An outgoing message on its way. Saved in the transaction that creates the message; `key` makes it unique.

    `payload` is what the channel sends. It is kept here and not in the job, so that it is erased with the customer;
    it is empty once it was sent.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=80, unique=True)
    message = models.ForeignKey("inbox.Message", on_delete=models.CASCADE, related_name="outbox")
    channel = models.CharField(max_length=30)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    payload = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
