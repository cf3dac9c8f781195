"""Erasure of a customer's flows and calls."""

from __future__ import annotations

from uuid import UUID

from kulanz.flows.models import ActionCall, FlowRun


def erase(customer_id: UUID) -> int:
    """Deletes the flow runs and action calls of one customer; returns how many."""
    runs = FlowRun.objects.filter(conversation__customer_id=customer_id).delete()[0]
    return runs + ActionCall.objects.filter(conversation__customer_id=customer_id).delete()[0]
