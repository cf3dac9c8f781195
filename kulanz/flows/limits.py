"""What a writing action may do by itself: its level, its amounts, how often a day, and above what a person agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.utils import timezone

from kulanz.flows.actions import LEVELS, Level
from kulanz.flows.calls import Wish
from kulanz.flows.models import ActionCall, CallStatus

Verdict = Literal["free", "approval", "not_verified", "above_limit", "too_often"]
DAY = timedelta(days=1)


def verdict(wish: Wish, level: Level) -> Verdict:
    """Whether this write may happen for a customer known at this `level`. Asked before the customer is asked to agree,
    and again right before it is sent: in between, another device may have been faster."""
    action, amount = wish.action, wish.amount
    if LEVELS.index(level) < LEVELS.index(action.level):
        return "not_verified"
    if amount is not None and (not amount.is_finite() or amount < 0):
        return "above_limit"
    if action.amount and amount is None:
        return "above_limit"  # a sum that is not known can't be small
    if amount is not None and action.at_most is not None and amount > action.at_most:
        return "above_limit"
    if action.per_day is not None and _today(wish) >= action.per_day:
        return "too_often"
    if amount is not None and action.approve_above is not None and amount > action.approve_above:
        return "approval"
    return "free"


def _today(wish: Wish) -> int:
    """Calls of this action for the same customer within 24 hours that happened or may have, without this one."""
    counted = ActionCall.objects.filter(
        action=wish.action.name, who=wish.who, created_at__gt=timezone.now() - DAY,
        status__in=[CallStatus.STARTED, CallStatus.DONE, CallStatus.UNKNOWN],
    ).exclude(key=wish.key)  # fmt: skip
    return counted.count()
