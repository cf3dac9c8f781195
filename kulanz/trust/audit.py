"""The audit trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kulanz.trust.models import AuditEntry


def record(actor: str, act: str, conversation_id: UUID | None = None, **facts: Any) -> None:
    """Adds an entry in the caller's transaction: no act without its entry, no entry without its act."""
    AuditEntry.objects.create(actor=actor, act=act, conversation_id=conversation_id, facts=facts)
