"""What was asked of language models, and what it cost."""

from __future__ import annotations

from django.db import models

from kulanz.core.ids import uuid7


class ModelCall(models.Model):
    """One call. `outcome` is "done" or the reason why nothing usable came (see `result.Reason`). Tokens are the
    server's count, or an estimate where it gave none; `cost` comes from the prices that were set at the time. The
    texts are empty unless the operator keeps them; then they are what left this machine, with personal data masked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    task = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    outcome = models.CharField(max_length=30)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    conversation = models.ForeignKey(
        "inbox.Conversation", null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    asked = models.TextField(blank=True)
    replied = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="model_call_at")]

    def __str__(self) -> str:
        return f"{self.task} {self.outcome}"


class DayOfTokens(models.Model):
    """Tokens spent or reserved on one day by one task, or by all of them (empty `task`). The row is the counter that
    every worker takes from before it calls."""

    day = models.DateField()
    task = models.CharField(max_length=20, blank=True)
    tokens = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "task"], name="day_of_tokens_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.task}"
