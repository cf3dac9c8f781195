"""The desk's data set: it can be written, and every page that is measured on it works."""

from __future__ import annotations

import pytest
from django.test import Client

from kulanz.accounts.models import User
from kulanz.cli.bench_desk import LIMITS
from kulanz.cli.bench_desk_data import addresses, do_fill, filled
from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.search_models import ConversationWords


@pytest.mark.django_db
def test_a_small_data_set_is_written_and_its_pages_work(client: Client) -> None:
    do_fill(80, 5, 4)
    assert filled()
    assert (Conversation.objects.count(), Message.objects.count(), ConversationWords.objects.count()) == (80, 400, 80)
    assert Conversation.objects.exclude(status="resolved").count() == 16
    client.force_login(User.objects.get(name="Agent 1"))
    pages = addresses(2)
    assert pages.keys() == LIMITS.keys()
    assert {client.get(page).status_code for kind in pages.values() for page in kind} == {200}
