"""Erasure: the knowledge room has nothing to erase."""

from __future__ import annotations

from uuid import UUID


def erase(customer_id: UUID) -> int:  # noqa: ARG001
    """Always 0: articles and passages are the company's own texts, and nothing about a customer is stored with
    them; questions are searched for and forgotten."""
    return 0
