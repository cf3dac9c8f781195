"""Erasure of what was on its way to a customer."""

from __future__ import annotations

from uuid import UUID

from kulanz.delivery.models import OutboxItem


def erase(customer_id: UUID) -> int:
    """Deletes the outbox items of one customer; returns how many."""
    return OutboxItem.objects.filter(message__conversation__customer_id=customer_id).delete()[0]
