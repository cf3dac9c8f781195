from __future__ import annotations

from datetime import timedelta
from itertools import count
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.message import InboundMessage
from kulanz.delivery.models import OutboxItem
from kulanz.desk.models import Handover
from kulanz.desk.stopping import do_stop
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import load_timeline
from kulanz.inbox.models import Conversation, Feedback, Message
from kulanz.inbox.receive import receive
from kulanz.live.models import Event
from kulanz.trust.models import AuditEntry
from kulanz.turns import agent_turn

pytestmark = pytest.mark.django_db


class Story:
    """One conversation with its customer, and two agents."""

    def __init__(self) -> None:
        self.conversation, self.token = do_open_conversation("web_chat", "en", Claims(name="Petra"))
        self.id = self.conversation.pk
        self.mia = User.objects.create_user("mia@example.org", name="Mia")
        self.tom = User.objects.create_user("tom@example.org", name="Tom")

    def customer_writes(self, text: str) -> None:
        receive(InboundMessage(str(self.id), uuid4().hex, text), self.token)

    def now(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def texts(self, author: str) -> list[str]:
        return list(
            Message.objects.filter(conversation=self.id, author=author).order_by("seq").values_list("text", flat=True)
        )

    def handover_states(self) -> list[str]:
        return list(
            Handover.objects.filter(conversation=self.id).order_by("requested_at").values_list("state", flat=True)
        )


@pytest.fixture
def story() -> Story:
    return Story()


def test_the_button_hands_over_once(story: Story) -> None:
    for _ in range(3):
        agent_turn.do_request_person(story.id, story.token)
    assert story.now().status == "waiting"
    assert story.handover_states() == ["waiting"]
    assert len(story.texts("system")) == 1
    assert Event.objects.filter(kind="conversation").count() == 1


def test_a_foreign_token_opens_nothing(story: Story) -> None:
    for act in (agent_turn.do_request_person, agent_turn.do_customer_feedback):
        with pytest.raises(NotFound):
            act(story.id, "another")
    assert story.now().status == "assistant"


def test_an_agent_accepts_and_the_customer_sees_who(story: Story) -> None:
    agent_turn.do_request_person(story.id, story.token)
    agent_turn.do_accept(story.id, story.mia)
    agent_turn.do_accept(story.id, story.mia)
    assert story.now().status == "agent"
    assert story.handover_states() == ["accepted"]
    assert story.texts("system")[1:] == ["Mia is now looking after you."]
    with pytest.raises(InvalidInput, match="Mia"):
        agent_turn.do_accept(story.id, story.tom)


def test_a_supervisor_takes_over_from_an_agent_by_accepting(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "Good morning", "1")
    story.tom.role = Role.SUPERVISOR
    story.tom.save()
    with pytest.raises(InvalidInput, match="Mia"):
        agent_turn.do_reply(story.id, story.tom, "Hello", "2")
    agent_turn.do_accept(story.id, story.tom)
    assert story.now().agent == story.tom
    assert AuditEntry.objects.filter(act="accepted", facts__taken_from=story.mia.pk).exists()
    with pytest.raises(InvalidInput, match="Tom"):
        agent_turn.do_accept(story.id, story.mia)


def test_the_same_reply_again_is_the_same_message(story: Story) -> None:
    first = agent_turn.do_reply(story.id, story.mia, "Good morning", "key-1")
    assert agent_turn.do_reply(story.id, story.mia, "Good morning", "key-1").pk == first.pk
    assert story.texts("agent") == ["Good morning"]
    assert OutboxItem.objects.filter(message=first).count() == 1
    assert AuditEntry.objects.filter(act="replied").count() == 1
    assert story.now().agent == story.mia


def test_nobody_talks_over_a_colleague(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "Good morning", "1")
    for act in (
        lambda: agent_turn.do_reply(story.id, story.tom, "Hello", "2"),
        lambda: agent_turn.do_reply(story.id, story.tom, "Hello", "1"),
        lambda: agent_turn.do_resolve(story.id, story.tom),
        lambda: agent_turn.do_give_back(story.id, story.tom),
    ):
        with pytest.raises(InvalidInput):
            act()
    assert story.texts("agent") == ["Good morning"]
    assert story.now().agent == story.mia


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x01", "x" * 8_001])
def test_what_can_not_be_sent_is_refused_before_anything_happens(story: Story, text: str) -> None:
    with pytest.raises(InvalidInput):
        agent_turn.do_reply(story.id, story.mia, text, "1")
    assert story.now().status == "assistant"


def test_silence_is_not_success(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "Done.", "1")
    agent_turn.do_resolve(story.id, story.mia)
    agent_turn.do_resolve(story.id, story.mia)
    assert (story.now().status, story.now().resolution) == ("resolved", "unconfirmed")
    assert len(story.texts("system")) == 1
    assert story.handover_states() == ["ended"]


def test_the_customer_confirms(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "Done.", "1")
    agent_turn.do_resolve(story.id, story.mia)
    agent_turn.do_customer_feedback(story.id, story.token, solved=True)
    agent_turn.do_customer_feedback(story.id, story.token, solved=True, comment="Thank you!")
    assert story.now().resolution == "confirmed"
    assert [(f.solved, f.comment) for f in Feedback.objects.all()] == [(True, "Thank you!")]
    assert Event.objects.filter(kind="conversation", payload__resolution__state="confirmed").count() == 1


def test_the_customer_says_it_is_not_solved_and_meets_a_person(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "Done.", "1")
    agent_turn.do_resolve(story.id, story.mia)
    for _ in range(2):
        agent_turn.do_customer_feedback(story.id, story.token, solved=False)
    assert (story.now().status, story.now().resolution, story.now().agent) == ("waiting", "", None)
    assert story.handover_states() == ["ended", "waiting"]
    assert len(story.texts("system")) == 2


def test_feedback_on_a_message_of_another_conversation(story: Story) -> None:
    other = Conversation.objects.get(pk=do_open_conversation("web_chat", "en", Claims())[0].pk)
    foreign = agent_turn.do_reply(other.pk, story.mia, "Hello", "1")
    with pytest.raises(NotFound):
        agent_turn.do_customer_feedback(story.id, story.token, helpful=True, message_id=foreign.pk)
    assert not Feedback.objects.exists()


def test_given_back_the_assistant_answers_only_what_comes_from_now_on(story: Story) -> None:
    story.customer_writes("Where is my parcel?")
    agent_turn.do_reply(story.id, story.mia, "On its way.", "1")
    agent_turn.do_give_back(story.id, story.mia)
    agent_turn.do_give_back(story.id, story.mia)
    assert (story.now().status, story.now().agent) == ("assistant", None)
    assert load_timeline(story.now()).unanswered == ()
    assert len(story.texts("system")) == 1
    story.customer_writes("And my invoice?")
    assert [e.text for e in load_timeline(story.now()).unanswered] == ["And my invoice?"]


def test_nothing_is_given_back_to_an_assistant_that_is_stopped(story: Story) -> None:
    agent_turn.do_reply(story.id, story.mia, "On its way.", "1")
    do_stop("web_chat", story.tom)
    with pytest.raises(InvalidInput, match="stopped"):
        agent_turn.do_give_back(story.id, story.mia)
    assert (story.now().status, story.now().agent) == ("agent", story.mia)
    assert story.texts("system") == [] and story.handover_states() == ["accepted"]


def test_unknown_conversations_are_not_found(story: Story) -> None:
    for act in (agent_turn.do_accept, agent_turn.do_resolve, agent_turn.do_give_back, agent_turn.do_show_typing):
        with pytest.raises(NotFound):
            act(uuid4(), story.mia)


def test_every_act_leaves_its_audit_entry(story: Story) -> None:
    agent_turn.do_request_person(story.id, story.token)
    agent_turn.do_accept(story.id, story.mia)
    agent_turn.do_reply(story.id, story.mia, "Hello", "1")
    agent_turn.do_resolve(story.id, story.mia)
    agent_turn.do_customer_feedback(story.id, story.token, solved=True)
    entries = AuditEntry.objects.filter(conversation=story.id).order_by("at").values_list("actor", "act")
    mia = f"agent:{story.mia.pk}"
    assert list(entries) == [
        ("customer", "handed_over"), (mia, "accepted"), (mia, "replied"), (mia, "resolved"),
        ("customer", "gave_feedback"),
    ]  # fmt: skip


def test_no_notice_is_read_twice(story: Story) -> None:
    start = timezone.now()
    clock = (start + timedelta(seconds=n) for n in count())
    with patch("django.utils.timezone.now", side_effect=lambda: next(clock)):
        for number in range(4):
            agent_turn.do_request_person(story.id, story.token)
            agent_turn.do_accept(story.id, story.mia)
            agent_turn.do_reply(story.id, story.mia, f"Answer {number}", f"k{number}")
            agent_turn.do_resolve(story.id, story.mia)
            agent_turn.do_accept(story.id, story.mia)
            agent_turn.do_give_back(story.id, story.mia)
    notices = story.texts("system")
    assert len(notices) == 4 * 5
    assert len(set(notices)) == len(notices)
