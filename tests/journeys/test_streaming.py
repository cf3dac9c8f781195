"""An answer that a language model words grows before the customer's eyes: only what was checked, never two answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from kulanz.inbox.models import Message
from kulanz.live.models import Event
from kulanz.live.publish import conversation_topic
from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.fake_server import Exchange, FakeServer
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.turns import customer_turn as story
from tests.journeys.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "What does shipping to Austria cost?"
FIRST = "Shipping to Austria costs €7.90 and is free from €79."
SECOND = "Shipping to our other delivery countries always costs €12.90."
GOOD = f"{FIRST} [1] {SECOND} [1]"
LIE = f"{FIRST} [1] We give you €10 for the wait [1]. {SECOND} [1]"
HALF = f"{FIRST} [1] Shipping to our other"
QUOTED = "Shipping to Austria costs €7.90 and is free"
SLOW = 1.5  # seconds that the model may take


@pytest.fixture
def model(settings: Any) -> Iterator[FakeServer]:
    breaker_of.cache_clear()
    with fake.fake_server() as running:
        settings.LANGUAGE_MODELS = LanguageModels({Task.ANSWER: Model(running.url, "tiny", retries=0, seconds=SLOW)})
        yield running
    breaker_of.cache_clear()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Every draft that went out, as (the message it answers, its text)."""
    drafts: list[tuple[int, str]] = []

    def hint(topic: str, kind: str, payload: dict[str, Any]) -> None:
        assert topic.startswith("conversation:")
        assert (
            not connection.in_atomic_block
        )  # it would go out at the end only, and keep locks as long as the model writes
        if kind == "draft":
            drafts.append((payload["answers"], payload["text"]))
            assert payload["on"] == bool(payload["text"])

    monkeypatch.setattr("kulanz.turns.screen.hint", hint)
    return drafts


def said(chat: Chat) -> list[str]:
    """What the assistant said in the end; the live stream holds the same and no draft."""
    texts = [message.text for message in chat.replies() if message.author == "assistant"]
    events = Event.objects.filter(topic=conversation_topic(chat.conversation.pk))
    assert not events.filter(kind="draft").exists()
    published = events.filter(kind="message", payload__author="assistant")
    assert [event.payload["text"] for event in published.order_by("pk")] == texts
    return texts


@pytest.mark.usefixtures("musterladen")
class TestWithMusterladen:
    """One class, because setting the company up costs a second."""

    def test_each_sentence_is_shown_once_it_was_checked(self, model: FakeServer, shown: list[tuple[int, str]]) -> None:
        model.behave(fake.says(GOOD))
        chat = Chat("en")
        chat.say(ASKED)
        assert shown == [(1, FIRST), (1, f"{FIRST} {SECOND}"), (1, "")]
        assert said(chat) == [f"{FIRST} {SECOND}"]

    @pytest.mark.parametrize(
        "behaviour", [fake.says(LIE), fake.says_then_breaks_off(HALF), fake.says_then_hangs(HALF)],
        ids=["lies", "breaks off", "hangs"],
    )  # fmt: skip
    def test_what_goes_wrong_later_is_never_shown_and_the_article_is_quoted(
        self, model: FakeServer, shown: list[tuple[int, str]], behaviour: fake.Behaviour
    ) -> None:
        model.behave(behaviour)
        chat = Chat("en")
        chat.say(ASKED)
        assert shown == [(1, FIRST), (1, "")]
        (answer,) = said(chat)
        assert answer.startswith(QUOTED)

    def test_a_newer_message_takes_the_draft_back_and_is_answered_with_the_first(
        self, model: FakeServer, shown: list[tuple[int, str]]
    ) -> None:
        chat = Chat("en")
        model.behave(_meanwhile(lambda: chat.write("Please tell me soon.")), fake.says(GOOD))
        chat.say(ASKED)
        second = Message.objects.filter(conversation=chat.conversation, author="customer").latest("seq").seq
        assert second > 1
        assert shown[:3] == [(1, FIRST), (1, f"{FIRST} {SECOND}"), (1, "")]
        assert {answers for answers, _ in shown[3:]} <= {second}
        assert len(said(chat)) == 1

    def test_a_turn_that_fails_takes_its_draft_back(
        self, model: FakeServer, shown: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model.behave(fake.says(GOOD))
        chat = Chat("en")
        with monkeypatch.context() as patched, pytest.raises(OSError, match="disk"):
            patched.setattr(story, "_store", _fails)
            chat.say(ASKED)
        assert shown[-1] == (1, "")
        assert said(chat) == []
        story.customer_turn(chat.conversation.pk)
        assert said(chat) == [f"{FIRST} {SECOND}"]


def _fails(*_: object) -> None:
    raise OSError("disk")


def _meanwhile(act: Callable[[], object]) -> fake.Behaviour:
    """The customer does something while the model writes."""

    def behaviour(exchange: Exchange) -> None:
        act()
        connection.close()  # this is the server's own thread
        fake.says(GOOD)(exchange)

    return behaviour
