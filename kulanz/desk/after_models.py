"""What comes of a handover besides a reply, and what comes after a conversation."""

from __future__ import annotations

from django.db import models


class LateNotice(models.Model):
    """The customer was told that it takes longer than promised: once for a handover. `promised_by` is the new time."""

    handover = models.OneToOneField("desk.Handover", on_delete=models.CASCADE, related_name="late_notice")
    told_at = models.DateTimeField()
    promised_by = models.DateTimeField(null=True)


class ReplyWish(models.Model):
    """How the customer wants to be answered where nobody was there when they were handed over.

    `kind` is empty until they choose; `asked_for` is what they were asked for and have not told yet (email, phone or
    window). A call is due between `due_from` and `due_until`, `phone` is E.164; `done_at` is when somebody has called.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"
        CALL = "call"

    handover = models.OneToOneField("desk.Handover", on_delete=models.CASCADE, related_name="wish")
    kind = models.CharField(max_length=5, choices=Kind.choices, blank=True)
    asked_for = models.CharField(max_length=6, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=16, blank=True)
    due_from = models.DateTimeField(null=True)
    due_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["due_from"], condition=models.Q(done_at=None, kind="call"), name="calls_due")]


class ContactedAgain(models.Model):
    """The customer came back about the same matter: what was held to be solved was not. `was` is the resolution that
    this undid, `because` what is the same in both (number or intent) and `detail` which."""

    earlier = models.OneToOneField("inbox.Conversation", on_delete=models.CASCADE, related_name="contacted_again")
    later = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="contacted_before")
    was = models.CharField(max_length=16)
    because = models.CharField(max_length=6)
    detail = models.CharField(max_length=80)
    at = models.DateTimeField()
