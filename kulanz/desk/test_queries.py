from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from kulanz.accounts.models import User
from kulanz.core.message import Reply
from kulanz.desk.models import Handover
from kulanz.desk.queries import PAGE, other_conversations, queue_counts, queue_page
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia() -> User:
    return User.objects.create_user("mia@example.org", name="Mia")


def opened(name: str, minutes_ago: int = 0, **fields: Any) -> Conversation:
    conversation = do_open_conversation("web_chat", "en", Claims(name=name, email=f"{name}@example.org"), **fields)[0]
    do_append(conversation, Reply(f"I am {name}", author="customer"))
    if fields.get("status") == "waiting":
        then = timezone.now() - timedelta(minutes=minutes_ago)
        Handover.objects.create(conversation=conversation, reason="wish", requested_at=then)
    return conversation


def test_the_urgent_and_angry_come_first_then_who_waits_longest(mia: User) -> None:
    opened("short", 1, status="waiting")
    opened("long", 30, status="waiting")
    opened("angry", 5, status="waiting", emotion="frustrated")
    opened("urgent", 2, status="waiting", urgency="high")
    opened("assistant")
    assert [row.customer for row in queue_page("waiting", mia).rows] == ["urgent", "angry", "long", "short"]


def test_mine_and_my_colleagues(mia: User) -> None:
    tom = User.objects.create_user("tom@example.org", name="Tom")
    opened("a", status="agent", agent=mia)
    opened("b", status="agent", agent=tom)
    assert [row.customer for row in queue_page("mine", mia).rows] == ["a"]
    assert [(row.customer, row.agent) for row in queue_page("colleagues", mia).rows] == [("b", "Tom")]
    counted = {"waiting": 0, "mine": 1, "colleagues": 1, "assistant": 0, "open": 2, "resolved": None}
    assert {name: queue_counts(mia)[name] for name in counted} == counted


def test_the_preview_is_what_people_said_last(mia: User) -> None:
    conversation = opened("petra", status="waiting")
    do_append(conversation, Reply("You are number 3.", author="system"))
    (row,) = queue_page("waiting", mia).rows
    assert (row.preview, row.preview_author) == ("I am petra", "customer")


def test_pages_and_few_queries(mia: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(PAGE + 3):
        opened(f"c{number}", number, status="waiting")
    with django_assert_num_queries(2):  # the tags are the second
        first = queue_page("waiting", mia)
    second = queue_page("waiting", mia, 2)
    assert (len(first.rows), first.more, len(second.rows), second.more) == (PAGE, True, 3, False)
    assert not {r.id for r in first.rows} & {r.id for r in second.rows}
    with django_assert_num_queries(2):
        assert queue_counts(mia)["waiting"] == PAGE + 3


@pytest.mark.parametrize("words", ["PETRA", "petra@example.org", "  petra "])
def test_search(mia: User, words: str) -> None:
    opened("petra", status="waiting")
    opened("ralf", status="waiting")
    assert [row.customer for row in queue_page("waiting", mia, search=words).rows] == ["petra"]


def test_strange_search_words_find_nothing(mia: User) -> None:
    opened("petra", status="waiting")
    for words in ("%", "\0zz", "' or 1=1 --", "zz\ud800"):
        assert queue_page("waiting", mia, search=words).rows == ()


def test_the_customers_other_conversations() -> None:
    first, second = opened("petra"), opened("petra")
    opened("ralf")
    assert [c.pk for c in other_conversations(second)] == [first.pk]
