"""Erasure of a customer's stored decisions."""

from __future__ import annotations

from uuid import UUID

from kulanz.decision.models import StoredDecision


def erase(customer_id: UUID) -> int:
    """Deletes the decisions of one customer; returns how many."""
    return StoredDecision.objects.filter(conversation__customer_id=customer_id).delete()[0]
