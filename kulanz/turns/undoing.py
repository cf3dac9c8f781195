"""Taking back what was done, in the customer's conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.core.message import ReceiptNote
from kulanz.flows.runner import Circumstances
from kulanz.flows.undo import do_undo, last_done
from kulanz.turns.replies import day_and_time


def undo_last(words: str, around: Circumstances) -> tuple[str, ReceiptNote]:
    """Undoes the newest action of the conversation; the sentence for the customer and the receipt. Raises InvalidInput
    where there is nothing to undo (any more), TransientError where the back office is down."""
    call = last_done(around.conversation_id)
    if call is None:
        raise LookupError("the decision saw something to undo")
    note = do_undo(call, words, around)
    return sentence_of(note), note


def sentence_of(note: ReceiptNote) -> str:
    """What the customer hears of it."""
    if note.status == "done":
        text = _("It is taken back.")
        return f"{text} {note.summary}".strip()
    if note.status == "unknown":
        return _("I asked for it to be taken back but got no answer. A person checks it now and writes to you here.")
    return _("It could not be taken back any more. A person looks at it.")


def until_when(notes: Iterable[ReceiptNote]) -> str:
    """Until when what was done can be undone; empty where it can't."""
    ends = [datetime.fromisoformat(note.undo_until) for note in notes if note.undo_until]
    if not ends:
        return ""
    return _("You can undo this until {when}.").format(when=day_and_time(min(ends), timezone.now()))
