"""Examples, trained models and stored readings."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class IntentExample(models.Model):
    """A text that stands for an intent. The intent `oos` collects texts that are none of them."""

    intent = models.CharField(max_length=80)
    language = models.CharField(max_length=5, blank=True)
    text = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "intent"], name="example_once")]


class IntentModel(models.Model):
    """A trained intent classifier: plain arrays (an .npz file without pickles) and a manifest beside them."""

    created_at = models.DateTimeField(auto_now_add=True)
    manifest = models.JSONField()
    arrays = models.BinaryField()
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=models.Q(active=True), name="one_active_intent_model")
        ]


class StoredReading(models.Model):
    """A reading exactly as it was when the assistant decided on it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.OneToOneField("inbox.Message", on_delete=models.CASCADE, related_name="reading")
    data = models.JSONField()
