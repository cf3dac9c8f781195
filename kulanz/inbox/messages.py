"""Messages: append them in order, and show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.core.files import files_from_json
from kulanz.core.message import Reply
from kulanz.core.timeline import Entry, Timeline, fingerprint
from kulanz.inbox.models import Conversation, Message

TIMELINE_LENGTH = 60  # entries; older ones play no part in a decision


def do_append(
    conversation: Conversation, reply: Reply, *, agent: User | None = None, decision: str = "",
    client_message_id: str | None = None, at: datetime | None = None,
) -> Message:  # fmt: skip
    """Adds a message at the end. The caller holds the conversation's row lock; what else it changes in the
    conversation it saves with `update_fields`, because `last_seq` and `updated_at` are written here."""
    now = at or timezone.now()
    conversation.last_seq += 1
    conversation.updated_at = now
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.last_seq,
        author=reply.author,
        agent=agent,
        text=reply.text,
        client_message_id=client_message_id,
        sources=[asdict(s) for s in reply.sources],
        actions=[asdict(a) for a in reply.actions],
        choices=list(reply.choices),
        files=[file.to_json() for file in reply.files],
        decision=decision,
        fingerprint="" if reply.author == "customer" or not reply.text else fingerprint(reply.text),
        created_at=now,
    )
    conversation.save(update_fields=["last_seq", "updated_at"])
    return message


SHOWN = {"repeated": "done", "declined": "refused"}
"""Action statuses that a customer reads as another one: what was done before is done."""


def message_json(message: Message) -> dict[str, Any]:
    """A message as the API and the live stream show it to the customer and to agents."""
    return {
        "id": str(message.id),
        "seq": message.seq,
        "author": message.author,
        "author_name": message.agent.name if message.agent else "",
        "text": message.text,
        "created_at": message.created_at.isoformat(),
        "sources": message.sources,
        "decision": message.decision or None,
        "actions": [{**note, "status": SHOWN.get(note["status"], note["status"])} for note in message.actions],
        "choices": message.choices,
        "attachments": [{**file, "url": f"/api/v1/attachments/{file['id']}"} for file in message.files],
        "client_message_id": message.client_message_id,
        "why": bool(message.decision),
    }


def messages_after(conversation_id: UUID, after: UUID | None, limit: int = 200) -> list[Message]:
    """Messages behind the one named (all from the start without it), in order."""
    query = Message.objects.select_related("agent").filter(conversation_id=conversation_id)
    if after is not None:
        position = query.filter(pk=after).values_list("seq", flat=True).first()
        query = query.filter(seq__gt=position or 0)
    return list(query.order_by("seq")[:limit])


def load_timeline(conversation: Conversation, through: int | None = None) -> Timeline:
    """The last entries of the conversation with their decisions and readings: one query. `through` leaves out what
    came after the message with this `seq`, for a look back."""
    messages = Message.objects.filter(conversation=conversation)
    if through is not None:
        messages = messages.filter(seq__lte=through)
    newest = messages.select_related("reading", "decision_behind").order_by("-seq")[:TIMELINE_LENGTH]
    entries = tuple(_entry(message) for message in reversed(list(newest)))
    return Timeline(entries, conversation.answered_seq)


def _entry(message: Message) -> Entry:
    from kulanz.core.reading import reading_from_json

    stored: Any = getattr(message, "reading", None)
    decided: Any = getattr(message, "decision_behind", None)
    reasons = decided.data.get("reasons", []) if decided else []
    return Entry(
        id=str(message.id),
        seq=message.seq,
        author=message.author,  # type: ignore[arg-type]
        text=message.text,
        at=message.created_at,
        decision=message.decision,
        reason=reasons[0]["code"] if reasons else "",
        fingerprint=message.fingerprint,
        passages=_quoted(message.sources),
        reading=reading_from_json(stored.data) if stored else None,
        reasons=tuple(reason["code"] for reason in reasons),
        files=files_from_json(message.files),
    )


def _quoted(sources: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(s["passage_id"] for s in sources if s.get("passage_id"))
