"""Times that were promised: what is due in a conversation, and what was kept; and the stop of the assistant."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class LevelTarget(models.Model):
    """How many working minutes a team may take at an urgency. Without a team: for all that have no row of their own.
    An empty target means that none is set."""

    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.CASCADE, related_name="+")
    urgency = models.CharField(max_length=10)
    first_reply = models.PositiveIntegerField(null=True)
    next_reply = models.PositiveIntegerField(null=True)
    resolution = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "urgency"], name="one_target", nulls_distinct=False),
        ]


class LevelClock(models.Model):
    """One level of one case (a handover), as `kulanz.core.levels` works it out: what is due, and what came of it.

    `target` is in working minutes, and stays what it was once the clock has ended; `worked` is in open seconds.
    `due_at` and `warn_at` are empty where that never comes; `broken_at` is when the target was used up; `warned_at` and
    `told_broken_at` are when the desk was told. `from_seq` is the last message before the case.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        REACHED = "reached"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="level_clocks")
    handover = models.ForeignKey("desk.Handover", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+")
    urgency = models.CharField(max_length=10)
    level = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    from_seq = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices)
    target = models.PositiveIntegerField(null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    told_broken_at = models.DateTimeField(null=True)
    worked = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handover", "level", "number"], name="one_clock")]
        indexes = [
            models.Index(fields=["warn_at"], condition=models.Q(state="running"), name="clocks_to_warn"),
            models.Index(fields=["ended_at", "level"], name="clocks_ended"),
        ]

    @property
    def needed(self) -> float:
        """Working minutes so far."""
        return self.worked / 60


class NextDue(models.Model):
    """What a conversation has to be done first and by when: one row for a list to join, none while nothing is due."""

    conversation = models.OneToOneField(
        "inbox.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="next_due"
    )
    level = models.CharField(max_length=12)
    due_at = models.DateTimeField(db_index=True)
    warn_at = models.DateTimeField(db_index=True)


class AssistantStop(models.Model):
    """The assistant is silent on this channel; an empty name means all of them."""

    channel = models.CharField(max_length=30, unique=True, blank=True)
    set_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()


class Whisper(models.Model):
    """A supervisor's word in the ear of the agent who holds a conversation: nobody else sees it, customers least."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="whispers")
    author = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["to"], condition=models.Q(seen_at=None), name="whispers_unseen")]
