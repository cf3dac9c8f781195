"""Erasure: the figures of a call stay, its texts and its link to the customer go."""

from __future__ import annotations

from uuid import UUID

from kulanz.nlp.language_models.models import ModelCall


def erase(customer_id: UUID) -> int:
    """Empties and unlinks the calls made for one customer; returns how many."""
    calls = ModelCall.objects.filter(conversation__customer_id=customer_id)
    return calls.update(conversation=None, asked="", replied="")
