from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.after_figures import by_week, by_who
from kulanz.desk.after_rating import rating_address
from kulanz.desk.handover import conversation_json
from kulanz.desk.models import Handover
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Feedback, Message
from kulanz.turns import agent_turn
from kulanz.turns.after_rating import do_give_feedback

pytestmark = pytest.mark.django_db


class Ended:
    """A conversation that Mia has answered and resolved."""

    def __init__(self, language: str = "en") -> None:
        self.mia = User.objects.filter(name="Mia").first() or User.objects.create_user("m@example.org", name="Mia")
        conversation, self.token = do_open_conversation("web_chat", language, Claims(name="Petra"))
        self.id = conversation.pk
        agent_turn.do_reply(self.id, self.mia, "Done.", str(self.id))
        agent_turn.do_resolve(self.id, self.mia)

    def now(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    @property
    def path(self) -> str:
        return urlsplit(rating_address(self.now())).path

    def send(self, **fields: str) -> Any:
        return Client().post(self.path, fields)

    def feedback(self) -> Feedback:
        return Feedback.objects.get(conversation=self.id)


@pytest.fixture
def ended() -> Ended:
    return Ended()


def test_one_rating_which_can_be_changed_for_seven_days(ended: Ended) -> None:
    do_give_feedback(ended.id, ended.token, helpful=False)
    do_give_feedback(ended.id, ended.token, helpful=True, comment="Thank you")
    given = ended.feedback()
    assert (given.helpful, given.comment, given.rated_agent) == (True, "Thank you", ended.mia)
    late = timezone.now() + timedelta(days=7, minutes=1)
    with patch("django.utils.timezone.now", return_value=late), pytest.raises(InvalidInput, match="any more"):
        do_give_feedback(ended.id, ended.token, helpful=False)
    assert ended.feedback().helpful is True


def test_a_rating_is_no_confirmation(ended: Ended) -> None:
    do_give_feedback(ended.id, ended.token, helpful=True)
    assert ended.now().resolution == "unconfirmed"
    resolution: Any = conversation_json(ended.now())["resolution"]
    assert resolution["rated"] is True
    assert ended.path not in str(resolution)  # whoever has the address speaks for the customer


def test_the_page_without_a_sign_in(ended: Ended) -> None:
    shown = Client().get(ended.path)
    assert shown.headers["Referrer-Policy"] == "same-origin"
    assert not Feedback.objects.exists()  # merely looking rates nothing
    assert ended.send().status_code == 422
    assert ended.send(good="no", comment="Too slow\r\nfor me").status_code == 302
    assert (ended.feedback().helpful, ended.feedback().comment) == (False, "Too slow\nfor me")
    assert "You said: not good." in Client().get(ended.path).content.decode()
    assert ended.now().status == "resolved"


def test_not_solved_on_the_page_brings_people_and_never_writes_as_the_customer(ended: Ended) -> None:
    for _ in range(2):
        assert ended.send(solved="no", comment="It is still broken").status_code == 302
    assert ended.now().status == "waiting"
    assert Handover.objects.get(conversation=ended.id, state="waiting").reason == "not_solved"
    assert not Message.objects.filter(conversation=ended.id, author="customer").exists()
    assert ended.feedback().comment == "It is still broken"
    assert ended.feedback().helpful is None  # not solved is not said to be bad


def test_not_solved_in_the_chat_is_the_customers_own_message(ended: Ended) -> None:
    do_give_feedback(ended.id, ended.token, solved=False, comment="It is still broken")
    assert Message.objects.get(conversation=ended.id, author="customer").text == "It is still broken"


def test_the_page_keeps_what_was_promised_to_the_customer_to_itself(ended: Ended) -> None:
    assert ended.send(solved="no").status_code == 302
    Handover.objects.filter(conversation=ended.id, state="waiting").update(message="we call you on +491711234567")
    shown = Client().get(ended.path).content.decode()
    assert "A person from our team looks after your matter." in shown
    assert "+491711234567" not in shown
    assert "not solved" not in shown


@pytest.mark.parametrize("sent", [{"solved": "no"}, {"good": "no"}, {"comment": "x"}])
def test_the_address_ends_seven_days_after_the_resolution(ended: Ended, sent: dict[str, str]) -> None:
    ended.send(good="yes", comment="Quick")
    Conversation.objects.filter(pk=ended.id).update(resolved_at=timezone.now() - timedelta(days=7, minutes=1))
    shown = Client().get(ended.path)
    assert shown.status_code == 200
    assert "The time for a rating is over." in shown.content.decode()
    assert "<form" not in shown.content.decode()
    assert ended.send(**sent).status_code == 422
    assert ended.now().status == "resolved"
    assert (ended.feedback().helpful, ended.feedback().comment) == (True, "Quick")


def test_not_solved_by_the_address_takes_nothing_from_whoever_looks_after_it(ended: Ended) -> None:
    agent_turn.do_accept(ended.id, ended.mia)
    assert ended.send(solved="no").status_code == 302
    assert ended.now().status == "agent"
    assert not Feedback.objects.filter(conversation=ended.id).exists()


def test_nobody_elses_conversation_is_rated(ended: Ended) -> None:
    assert Client().get("/rate/abc:def/").status_code == 404
    assert Client().post(ended.path.replace(str(ended.id), str(Ended().id)), {"good": "yes"}).status_code == 404
    assert Client().post(ended.path.replace("/rate/", "/receipts/"), {}).status_code in {404, 405}


def test_the_page_speaks_the_customers_language() -> None:
    assert 'lang="de"' in Client().get(Ended("de").path).content.decode()


def test_figures_are_of_those_who_rated_and_spam_is_not_asked() -> None:
    ended = [Ended() for _ in range(4)]
    do_give_feedback(ended[0].id, ended[0].token, helpful=True)
    do_give_feedback(ended[1].id, ended[1].token, helpful=False, solved=False)
    Conversation.objects.filter(pk=ended[2].id).update(resolution="contacted_again")
    agent_turn.do_accept(ended[3].id, ended[3].mia)
    agent_turn.do_resolve(ended[3].id, ended[3].mia, "spam")
    (week,) = by_week(timezone.now())
    assert (week.all, week.rated, week.good, week.share_rated, week.share_good) == (3, 2, 1, 67, 50)
    assert (week.confirmed, week.unconfirmed, week.contacted_again) == (0, 1, 1)
    assert [(row.who, row.all, row.good) for row in by_who(timezone.now())] == [("Mia", 3, 1)]


def test_the_figures_are_for_those_who_arrange_the_work(ended: Ended) -> None:
    do_give_feedback(ended.id, ended.token, helpful=True, comment="<b>Great</b>")
    client = Client()
    for role, status in ((Role.AGENT, 403), (Role.SUPERVISOR, 200)):
        ended.mia.role, ended.mia.language = role, "en"
        ended.mia.save()
        client.force_login(ended.mia)
        shown = client.get("/desk/ratings/")
        assert shown.status_code == status
    assert "&lt;b&gt;Great&lt;/b&gt;" in shown.content.decode()
