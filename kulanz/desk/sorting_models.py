"""How conversations are found and sorted: tags, saved views, rest until later."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

COLOURS = ("grey", "blue", "green", "yellow", "red", "violet")
"""Each has a light and a dark look in `desk.css`."""


class Tag(models.Model):
    """A word that agents put on conversations; the same word in other letters is the same tag."""

    name = models.CharField(max_length=30)
    colour = models.CharField(max_length=10, default=COLOURS[0])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_once")]

    def __str__(self) -> str:
        return self.name


class ConversationTag(models.Model):
    """One tag on one conversation, and who put it there."""

    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "tag"], name="conversation_tag_once")]


class SavedView(models.Model):
    """A list with its filters under a name of one's own. `filters` is what the address holds: `{"list": "open", …}`.

    A shared one is everybody's; those whom it belongs to and supervisors remove it.
    """

    agent = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    filters = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class Rest(models.Model):
    """A conversation out of the lists until a time, or until the customer writes a message behind `seq`.

    Whether it still rests is asked for when a list is read: there is nothing that could fail to wake it.
    """

    conversation = models.OneToOneField(
        "inbox.Conversation", primary_key=True, on_delete=models.CASCADE, related_name="rest"
    )
    until = models.DateTimeField()
    seq = models.PositiveIntegerField()
    agent = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.until)
