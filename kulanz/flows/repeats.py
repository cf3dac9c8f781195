"""Whether a wish was fulfilled before: asked when the customer is about to agree to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from kulanz.flows.models import ActionCall, Approval, ApprovalState, CallStatus
from kulanz.flows.wish import Wish

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
    """What came of this wish before. Refused, undone and long past ones don't count, but their numbers are used up;
    what was stored and never sent has not used up its own."""
    calls = list(ActionCall.objects.filter(wish=wish.mark).order_by("-occasion"))
    sent = [call for call in calls if call.attempts]
    occasion = sent[0].occasion + 1 if sent else 0
    return Earlier(occasion, next((call for call in sent if _counts(wish, call)), None))


def waiting_approval(wish: Wish) -> Approval | None:
    """The approval that exactly this already waits for, in whichever conversation."""
    waiting = Approval.objects.filter(key=wish.key, state=ApprovalState.WAITING, run__outcome="")
    return waiting.filter(expires_at__gt=timezone.now()).first()


def _counts(wish: Wish, call: ActionCall) -> bool:
    return call.status in LIVE or (call.status == CallStatus.DONE and not _undone(call) and _fresh(wish, call))


def _undone(call: ActionCall) -> bool:
    return ActionCall.objects.filter(undoes=call, status=CallStatus.DONE).exists()


def _fresh(wish: Wish, call: ActionCall) -> bool:
    span = wish.action.same_for
    return span is None or timezone.now() - call.created_at < timedelta(seconds=span)
