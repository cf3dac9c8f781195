"""Customers, their conversations and every message in them."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7
from kulanz.inbox import search_models  # noqa: F401 - a further table


class Customer(models.Model):
    """A person who writes to us. Name, e-mail and external id are claims until an identity is verified."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["email"]), models.Index(fields=["external_id"])]

    def __str__(self) -> str:
        return self.name or self.email or str(self.id)[:8]


class Status(models.TextChoices):
    """Who holds the conversation. `waiting`: handed over, nobody has taken it yet."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    AGENT = "agent"
    RESOLVED = "resolved"


class Conversation(models.Model):
    """One matter on one channel. Its row lock puts everything that happens in it into one order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="conversations")
    channel = models.CharField(max_length=30)
    language = models.CharField(max_length=5, default="en")
    token_digest = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ASSISTANT)
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="conversations")
    subject = models.CharField(max_length=120, blank=True)
    emotion = models.CharField(max_length=20, default="neutral")
    urgency = models.CharField(max_length=10, default="normal")
    answered_seq = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    resolution = models.CharField(max_length=16, blank=True)
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["status", "updated_at"]),
            models.Index(fields=["customer", "-updated_at"]),
        ]


class Message(models.Model):
    """One message. `seq` counts from 1 within its conversation; `client_message_id` is the sender's own key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10)
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    client_message_id = models.CharField(max_length=80, null=True)  # noqa: DJ001 - null is unique to nobody
    sources = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    choices = models.JSONField(default=list)
    files = models.JSONField(default=list)
    """What its attachments are (see `kulanz.core.files`), so that reading messages needs no other table."""
    decision = models.CharField(max_length=16, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_order"),
            models.UniqueConstraint(fields=["conversation", "client_message_id"], name="message_once"),
        ]


class Attachment(models.Model):
    """A file that came with a message, kept in the database so that any process can serve it. Without a `message` it is
    uploaded and not sent yet. `kind` is the media type found in the data itself, never what the sender called it;
    `size` is in bytes, `width` and `height` in pixels (pictures), `checksum` the SHA-256 of what is kept."""

    class By(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    uploaded_by = models.CharField(max_length=10, choices=By.choices)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    checksum = models.CharField(max_length=64)
    data = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="not_sent_yet", condition=models.Q(message=None))]

    def __str__(self) -> str:
        return self.name


class Feedback(models.Model):
    """What the customer says about a message or, without one, about the whole conversation: that is their rating, with
    `helpful` for good or not good. `rated_at` is when they first gave it, `rated_agent` who had looked after them then
    (None: the assistant alone)."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="feedback")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="feedback")
    helpful = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    comment = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    rated_at = models.DateTimeField(null=True)
    rated_agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["rated_at"], name="ratings", condition=~models.Q(rated_at=None))]
