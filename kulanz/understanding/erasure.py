"""Erasure of what was understood from a customer's words, and of what they were to teach."""

from __future__ import annotations

from uuid import UUID

from kulanz.understanding.models import ExampleProposal, StoredReading


def erase(customer_id: UUID) -> int:
    """Deletes the readings of one customer with their vectors, and every proposal made of their words; returns how
    many. Examples that a curator has accepted stay: they are masked, and nothing links them to the customer then."""
    whose = {"message__conversation__customer_id": customer_id}
    proposals = ExampleProposal.objects.filter(**whose)
    deleted = proposals.delete()[0]
    return deleted + StoredReading.objects.filter(**whose).delete()[0]
