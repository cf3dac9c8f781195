"""Running flows, and every call that changes something outside."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class FlowRun(models.Model):
    """A flow in progress or finished. `state` is the engine's own; `version` names the definition it began with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="flow_runs")
    flow = models.CharField(max_length=80)
    version = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=models.Q(outcome=""), name="one_running_flow")
        ]


class CallStatus(models.TextChoices):
    STARTED = "started"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class ActionCall(models.Model):
    """One wish to change something in a back office, stored before it is sent.

    `key` is the same for the same wish, and is the idempotency key the back office sees. `receipt` is its answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=64, unique=True)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="action_calls")
    action = models.CharField(max_length=80)
    arguments = models.JSONField()
    status = models.CharField(max_length=10, choices=CallStatus.choices, default=CallStatus.STARTED)
    receipt = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)


class FlowVersion(models.Model):
    """A flow's definition as it was when a run began with it."""

    version = models.CharField(max_length=64, primary_key=True)
    data = models.JSONField()
