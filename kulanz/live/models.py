"""The stored events that live streams replay after a lost connection."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One change on a topic. Events of one topic are written under its conversation's row lock, so that within a
    topic ids become visible in their order and a cursor never skips one."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["topic", "id"])]
