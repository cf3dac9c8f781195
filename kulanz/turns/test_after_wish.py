from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kulanz.accounts.models import Team, User
from kulanz.core.hours import OpeningHours, Span
from kulanz.core.message import InboundMessage
from kulanz.delivery.erasure import erase
from kulanz.delivery.models import OutboxItem
from kulanz.delivery.outbox import deliver
from kulanz.desk.after_models import ReplyWish
from kulanz.desk.after_wish import WINDOW, calls_due, windows
from kulanz.desk.handover import conversation_json
from kulanz.desk.models import Handover
from kulanz.desk.stopping import do_let_go_on, do_stop
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.receive import receive
from kulanz.turns import agent_turn
from kulanz.turns.after_late import do_tell_late
from kulanz.turns.after_wish import do_note_called
from kulanz.turns.customer_turn import customer_turn

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=BERLIN)  # a Monday
database = pytest.mark.django_db


@given(
    st.lists(st.integers(0, 24 * 4 - 8).map(lambda n: Span(n * 15, n * 15 + 120)), min_size=7, max_size=7),
    st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 20), timezones=st.just(BERLIN)),
)
def test_every_window_lies_within_the_opening_hours(week: list[Span], now: datetime) -> None:
    hours = OpeningHours("Europe/Berlin", tuple((span,) for span in week))
    found = list(windows(hours, now))
    assert found
    for window in found:
        assert now <= window.start
        length = window.end.astimezone(UTC) - window.start.astimezone(UTC)  # not on the wall: the clock may be changed
        assert timedelta(hours=1) <= length <= WINDOW
        assert hours.next_closing(window.start) >= window.end  # type: ignore[operator]


class Night:
    """A customer who is handed over while nobody is there."""

    def __init__(self, language: str = "en", email: str = "", at: datetime = NIGHT) -> None:
        self.at, self.language = at, language
        conversation, self.token = do_open_conversation("api", language, Claims(email=email))
        self.id = conversation.pk
        with patch("django.utils.timezone.now", return_value=at):
            agent_turn.do_request_person(self.id, self.token)

    def say(self, text: str) -> list[str]:
        """What the customer reads then."""
        before = Message.objects.filter(conversation=self.id).count()
        with patch("django.utils.timezone.now", return_value=self.at):
            receive(InboundMessage(str(self.id), uuid4().hex, text), self.token)
            customer_turn(self.id)
        new = Message.objects.filter(conversation=self.id).order_by("seq")[before + 1 :]
        assert {message.author for message in new} <= {"system"}  # the assistant keeps silent
        return [message.text for message in new]

    @property
    def choices(self) -> list[str]:
        with patch("django.utils.timezone.now", return_value=self.at):
            shown: Any = conversation_json(Conversation.objects.get(pk=self.id))["handover"]
        return list(shown["choices"])

    def wish(self) -> ReplyWish:
        return ReplyWish.objects.get(handover__conversation=self.id)


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"


@database
def test_by_e_mail_asked_for_the_address_once() -> None:
    night = Night()
    assert night.choices == ["Answer by e-mail", "Call me back"]
    assert night.say("Answer by e-mail") == ["Gladly. To which e-mail address?"]
    assert night.choices == []
    assert night.say("By the way, it is the blue one") == []  # kept for the agent
    assert "does not look like" in night.say("petra@")[0]
    assert night.say("petra@@") == []  # never the same twice
    assert night.say("petra@example.org") == [
        "Good, you get the answer by e-mail to petra@example.org. You can read it here, too."
    ]
    assert (night.wish().kind, night.wish().email) == ("email", "petra@example.org")


@database
def test_what_is_known_is_not_asked_for() -> None:
    assert "petra@example.org" in Night(email="petra@example.org").say("please answer by email")[0]
    said_before = Night()
    assert said_before.say("I am tom@example.org") == []
    assert "tom@example.org" in said_before.say("Answer by e-mail")[0]


