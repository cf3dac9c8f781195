"""Receiving: nothing lost, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.message import MAX_TEXT, InboundMessage
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.inbox.receive import check_text, receive
from kulanz.live.models import Event


def jobs(conversation: Conversation) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where lock = %s", [str(conversation.pk)])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_message_is_stored_with_its_job_and_event() -> None:
    conversation, token = do_open_conversation("web_chat", "de", Claims())
    message, new = receive(InboundMessage(str(conversation.id), "k1", "Hallo"), token)
    assert new
    assert (message.seq, message.author, message.text) == (1, "customer", "Hallo")
    assert jobs(conversation) == 1
    assert Event.objects.get().payload["id"] == str(message.id)


@pytest.mark.django_db
def test_the_same_key_is_the_same_message() -> None:
    conversation, token = do_open_conversation("web_chat", "de", Claims())
    first, _ = receive(InboundMessage(str(conversation.id), "k1", "Hallo"), token)
    again, new = receive(InboundMessage(str(conversation.id), "k1", "Hallo"), token)
    assert (again.id, new) == (first.id, False)
    assert jobs(conversation) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_times_at_once_is_once() -> None:
    conversation, token = do_open_conversation("web_chat", "de", Claims())

    def send(_: int) -> str:
        try:
            return str(receive(InboundMessage(str(conversation.id), "k1", "Hallo"), token)[0].id)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(send, range(50)))
    assert len(ids) == 1
    assert Message.objects.count() == 1
    assert jobs(conversation) == 1


@pytest.mark.django_db
def test_a_foreign_token_finds_nothing() -> None:
    conversation, _ = do_open_conversation("web_chat", "de", Claims())
    _, other = do_open_conversation("web_chat", "de", Claims())
    with pytest.raises(NotFound):
        receive(InboundMessage(str(conversation.id), "k1", "Hallo"), other)
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_what_is_resolved_stays_so_until_the_message_has_been_read() -> None:
    conversation, token = do_open_conversation("web_chat", "de", Claims())
    Conversation.objects.filter(pk=conversation.pk).update(status=Status.RESOLVED, resolution="confirmed")
    receive(InboundMessage(str(conversation.id), "k1", "Danke"), token)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.resolution) == (Status.RESOLVED, "confirmed")
    assert jobs(conversation) == 1


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "x" * (MAX_TEXT + 1), "\ud800"])
def test_what_is_no_message_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match="Please"):
        check_text(text)


@given(st.text(max_size=200))
def test_whatever_is_accepted_can_be_stored(text: str) -> None:
    try:
        clean = check_text(text)
    except InvalidInput:
        return
    assert clean.encode()
    assert "\0" not in clean
    assert check_text(clean) == clean


@pytest.mark.django_db
def test_the_same_claims_share_a_timeline_but_no_token() -> None:
    anna = Claims(name="Anna", email="anna@example.com")
    one, token = do_open_conversation("web_chat", "de", anna)
    two, _ = do_open_conversation("web_chat", "de", anna)
    assert one.customer_id == two.customer_id
    with pytest.raises(NotFound):
        receive(InboundMessage(str(two.id), "k1", "Hallo"), token)
