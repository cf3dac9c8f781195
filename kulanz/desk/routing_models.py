"""What routing goes by: teams as queues, what agents can and take, who is at their desk, the rule, and its alarms."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kulanz.core.ids import uuid7

CAPACITY = 4
"""Conversations that an agent takes at a time on each channel, where nobody has set it."""


def usual_capacity() -> dict[str, int]:
    return {"": CAPACITY}


class TeamSettings(models.Model):
    """A team as a queue. Without languages or subjects it takes all; `priority` is worth that many minutes of waiting.
    `week` holds its own hours as in `hours.yaml` ({"monday": ["09:00-17:00"]}); empty: those of the service.
    `react_minutes`: a conversation that was given to an agent who does nothing for so long goes back."""

    team = models.OneToOneField("accounts.Team", primary_key=True, on_delete=models.CASCADE, related_name="routing")
    languages = models.JSONField(default=list, blank=True)
    subjects = models.JSONField(default=list, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    distribution = models.BooleanField(default=False)
    react_minutes = models.PositiveSmallIntegerField(default=5)
    week = models.JSONField(default=dict, blank=True)


class AgentSettings(models.Model):
    """What an agent can and takes. `capacity` counts conversations per channel, "" for all others; away on all days
    from `away_from` to `away_until`, both included."""

    user = models.OneToOneField("accounts.User", primary_key=True, on_delete=models.CASCADE, related_name="routing")
    languages = models.JSONField(default=list, blank=True)
    skills = models.JSONField(default=list, blank=True)
    capacity = models.JSONField(default=usual_capacity)
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True)


class Presence(models.Model):
    """Whether somebody is at their desk: `state` in their own word, and when a desk page of theirs called last."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        BUSY = "busy", _("Busy")
        AWAY = "away", _("Away")

    user = models.OneToOneField("accounts.User", primary_key=True, on_delete=models.CASCADE, related_name="presence")
    state = models.CharField(max_length=10, choices=State.choices, default=State.AVAILABLE)
    seen_at = models.DateTimeField()


class RoutingRule(models.Model):
    """One version of the order of the waiting; the newest holds. `minutes` are those of `kulanz.core.routing.Rules`."""

    minutes = models.JSONField(default=dict)
    author = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class Assignment(models.Model):
    """A conversation given to an agent by routing, with the reasons. `ended`: how it went on."""

    class Ended(models.TextChoices):
        REACTED = "reacted"
        NO_REACTION = "no_reaction"
        OVERTAKEN = "overtaken"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="assignments")
    handover = models.ForeignKey("desk.Handover", null=True, on_delete=models.CASCADE, related_name="assignments")
    agent = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    why = models.JSONField(default=list)
    minutes = models.FloatField(default=0)
    at = models.DateTimeField()
    react_by = models.DateTimeField()
    ended = models.CharField(max_length=12, choices=Ended.choices, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["react_by"], condition=models.Q(ended=""), name="assignments_to_watch"),
        ]


class QueueAlarm(models.Model):
    """A waiting conversation that nobody can take, why, and whose care it is (None: nobody could be found)."""

    conversation = models.OneToOneField(
        "inbox.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="queue_alarm"
    )
    why = models.CharField(max_length=20)
    owner = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField()
