"""Erasure: nothing to do here."""

from __future__ import annotations

from uuid import UUID


def erase(customer_id: UUID) -> int:  # noqa: ARG001
    """Erases nothing and returns 0.

    These tables stand for a foreign company's back office. They hold no key of a Kulanz customer, and a
    company's own orders and invoices are not Kulanz's to delete.
    """
    return 0
