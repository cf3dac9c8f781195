from __future__ import annotations

from datetime import datetime, timedelta
from unittest.mock import patch
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kulanz.accounts.models import Team, User
from kulanz.desk.after_models import LateNotice
from kulanz.desk.handover import conversation_json
from kulanz.desk.level_models import LevelClock
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.turns import agent_turn
from kulanz.turns.after_late import do_tell_late

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def minutes(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


def waiting(language: str = "en", at: datetime = NOON) -> UUID:
    conversation, token = do_open_conversation("web_chat", language, Claims())
    with patch("django.utils.timezone.now", return_value=at):
        agent_turn.do_request_person(conversation.pk, token)
    return conversation.pk


def told(conversation: UUID) -> list[str]:
    """What the system has said besides the promise."""
    texts = Message.objects.filter(conversation=conversation, author="system").order_by("seq")
    return list(texts.values_list("text", flat=True))[1:]


def look(at: datetime) -> int:
    with patch("django.utils.timezone.now", return_value=at):
        return do_tell_late(at)


def mia() -> User:
    return User.objects.create_user("mia@example.org", name="Mia")


@pytest.mark.parametrize(("language", "words"), [("en", "by about 12:26"), ("de", "bis etwa 12:26")])
def test_whoever_waits_longer_than_promised_is_told_once(language: str, words: str) -> None:
    conversation = waiting(language)
    assert [look(minutes(n)) for n in (9, 11, 12, 60, 600)] == [0, 1, 0, 0, 0]
    (text,) = told(conversation)
    assert words in text
    assert text.count(".") == 1
    shown = conversation_json(Conversation.objects.get(pk=conversation))["handover"]
    assert shown["message"] == text
    assert shown["promised_by"] == LateNotice.objects.get().promised_by.isoformat()  # type: ignore[union-attr]


def test_nobody_is_told_who_was_answered_or_whose_handover_is_over() -> None:
    answered, over = waiting(), waiting()
    agent = mia()
    with patch("django.utils.timezone.now", return_value=minutes(3)):
        agent_turn.do_reply(answered, agent, "Hello", "1")
        agent_turn.do_give_back(over, agent)
    assert look(minutes(200)) == 0
    assert not LateNotice.objects.exists()


def test_accepted_is_not_answered() -> None:
    conversation = waiting()
    with patch("django.utils.timezone.now", return_value=minutes(3)):
        agent_turn.do_accept(conversation, mia())
    assert look(minutes(30)) == 1


def test_at_the_end_of_the_day_the_new_time_is_tomorrow() -> None:
    conversation = waiting(at=minutes(345))  # 17:45
    assert look(minutes(361)) == 1
    assert "tomorrow at 08:" in told(conversation)[0]


def handled(team: Team, minutes_each: list[int]) -> None:
    """First replies that the team has given in the last days."""
    for number, each in enumerate(minutes_each):
        conversation = do_open_conversation("web_chat", "en", Claims())[0]
        began = NOON - timedelta(days=2, minutes=number)
        case = Handover.objects.create(conversation=conversation, team=team, requested_at=began, state="ended")
        LevelClock.objects.create(
            conversation=conversation, handover=case, team=team, level="first_reply", number=1, state="reached",
            began_at=began, ended_at=began + timedelta(minutes=each), worked=each * 60,
        )  # fmt: skip


@pytest.mark.parametrize(("replies", "promised"), [(19, 10), (20, 25), (60, 25)])
def test_the_promise_is_what_it_really_takes_where_enough_is_known(replies: int, promised: int) -> None:
    team = Team.objects.create(name="Service")
    handled(team, [22] * replies)
    conversation = waiting()
    assert Handover.objects.get(conversation=conversation).promised_by == minutes(promised)


def test_nobody_is_promised_sooner_than_others_wait_already() -> None:
    Team.objects.create(name="Service")
    for _ in range(3):
        waiting(at=minutes(-50))
    conversation = waiting()
    promised = Handover.objects.get(conversation=conversation).promised_by
    assert promised is not None
    assert promised >= minutes(50)
