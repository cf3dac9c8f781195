"""Intents and their examples, trained models, stored readings, and what daily work proposes to learn."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7

MAX_EXAMPLE = 1_000  # characters
MAX_TITLE = 120


class Intent(models.Model):
    """What people call an intent, in both languages. A description counts as an example of its own.

    Intents that only have examples need no row here; they are shown by their name.
    """

    name = models.CharField(primary_key=True, max_length=80)
    title_de = models.CharField(max_length=MAX_TITLE, blank=True)
    title_en = models.CharField(max_length=MAX_TITLE, blank=True)
    description_de = models.CharField(max_length=MAX_EXAMPLE, blank=True)
    description_en = models.CharField(max_length=MAX_EXAMPLE, blank=True)


class IntentExample(models.Model):
    """A text that stands for an intent. The intent `oos` collects texts that are none of them.

    `source`: `file`, `curator` (written on the page) or `proposal` (a customer's words, masked and reviewed).
    """

    intent = models.CharField(max_length=80)
    language = models.CharField(max_length=5, blank=True)
    text = models.CharField(max_length=MAX_EXAMPLE)
    source = models.CharField(max_length=10, default="file")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "intent"], name="example_once")]
        indexes = [models.Index(fields=["intent"])]


class TextVector(models.Model):
    """A text's query vector, kept so that training embeds it once: 384 numbers in 16 bits.

    The digest stands for the text and the embedder; the text itself is not here.
    """

    digest = models.BigIntegerField(primary_key=True)
    vector = models.BinaryField()


class IntentModel(models.Model):
    """A trained intent classifier: plain arrays (an .npz file without pickles) and a manifest beside them.

    A model that is not active and was never activated is a *candidate*; `comparison` is how it fares against the model
    that was active when it was trained. `held_out` says of every example what models that did not know it made of it.
    """

    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=60, default="system")
    note = models.CharField(max_length=200, blank=True)
    manifest = models.JSONField()
    comparison = models.JSONField(default=dict)
    held_out = models.JSONField(default=dict)
    arrays = models.BinaryField()
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=models.Q(active=True), name="one_active_intent_model")
        ]


class TrainingRun(models.Model):
    """A training that somebody asked for on the page; its job keeps `done` of `total` up to date."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    requested_by = models.CharField(max_length=60)
    requested_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    model = models.ForeignKey(IntentModel, null=True, on_delete=models.SET_NULL)
    error = models.CharField(max_length=300, blank=True)


class StoredReading(models.Model):
    """A reading exactly as it was when the assistant decided on it. `vector` (384 numbers in 16 bits, or empty) is
    filled in later, where the text is looked at again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.OneToOneField("inbox.Message", on_delete=models.CASCADE, related_name="reading")
    data = models.JSONField()
    vector = models.BinaryField(null=True)


class ExampleProposal(models.Model):
    """A customer's words, masked, that daily work proposes as an example: of an intent or of an emotion.

    `read_as` is what the assistant had understood, `suggested` what it should have been (empty where nobody said),
    `reason` the code of how this was noticed, `proposed_by` the agent or `system`.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    class Kind(models.TextChoices):
        INTENT = "intent"
        EMOTION = "emotion"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey("inbox.Message", on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.INTENT)
    text = models.CharField(max_length=MAX_EXAMPLE)
    language = models.CharField(max_length=5, blank=True)
    read_as = models.CharField(max_length=80, blank=True)
    suggested = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=20)
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    vector = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "kind"], name="one_proposal_a_message")]
        indexes = [models.Index(fields=["proposed_at"], condition=models.Q(state="open"), name="open_proposals")]


class EmotionExample(models.Model):
    """A text whose emotion a person has named and a curator has confirmed."""

    text = models.CharField(max_length=MAX_EXAMPLE, unique=True)
    language = models.CharField(max_length=5, blank=True)
    emotion = models.CharField(max_length=20)


class ProtectedCase(models.Model):
    """A text that every model must read in one way: as `intent`, as none of them, as the wish for a person, or with
    the emotion that `intent` then names."""

    class Expects(models.TextChoices):
        INTENT = "intent"
        REJECTION = "rejection"
        PERSON = "person"
        EMOTION = "emotion"

    text = models.CharField(max_length=MAX_EXAMPLE, unique=True)
    expects = models.CharField(max_length=10, choices=Expects.choices)
    intent = models.CharField(max_length=80, blank=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)


class Change(models.Model):
    """One change of what the assistant is taught from, with what it takes to invert it: `rows` are
    `[text, language, intent before, intent after, source]`, an empty intent meaning that there is no such example."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    act = models.CharField(max_length=30)
    rows = models.JSONField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-at"])]


class Notice(models.Model):
    """Something curators should look at, until one of them has."""

    kind = models.CharField(max_length=20)
    facts = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=60, blank=True)
