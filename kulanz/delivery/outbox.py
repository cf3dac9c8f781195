"""Save first, then send; a key makes a second send harmless."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kulanz.channels.registry import get_channel
from kulanz.core.errors import PermanentError, TransientError
from kulanz.delivery.models import OutboxItem
from kulanz.live.publish import conversation_topic, publish
from kulanz.settings.logging import logger

log = logger(__name__)
DELIVER = "deliver"
MAX_ATTEMPTS = 8
RETRY = RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=3, retry_exceptions=[TransientError])


def do_send(conversation_id: UUID, channel: str, payload: dict[str, Any]) -> OutboxItem:
    """Puts a stored message on its way, in the caller's transaction. `payload` is the message as the API shows it;
    its id is the key, so that the same message is never sent twice."""
    sent = get_channel(channel).streams
    item = OutboxItem.objects.create(
        key=payload["id"],
        message_id=payload["id"],
        channel=channel,
        payload={} if sent else payload,
        state=OutboxItem.State.SENT if sent else OutboxItem.State.PENDING,
        sent_at=timezone.now() if sent else None,
    )
    publish(conversation_topic(conversation_id), "message", payload)
    if not sent:
        do_queue(item, conversation_id)
    return item


def do_queue(item: OutboxItem, conversation_id: UUID) -> None:
    """The job names the item only: jobs outlive what is erased, and are shown to operators."""
    app.configure_task(DELIVER, lock=str(conversation_id), queue="delivery").defer(item_id=str(item.id))


def deliver(item_id: str, payload: dict[str, Any] | None = None) -> None:
    """Sends one item, or nothing where it was erased. A transient failure raises, so that the queue tries again later;
    after the last attempt, or on a permanent failure, the item is *dead*: it stays visible and nothing is lost.
    `payload` comes from jobs of earlier versions only."""
    with transaction.atomic():
        item = OutboxItem.objects.select_for_update().filter(pk=item_id).first()
        if item is None or item.state != OutboxItem.State.PENDING:
            return
        item.attempts += 1
        item.save(update_fields=["attempts"])
    try:
        get_channel(item.channel).send(item.key, item.payload or payload or {})
    except TransientError as error:
        dead = item.attempts >= MAX_ATTEMPTS
        _settle(item, OutboxItem.State.DEAD if dead else OutboxItem.State.PENDING, str(error))
        if not dead:
            raise
    except PermanentError as error:
        _settle(item, OutboxItem.State.DEAD, str(error))
    else:
        _settle(item, OutboxItem.State.SENT, "")


def _settle(item: OutboxItem, state: OutboxItem.State, error: str) -> None:
    item.state, item.last_error = state, error[:300]
    item.sent_at = timezone.now() if state == OutboxItem.State.SENT else None
    if state == OutboxItem.State.SENT:
        item.payload = {}
    stored = OutboxItem.objects.filter(pk=item.pk)  # erased meanwhile, there is nothing to note
    stored.update(state=state, last_error=item.last_error, sent_at=item.sent_at, payload=item.payload)
    if state == OutboxItem.State.DEAD:
        log.error("delivery gave up", item=str(item.id), channel=item.channel, attempts=item.attempts)


def dead_letters(limit: int = 100) -> list[OutboxItem]:
    """What could not be delivered, newest first."""
    return list(OutboxItem.objects.filter(state=OutboxItem.State.DEAD).order_by("-created_at")[:limit])
