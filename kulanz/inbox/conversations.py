"""Open a conversation, and get one for somebody who may have it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from kulanz.core.errors import NotFound
from kulanz.inbox.models import Conversation, Customer, Status


@dataclass(frozen=True, slots=True)
class Claims:
    """What somebody says about themselves; nothing of it is proven."""

    external_id: str = ""
    name: str = ""
    email: str = ""


def do_open_conversation(channel: str, language: str, claims: Claims, **fields: Any) -> tuple[Conversation, str]:
    """Opens a conversation; returns it with its token, which is stored as a hash only."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    conversation = Conversation.objects.create(
        customer=_customer(claims),
        channel=channel,
        language=language,
        token_digest=token_digest(token),
        created_at=fields.pop("created_at", now),
        updated_at=fields.pop("updated_at", now),
        **fields,
    )
    return conversation, token


def _customer(claims: Claims) -> Customer:
    """The customer who made the same claims before, so that agents see one timeline; else a new one.

    The claims are not proven: they link what agents see, and never open anything to whoever made them.
    """
    known = None
    if claims.external_id:
        known = Customer.objects.filter(external_id=claims.external_id, email=claims.email).first()
    elif claims.email:
        known = Customer.objects.filter(external_id="", email=claims.email).first()
    return known or Customer.objects.create(external_id=claims.external_id, name=claims.name, email=claims.email)


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def access_conversation(conversation_id: UUID, token: str | None, *, lock: bool = False) -> Conversation:
    """The conversation that this token opens; any other is *not found*, whether it exists or not.

    `token=None` is for callers whose right has been checked already (staff, API keys with the scope).
    `lock=True` takes the row lock; call it inside a transaction.
    """
    query = Conversation.objects.select_related("customer", "agent")
    if lock:
        query = query.select_for_update(of=("self",))
    if token is not None:
        query = query.filter(token_digest=token_digest(token))
    conversation = query.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound("There is no such conversation, or this token does not open it.")
    return conversation


def do_reopen(conversation: Conversation) -> None:
    """Who writes again has not been helped yet: the conversation goes on with the assistant. The caller holds its row
    lock and publishes it."""
    conversation.status, conversation.agent = Status.ASSISTANT, None
    conversation.resolution, conversation.resolved_at = "", None
    conversation.save(update_fields=["status", "resolution", "resolved_at", "agent"])
