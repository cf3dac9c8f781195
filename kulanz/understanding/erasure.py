"""Erasure of a customer's stored readings."""

from __future__ import annotations

from uuid import UUID

from kulanz.understanding.models import StoredReading


def erase(customer_id: UUID) -> int:
    """Deletes the readings of one customer; returns how many."""
    return StoredReading.objects.filter(message__conversation__customer_id=customer_id).delete()[0]
