"""Running flows, and every call that changes something outside."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kulanz.core.ids import uuid7


class Awaits(models.TextChoices):
    """What a running flow waits for. While it waits for an event or an approval, the conversation is free."""

    NOTHING = ""
    SLOT = "slot"
    CONFIRM = "confirm"
    EVENT = "event"
    APPROVAL = "approval"


class FlowRun(models.Model):
    """A flow in progress or finished. `state` is the engine's own; `version` names the definition it began with.

    A run that waits for something outside is found by `event` and `event_key`, or wakes at `wakes_at`. `begun_by` is
    customer, agent, event or api; `left_at` the path of the step at which it ended unsolved.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="flow_runs")
    flow = models.CharField(max_length=80)
    version = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    awaits = models.CharField(max_length=10, choices=Awaits.choices, blank=True)
    event = models.CharField(max_length=80, blank=True)
    event_key = models.CharField(max_length=200, blank=True)
    wakes_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    begun_by = models.CharField(max_length=10, default="customer")
    left_at = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(outcome="") & ~Q(awaits__in=[Awaits.EVENT, Awaits.APPROVAL]),
                name="one_running_flow",
            )
        ]
        indexes = [
            models.Index(fields=["event", "event_key"], condition=Q(outcome="", awaits="event"), name="waiting_flow"),
            models.Index(fields=["wakes_at"], condition=Q(outcome="", awaits="event"), name="flow_wakes"),
            models.Index(fields=["flow", "created_at"], name="flow_figures"),
        ]


class CallStatus(models.TextChoices):
    """`started`: sent or about to be; `unknown`: it may have happened; `not_done`: it surely did not."""

    STARTED = "started"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_DONE = "not_done"


class ActionCall(models.Model):
    """One wish to change something in a back office, stored before it is sent.

    `wish` is the same for the same wish, from whichever conversation, and `occasion` counts the times it was explicitly
    agreed to; both together act once. `who` is the customer's e-mail address or id, `consent` their words of agreement
    in `message`. `key` is the idempotency key the back office sees, `receipt` its answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=64, unique=True)
    wish = models.CharField(max_length=64)
    occasion = models.PositiveIntegerField(default=0)
    who = models.CharField(max_length=254, blank=True)
    conversation = models.ForeignKey("inbox.Conversation", on_delete=models.CASCADE, related_name="action_calls")
    message = models.ForeignKey("inbox.Message", null=True, on_delete=models.SET_NULL, related_name="action_calls")
    flow = models.CharField(max_length=80, blank=True)
    step = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=80)
    arguments = models.JSONField()
    consent = models.TextField(blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    status = models.CharField(max_length=10, choices=CallStatus.choices, default=CallStatus.STARTED)
    receipt = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField(default=0)
    undoes = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="undone_by")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wish", "occasion"], name="a_wish_acts_once")]
        indexes = [
            models.Index(fields=["who", "action", "created_at"], name="calls_of_a_customer"),
            models.Index(fields=["created_at"], condition=Q(status__in=["started", "unknown"]), name="open_calls"),
        ]


class ApprovalState(models.TextChoices):
    WAITING = "waiting"
    APPROVED = "approved"
    CHANGED = "changed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Approval(models.Model):
    """A write that the customer agreed to and that waits for a person; `key` is the one it will have. `changes` are
    slot values that the person set instead; the customer is asked again with them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(FlowRun, on_delete=models.CASCADE, related_name="approvals")
    key = models.CharField(max_length=64)
    action = models.CharField(max_length=80)
    arguments = models.JSONField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    consent = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING)
    decided_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="approvals")
    note = models.TextField(blank=True)
    changes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run"], condition=Q(state="waiting"), name="one_waiting_approval")
        ]


class OutsideEvent(models.Model):
    """The last that was told of an event with this key, kept for a day: a back office may be faster than the turn that
    asked it, and may tell the same thing twice. `taken_by` are the runs that have gone on with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    taken_by = models.JSONField(default=list)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="one_event_of_a_key")]
        indexes = [models.Index(fields=["told_at"], name="events_by_time")]


class FlowVersion(models.Model):
    """A flow's definition as it was when a run began with it."""

    version = models.CharField(max_length=64, primary_key=True)
    data = models.JSONField()


class EditionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("In force")
    PAST = "past", _("Earlier")


class FlowEdition(models.Model):
    """A flow's file as it was written on the desk, `number` counting from 1 for each flow. At most one of a flow is in
    force and at most one in work. `author` wrote it last, `approver` is the second person who published it."""

    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    text = models.TextField()
    state = models.CharField(max_length=10, choices=EditionState.choices, default=EditionState.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="flow_editions")
    approver = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="approved_flows")
    written_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="one_edition_of_a_number"),
            models.UniqueConstraint(fields=["name"], condition=Q(state="published"), name="one_edition_in_force"),
            models.UniqueConstraint(fields=["name"], condition=Q(state__in=["draft", "proposed"]), name="one_in_work"),
        ]
