"""Publish a change, in the transaction that makes it."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from kulanz.live.models import Event

CHANNEL = "kulanz_live"
NOTIFY_LIMIT = 7_000  # bytes; PostgreSQL refuses payloads of 8,000 and more


def publish(topic: str, kind: str, payload: dict[str, Any]) -> None:
    """Stores an event and announces it; subscribers see it at commit, or on resuming after their last event id."""
    event = Event.objects.create(topic=topic, kind=kind, payload=payload)
    _notify({"topic": topic, "kind": kind, "id": event.id, "payload": payload})


def hint(topic: str, kind: str, payload: dict[str, Any]) -> None:
    """Announces something that is worth nothing later (a typing sign, "the queue changed"); not stored."""
    _notify({"topic": topic, "kind": kind, "id": None, "payload": payload})


def _notify(message: dict[str, Any]) -> None:
    text = json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False)
    if len(text.encode()) > NOTIFY_LIMIT:  # the relay reads large ones from the table
        text = json.dumps({**message, "payload": None}, cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, text])


def conversation_topic(conversation_id: object) -> str:
    return f"conversation:{conversation_id}"


QUEUE_TOPIC = "queue"
