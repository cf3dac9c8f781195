"""What a turn of the customer means besides its reply: for what was resolved before, and for how they want to be
answered."""

from __future__ import annotations

from kulanz.core.reading import Reading
from kulanz.desk.after_contact import do_note_contact
from kulanz.inbox.models import Conversation
from kulanz.turns.after_wish import do_take_up


def do_after_turn(conversation: Conversation, reading: Reading) -> None:
    """Called when the turn's reading is stored and the conversation has its state, under its row lock."""
    if reading.intent or reading.wishes or reading.entities:
        do_note_contact(conversation)
    do_take_up(conversation, reading)
