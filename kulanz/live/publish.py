"""Publish a change, in the transaction that makes it."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

CHANNEL = "kulanz_live"
NOTIFY_LIMIT = 7_000  # bytes; PostgreSQL refuses payloads of 8,000 and more
STORE_AND_NOTIFY = """
    with event as (
        insert into live_event (topic, kind, payload, created_at) values (%s, %s, %s::jsonb, now()) returning id)
    select pg_notify(%s, json_build_object('topic', %s::text, 'kind', %s::text, 'id', id, 'payload', %s::json)::text)
    from event
"""


def publish(topic: str, kind: str, payload: dict[str, Any]) -> None:
    """Stores an event and announces it; subscribers see it at commit, or on resuming after their last event id."""
    data = json.dumps(payload, cls=DjangoJSONEncoder, ensure_ascii=False)
    # the relay reads large ones from the table
    sent = data if len(data.encode()) <= NOTIFY_LIMIT else "null"
    with connection.cursor() as cursor:  # one statement: this is the busiest path of the product
        cursor.execute(STORE_AND_NOTIFY, [topic, kind, data, CHANNEL, topic, kind, sent])


def hint(topic: str, kind: str, payload: dict[str, Any]) -> None:
    """Announces something that is worth nothing later (a typing sign, "the queue changed"); not stored.
    One that is too large for a notification is left out."""
    text = json.dumps({"topic": topic, "kind": kind, "id": None, "payload": payload}, ensure_ascii=False)
    if len(text.encode()) > NOTIFY_LIMIT:
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, text])


def conversation_topic(conversation_id: object) -> str:
    return f"conversation:{conversation_id}"


QUEUE_TOPIC = "queue"
