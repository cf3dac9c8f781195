"""What stands beside a conversation: notes, ready texts, replies that can still be taken back, why it was closed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kulanz.core.ids import uuid7


class Closing(models.TextChoices):
    """Why an agent resolved a conversation."""

    SOLVED = "solved", _("Solved")
    INFORMED = "informed", _("Information given")
    NOT_SOLVABLE = "not_solvable", _("Not solvable")
    DUPLICATE = "duplicate", _("Duplicate")
    SPAM = "spam", _("Spam")
    NO_ANSWER = "no_answer", _("No answer from customer")


class Note(models.Model):
    """An agent's words for colleagues, never for customers: a table of its own, which nothing that customers or
    language models see is made from. It stands behind the message with the number `after_seq`. `passed_to` is the
    colleague or team that got the conversation with it; then the text may be empty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="notes")
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True)
    passed_to = models.CharField(max_length=80, blank=True)
    after_seq = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "key"], name="note_once")]


class Mention(models.Model):
    """A colleague named in a note, until they have opened the conversation (`seen_at`)."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user"], condition=models.Q(seen_at=None), name="unseen_mentions")]


class ReadyText(models.Model):
    """A text for many occasions; a macro where it also leaves a note, resolves or hands to a team. Without an owner it
    is everybody's. At least one of the two languages is filled in."""

    class Then(models.TextChoices):
        NOTHING = "", _("nothing more")
        RESOLVE = "resolve", _("Resolve")
        TEAM = "team", _("Hand to a team")

    shortcut = models.CharField(max_length=30)
    owner = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="ready_texts")
    text_de = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    note = models.TextField(blank=True)
    then = models.CharField(max_length=10, blank=True, choices=Then.choices, default=Then.NOTHING)
    closing = models.CharField(max_length=12, choices=Closing.choices, default=Closing.SOLVED)
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shortcut", "owner"], nulls_distinct=False, name="ready_text_shortcut")
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class HeldReply(models.Model):
    """A reply on its way that its agent may take back until `due_at`; then a job sends it, under the same `key`. What
    its macro does besides happens when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.OneToOneField("inbox.Conversation", on_delete=models.CASCADE, related_name="held_reply")
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True)
    key = models.CharField(max_length=80)
    files = models.ManyToManyField("inbox.Attachment", related_name="held_by")
    macro = models.ForeignKey(ReadyText, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:60]


class Closed(models.Model):
    """Why a conversation was resolved the last time, and by whom."""

    conversation = models.OneToOneField("inbox.Conversation", on_delete=models.CASCADE, related_name="closed")
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=12, choices=Closing.choices, db_index=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.why
