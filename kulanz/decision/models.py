"""Decisions as they were made."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class StoredDecision(models.Model):
    """One decision of the assistant with its reasons, kept exactly as it was.

    `message` is the customer's last message of the turn (none where a flow went on without their words), `reply` the
    assistant's (none when it stayed silent).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="decisions")
    message = models.OneToOneField("inbox.Message", null=True, on_delete=models.CASCADE, related_name="decision_made")
    reply = models.OneToOneField("inbox.Message", null=True, on_delete=models.SET_NULL, related_name="decision_behind")
    kind = models.CharField(max_length=16)
    data = models.JSONField()
    policy_version = models.CharField(max_length=40)
    milliseconds = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["conversation", "created_at"])]
