"""Handovers: the act of giving a conversation to people."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7
from kulanz.desk import (  # noqa: F401 - further tables
    after_models,
    beside_models,
    copilot_models,
    level_models,
    routing_models,
    sorting_models,
)


class Handover(models.Model):
    """One handover. It waits until an agent accepts it and ends when it is resolved or given back.

    `message` is the sentence that told the customer who will answer and when; `promised_by` is that moment.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="handovers")
    reason = models.CharField(max_length=30)
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    message = models.TextField(blank=True)
    promised_by = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=~models.Q(state="ended"), name="one_open_handover"
            )
        ]
        indexes = [models.Index(fields=["requested_at"], condition=models.Q(state="waiting"), name="waiting_handovers")]
