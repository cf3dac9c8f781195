"""Whether a wish was fulfilled before: asked when the customer is about to agree to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from kulanz.flows.calls import Wish
from kulanz.flows.models import ActionCall, CallStatus

LIVE = frozenset({CallStatus.STARTED, CallStatus.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Earlier:
    """The occasion that a yes is for, and the call that already did what is wished (None: nobody did)."""

    occasion: int
    call: ActionCall | None = None

    @property
    def open(self) -> bool:
        """It runs right now, or nobody knows yet whether it happened."""
        return self.call is not None and self.call.status in LIVE


def earlier(wish: Wish) -> Earlier:
    """What came of this wish before. Refused, undone and long past ones don't count, but their number is used up."""
    last = ActionCall.objects.filter(wish=wish.mark).order_by("-occasion").first()
    if last is None:
        return Earlier(0)
    if last.status == CallStatus.STARTED and not last.attempts:  # stored, and nothing was ever sent
        return Earlier(last.occasion)
    counts = last.status in LIVE or (last.status == CallStatus.DONE and not _undone(last) and _fresh(wish, last))
    return Earlier(last.occasion + 1, last if counts else None)


def _undone(call: ActionCall) -> bool:
    return ActionCall.objects.filter(undoes=call, status=CallStatus.DONE).exists()


def _fresh(wish: Wish, call: ActionCall) -> bool:
    span = wish.action.same_for
    return span is None or timezone.now() - call.created_at < timedelta(seconds=span)
