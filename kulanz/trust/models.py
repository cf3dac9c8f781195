"""What proves, later, who did what."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class AuditEntry(models.Model):
    """One act of the assistant, an agent or the system. Entries are added, never changed; they carry ids and
    facts, not the customer's words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    act = models.CharField(max_length=60)
    conversation = models.ForeignKey(
        "inbox.Conversation", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"]), models.Index(fields=["act", "at"])]
