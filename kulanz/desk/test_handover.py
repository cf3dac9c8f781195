from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from kulanz.accounts.models import Team, User
from kulanz.desk.handover import conversation_json, do_hand_over
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation
from kulanz.trust.models import AuditEntry

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=BERLIN)
SATURDAY_NIGHT = datetime(2026, 11, 28, 22, 0, tzinfo=BERLIN)


def opened(language: str = "en") -> Conversation:
    return do_open_conversation("web_chat", language, Claims())[0]


def handed_over(at: datetime = NOON, conversation: Conversation | None = None) -> tuple[Handover, str]:
    conversation = conversation or opened()
    with patch("django.utils.timezone.now", return_value=at), transaction.atomic():
        return do_hand_over(conversation, "wish", conversation.language)


def test_the_customer_hears_who_answers_and_when() -> None:
    handover, sentence = handed_over()
    assert handover.promised_by == NOON + timedelta(minutes=10)
    assert "service team" in sentence
    assert "in about 10 minutes, by 12:10" in sentence
    assert "queue" not in sentence


def test_outside_the_hours_the_customer_hears_when_we_are_back() -> None:
    handover, sentence = handed_over(SATURDAY_NIGHT)
    monday = datetime(2026, 11, 30, 8, 10, tzinfo=BERLIN)
    assert handover.promised_by == monday
    assert "Nobody is there right now" in sentence
    assert "Monday, 30 November at 08:00" in sentence
    assert "kept" in sentence


def test_whoever_comes_later_is_promised_later() -> None:
    team = Team.objects.create(name="Service")
    for number in range(2):
        User.objects.create_user(f"a{number}@example.org", name="A", team=team)
    promises = [handed_over()[0].promised_by for _ in range(5)]
    assert promises == [NOON + timedelta(minutes=m) for m in (10, 10, 20, 20, 30)]
    assert "You are number 6 in the queue" in handed_over()[1]


def test_a_promise_close_to_the_end_of_the_day_moves_to_the_next() -> None:
    handover, sentence = handed_over(datetime(2026, 11, 23, 17, 55, tzinfo=BERLIN))
    assert handover.promised_by == datetime(2026, 11, 24, 8, 5, tzinfo=BERLIN)
    assert "tomorrow at 08:05" in sentence


def test_handing_over_twice_is_one_handover() -> None:
    conversation = opened()
    first, sentence = handed_over(conversation=conversation)
    again, same = handed_over(NOON + timedelta(minutes=3), conversation)
    assert (again.pk, same) == (first.pk, sentence)
    assert Handover.objects.count() == 1
    assert AuditEntry.objects.filter(act="handed_over").count() == 1


def test_the_state_shown_to_the_customer() -> None:
    conversation = opened()
    assert conversation_json(conversation)["handover"] is None
    _, sentence = handed_over(conversation=conversation)
    shown = conversation_json(conversation)
    assert shown["status"] == "waiting"
    assert shown["resolution"] is None
    assert shown["handover"] == {
        "state": "waiting",
        "team": None,
        "agent": None,
        "message": sentence,
        "promised_by": "2026-11-23T11:10:00+00:00",
        "requested_at": "2026-11-23T11:00:00+00:00",
        "choices": [],
    }
