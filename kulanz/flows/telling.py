"""What the customer hears of a wish that was fulfilled before, or is being fulfilled."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kulanz.core.message import ReceiptNote
from kulanz.flows.models import ActionCall, Approval, CallStatus


def already_done(call: ActionCall, note: ReceiptNote, *, again: bool) -> str:
    """That it was done, when, and with which receipt; with `again`, that a yes does it another time."""
    when = _day_and_time(call.settled_at or call.created_at)
    text = _("I have already done this on {when}.").format(when=when)
    if note.summary:
        text = f"{text} {note.summary}"
    if note.reference:
        receipt = _("Receipt: {reference}.").format(reference=note.reference)
        text = f"{text} {receipt}"
    once_more = _("If you want it a second time, please say yes explicitly:")
    not_again = _("It is not done a second time.")
    return f"{text}\n\n{once_more}" if again else f"{text} {not_again}"


def already_open(call: ActionCall) -> str:
    """That it runs right now, or that its outcome is being cleared up."""
    if call.status == CallStatus.UNKNOWN:
        return _("I sent exactly this already and its outcome is being checked. So I do not send it again.")
    return _("Exactly this is being done right now. I do not do it a second time.")


def waits_for_approval() -> str:
    """That the customer's part is done and a person looks at it now."""
    return _("Thank you. An amount of this size is approved by a person first. Nothing has been changed yet.")


def already_waiting(approval: Approval) -> str:
    """That a person looks at exactly this, since when, and until when it is decided at the latest."""
    text = _("Since {since} a person has been looking at exactly this. Nothing has been changed yet.")
    told = text.format(since=_day_and_time(approval.created_at))
    until = _("You get the answer here by {until} at the latest.").format(until=_day_and_time(approval.expires_at))
    return f"{told} {until}"


def withdrawn() -> str:
    """That what waited for a person is not done any more."""
    return _("All right, I have taken your request back before it was approved. Nothing has been changed.")


def _day_and_time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
