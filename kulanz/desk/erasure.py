"""Erasure of a customer's handovers and of what stands beside their conversations."""

from __future__ import annotations

from uuid import UUID

from kulanz.desk.after_models import ContactedAgain
from kulanz.desk.beside_models import Closed, HeldReply, Note
from kulanz.desk.copilot_models import Suggestion
from kulanz.desk.level_models import LevelClock, NextDue, Whisper
from kulanz.desk.models import Handover
from kulanz.desk.routing_models import Assignment, QueueAlarm
from kulanz.desk.sorting_models import ConversationTag, Rest


def erase(customer_id: UUID) -> int:
    """Deletes the handovers of one customer, the notes about them, and the rest; returns how many rows."""
    again = ContactedAgain.objects.filter(earlier__customer_id=customer_id).delete()[0]
    tables = (NextDue, LevelClock, Whisper, Handover, Suggestion, Note, HeldReply, Closed, Assignment, QueueAlarm)
    sorting = (ConversationTag, Rest)
    found = (table.objects.filter(conversation__customer_id=customer_id) for table in (*tables, *sorting))
    return again + sum(rows.delete()[0] for rows in found)