@database
@pytest.mark.parametrize(
    ("language", "wish", "number", "time", "start"),
    [
        ("en", "Could you call me back please", "my number is 0171 1234567", "tomorrow at 14:30", "14:00"),
        ("de", "Bitte rufen Sie mich zurück", "0171 1234567", "morgen um 9 Uhr", "08:00"),
    ],
)
def test_a_call_at_a_time_within_the_hours(language: str, wish: str, number: str, time: str, start: str) -> None:
    night = Night(language)
    assert len(night.say(wish)) == 1
    assert "+491711234567" in night.say(number)[0]
    assert len(night.choices) == 5
    assert "08:00–10:00" in night.choices[0]
    told = night.say(time)
    assert f"{start}–" in told[0]
    stored, handover = night.wish(), Handover.objects.get()
    assert stored.due_from is not None
    assert stored.due_from.astimezone(BERLIN).strftime("%d %H:%M") == f"24 {start}"
    assert handover.promised_by == stored.due_until
    assert handover.message == told[0]
    assert [call.pk for call in calls_due()] == [stored.pk]
    do_note_called(stored, User.objects.create_user("m@example.org", name="Mia"), NIGHT)
    assert calls_due() == []


@database
def test_a_click_on_a_window_and_nothing_outside_the_hours() -> None:
    night = Night()
    assert night.say("Call me back, 0171 1234567")[0].startswith("When shall we call you on +491711234567?")
    assert "Which one suits you?" in night.say("tomorrow at 23:00")[0]
    label = night.choices[2]
    assert label in night.say(label)[0]
    assert night.choices == []


@database
@pytest.mark.parametrize(
    "number", ["0900 1234567", "+49 900 1234567", "0180 5123456", "+881 612 345678", "+870773111632"]
)
def test_numbers_that_cost_more_are_not_called_back(number: str) -> None:
    night = Night()
    night.say("Call me back")
    assert "does not look like a phone number" in night.say(number)[0]
    assert night.wish().phone == ""
    again = Night()
    assert "shall we call you on" not in again.say(f"Call me back, my number is {number}")[0]
    assert (again.wish().phone, again.wish().asked_for) == ("", "phone")


@database
@pytest.mark.parametrize(
    "text",
    ["Please do not call me back", "Bitte nicht zurückrufen", "I got your e-mail yesterday", "Thank you", "14:30"],
)
def test_saying_neither_is_fine(text: str) -> None:
    night = Night()
    assert night.say(text) == []
    assert night.wish().kind == ""
    assert night.choices


