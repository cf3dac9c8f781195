"""Erasure: audit entries stay, but lose the link to the customer's conversations."""

from __future__ import annotations

from uuid import UUID

from kulanz.trust.models import AuditEntry


def erase(customer_id: UUID) -> int:
    """Unlinks the audit entries of one customer; returns how many."""
    return AuditEntry.objects.filter(conversation__customer_id=customer_id).update(conversation=None, facts={})
