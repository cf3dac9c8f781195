"""The outbox: sent once, tried again, and given up in the open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from kulanz.channels.registry import CHANNELS, register
from kulanz.core.errors import PermanentError, TransientError
from kulanz.core.message import Reply
from kulanz.delivery.erasure import erase
from kulanz.delivery.models import OutboxItem
from kulanz.delivery.outbox import MAX_ATTEMPTS, dead_letters, deliver, do_send
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append, message_json

pytestmark = pytest.mark.django_db


class Letters:
    """A channel that sends by itself; `troubles` are raised one after the other before a send succeeds."""

    name = "letters"
    streams = False

    def __init__(self) -> None:
        self.troubles: list[Exception] = []
        self.sent: list[str] = []

    def send(self, key: str, payload: dict[str, object]) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append(str(payload["id"]))


@pytest.fixture
def letters() -> Iterator[Letters]:
    channel = Letters()
    register(channel)
    yield channel
    del CHANNELS["letters"]


def outgoing(channel: str) -> tuple[OutboxItem, dict[str, object]]:
    conversation, _ = do_open_conversation(channel, "en", Claims())
    payload = message_json(do_append(conversation, Reply("Hello")))
    return do_send(conversation.id, channel, payload), payload


def jobs(item: OutboxItem) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where args ->> 'item_id' = %s", [str(item.pk)])
        return int(cursor.fetchone()[0])


def test_a_stream_has_it_with_the_transaction() -> None:
    item, _ = outgoing("web_chat")
    assert (item.state, jobs(item)) == ("sent", 0)


def test_any_other_channel_gets_a_job_and_sends_once(letters: Letters) -> None:
    item, payload = outgoing("letters")
    assert (item.state, jobs(item)) == ("pending", 1)
    for _ in range(2):
        deliver(str(item.pk))
    assert letters.sent == [payload["id"]]


def test_what_was_erased_meanwhile_is_not_sent(letters: Letters) -> None:
    item, _ = outgoing("letters")
    assert erase(item.message.conversation.customer_id) == 1
    deliver(str(item.pk))
    assert not letters.sent


def test_a_transient_failure_is_tried_again(letters: Letters) -> None:
    item, _ = outgoing("letters")
    letters.troubles = [TransientError("busy")]
    with pytest.raises(TransientError):
        deliver(str(item.pk))
    deliver(str(item.pk))
    item.refresh_from_db()
    assert (item.state, item.attempts) == ("sent", 2)


def test_a_permanent_failure_is_seen_and_not_tried_again(letters: Letters) -> None:
    item, _ = outgoing("letters")
    letters.troubles = [PermanentError("no such address")]
    deliver(str(item.pk))
    assert [(dead.pk, dead.last_error) for dead in dead_letters()] == [(item.pk, "no such address")]


def test_after_the_last_try_it_is_given_up(letters: Letters) -> None:
    item, _ = outgoing("letters")
    letters.troubles = [TransientError("busy")] * MAX_ATTEMPTS
    for __ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(TransientError):
            deliver(str(item.pk))
    deliver(str(item.pk))
    assert [dead.pk for dead in dead_letters()] == [item.pk]
    assert not letters.sent