@database
def test_without_a_mail_server_there_is_no_such_choice(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    night = Night()
    assert night.choices == ["Call me back"]
    assert night.say("Answer by e-mail") == []


@database
def test_within_the_hours_there_is_nothing_to_choose() -> None:
    day = Night(at=NIGHT.replace(hour=12))
    assert day.choices == []
    assert day.say("call me back") == []


@database
def test_nothing_is_offered_while_nobody_reads_the_choice() -> None:
    sue = User.objects.create_user("sue@example.org", name="Sue")
    before = Night()
    do_stop("", sue)
    during = Night()
    assert (before.choices, during.choices) == ([], [])
    assert "call" not in Handover.objects.get(conversation=during.id).message
    assert during.say("Call me back") == []
    do_let_go_on("", sue)
    assert before.choices == ["Answer by e-mail", "Call me back"]


@database
def test_the_agents_reply_goes_out_by_e_mail_once() -> None:
    night, mia = Night(email="petra@example.org"), User.objects.create_user("m@example.org", name="Mia")
    night.say("Answer by e-mail")
    for _ in range(2):
        message = agent_turn.do_reply(night.id, mia, "It is on its way.", "1")
    item = OutboxItem.objects.get(channel="reply_mail")
    with connection.cursor() as cursor:
        cursor.execute("select args::text from procrastinate_jobs where task_name = 'deliver'")
        ((args,),) = cursor.fetchall()
    assert "petra" not in args  # jobs outlive what is erased
    assert "on its way" not in args
    for _ in range(2):
        deliver(str(item.pk))
    (sent,) = mail.outbox
    assert sent.to == ["petra@example.org"]
    assert message.text in sent.body
    assert "/rate/" in sent.body
    item.refresh_from_db()
    assert item.payload == {}
    agent_turn.do_reply(night.id, mia, "And this, too.", "2")
    waiting = OutboxItem.objects.get(channel="reply_mail", state="pending")
    assert erase(waiting.message.conversation.customer_id)
    deliver(str(waiting.pk))  # its job comes too late
    assert len(mail.outbox) == 1
    assert not OutboxItem.objects.filter(channel="reply_mail").exists()


@database
@pytest.mark.parametrize("opens_again", [True, False], ids=["not solved", "the agent writes once more"])
def test_the_wish_for_e_mail_outlives_the_resolution(opens_again: bool) -> None:
    night, mia = Night(email="petra@example.org"), User.objects.create_user("m@example.org", name="Mia")
    night.say("Answer by e-mail")
    agent_turn.do_reply(night.id, mia, "It is on its way.", "1")
    agent_turn.do_resolve(night.id, mia)
    if opens_again:
        agent_turn.do_customer_feedback(night.id, night.token, solved=False)
        assert night.choices == []
    agent_turn.do_reply(night.id, mia, "Here is the number.", "2")
    assert OutboxItem.objects.filter(channel="reply_mail").count() == 2


@database
def test_a_call_is_no_wish_for_what_comes_after_it() -> None:
    night, mia = Night(), User.objects.create_user("m@example.org", name="Mia")
    night.say("Call me back, 0171 1234567")
    night.say("tomorrow at 10")
    agent_turn.do_resolve(night.id, mia)
    agent_turn.do_customer_feedback(night.id, night.token, solved=False)
    assert calls_due() == []


@database
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("minutes", [0, 7, 605, 640])
def test_a_click_promises_what_was_clicked(language: str, minutes: int) -> None:
    """Ten hours later, at 8, the first window has begun."""
    night = Night(language)
    night.say("Call me back, 0171 1234567")
    labels = night.choices
    night.at = NIGHT + timedelta(minutes=minutes)
    label = labels[0] if minutes > 600 else labels[1]
    assert label in night.say(label)[0]
    stored = night.wish()
    assert stored.due_until is not None
    assert stored.due_until.astimezone(BERLIN).strftime("%H:%M") == label[-5:]


@database
def test_the_times_named_are_the_times_promised_or_none() -> None:
    night = Night()
    night.say("Call me back, 0171 1234567")
    assert "Which one suits you?" in night.say("tomorrow 19:00-21:00")[0]
    assert "09:15–11:15" in night.say("tomorrow 9:15 - 11:15")[0]


def test_windows_are_the_same_whenever_one_looks() -> None:
    hours = OpeningHours("Europe/Berlin", ((Span(0, 150), Span(19 * 60, 24 * 60)),) * 7)
    early, late = (list(windows(hours, NIGHT + timedelta(minutes=m))) for m in (0, 157))
    assert [w for w in early if w.start >= NIGHT + timedelta(minutes=157)] == late[: len(early) - 2]


@database
def test_a_promised_call_takes_back_the_word_that_it_takes_longer() -> None:
    night = Night()
    night.say("Call me back, 0171 1234567")
    with patch("django.utils.timezone.now", return_value=NIGHT + timedelta(hours=12)):
        assert do_tell_late(NIGHT + timedelta(hours=12)) == 1
    night.at += timedelta(hours=12, minutes=5)
    night.say("today at 14:30")
    shown: Any = conversation_json(Conversation.objects.get(pk=night.id))["handover"]
    assert datetime.fromisoformat(shown["promised_by"]) == night.wish().due_until


@database
def test_the_desk_lists_the_calls_and_says_what_was_agreed(client: Any) -> None:
    night = Night()
    night.say("Call me back, 0171 1234567")
    night.say("tomorrow at 10")
    client.force_login(User.objects.create_user("m@example.org", name="Mia", language="en"))
    listed = client.get("/desk/call-backs/").content.decode()
    assert "tel:+491711234567" in listed
    assert "10:00–12:00" in listed
    assert "+491711234567" in client.get(f"/desk/c/{night.id}/panel/").content.decode()
    for _ in range(2):
        assert client.post(f"/desk/call-backs/{night.wish().pk}/called/").status_code == 302
    assert "tel:" not in client.get("/desk/call-backs/").content.decode()


@database
def test_a_wish_outlives_being_passed_on_and_a_call_ends_the_wait() -> None:
    night, mia = Night(), User.objects.create_user("m@example.org", name="Mia")
    night.say("Call me back, 0171 1234567")
    night.say("tomorrow at 10")
    team = Team.objects.create(name="Returns")
    with patch("django.utils.timezone.now", return_value=NIGHT + timedelta(minutes=1)):
        agent_turn.do_accept(night.id, mia)
        agent_turn.do_transfer(night.id, mia, team, "Please look", "k")
    handover = night.wish().handover
    assert (handover.team, handover.promised_by) == (team, night.wish().due_until)
    assert "Returns. It stays as agreed" in handover.message
    assert "10:00–12:00" in handover.message
    assert "minutes" not in handover.message
    assert Message.objects.filter(conversation=night.id, text=handover.message).exists()
    assert len(calls_due()) == 1
    do_note_called(night.wish(), mia, NIGHT)
    assert do_tell_late(NIGHT + timedelta(days=3)) == 0
