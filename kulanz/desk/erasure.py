"""Erasure of a customer's handovers."""

from __future__ import annotations

from uuid import UUID

from kulanz.desk.models import Handover


def erase(customer_id: UUID) -> int:
    """Deletes the handovers of one customer; returns how many."""
    return Handover.objects.filter(conversation__customer_id=customer_id).delete()[0]
