"""Erasure: articles are the company's own texts; of customers there are only the places of their questions."""

from __future__ import annotations

from uuid import UUID

from kulanz.knowledge.models import QuestionVector


def erase(customer_id: UUID) -> int:
    """Deletes the vectors of one customer's questions; returns how many. Topics that got an article keep their middle,
    of which nobody's words can be read; ratings don't know who gave them."""
    return QuestionVector.objects.filter(message__conversation__customer_id=customer_id).delete()[0]
