"""What a writing action may do by itself: its level, its amounts, how often a day, and above what a person agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.db.models import Q
from django.utils import timezone

from kulanz.core.errors import PermanentError
from kulanz.flows.actions import LEVELS, Level
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.wish import Wish

Verdict = Literal["free", "approval", "not_verified", "above_limit", "too_often"]
DAY = timedelta(days=1)
ABOUT_TO_BE_SENT = timedelta(minutes=1)
"""What was stored and not sent after this will not be: its worker died, and its customer did not agree again."""


class TooOftenError(PermanentError):
    """The action was done as often today as it may be for one customer."""


def verdict(wish: Wish, level: Level) -> Verdict:
    """Whether this write may happen for a customer known at this `level`. Asked before the customer is asked to agree,
    and again right before it is sent: in between, another device may have been faster."""
    action, amount = wish.action, wish.amount
    if LEVELS.index(level) < LEVELS.index(action.level):
        return "not_verified"
    if action.amount and (amount is None or amount < 0):
        return "above_limit"  # a sum that is not known can't be small
    if amount is not None and action.at_most is not None and amount > action.at_most:
        return "above_limit"
    if action.per_day is not None and _today(wish) >= action.per_day:
        return "too_often"
    if amount is not None and action.approve_above is not None and amount > action.approve_above:
        return "approval"
    return "free"


def check_often(wish: Wish) -> None:
    """Raises TooOftenError where the limit of the day is reached. To be asked where nobody else counts meanwhile."""
    if wish.action.per_day is not None and _today(wish) >= wish.action.per_day:
        raise TooOftenError(f"{wish.action.name}: {wish.action.per_day} times a day at most")


def _today(wish: Wish) -> int:
    """Calls of this action for the same customer within 24 hours that happened or may have, without this one."""
    now = timezone.now()
    counted = ActionCall.objects.filter(
        Q(attempts__gte=1) | Q(created_at__gt=now - ABOUT_TO_BE_SENT),
        action=wish.action.name, who=wish.who, created_at__gt=now - DAY,
        status__in=[CallStatus.STARTED, CallStatus.DONE, CallStatus.UNKNOWN],
    ).exclude(wish=wish.mark, occasion=wish.occasion)  # fmt: skip
    return counted.count()
