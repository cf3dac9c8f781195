"""At the agent's side: what is suggested, what becomes of it, and that nothing is sent by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.copilot import do_judge, likeness, outcome_of
from kulanz.desk.copilot_models import Suggestion
from kulanz.flows.models import FlowRun
from kulanz.inbox.conversations import Claims
from kulanz.inbox.models import Conversation, Customer, Message, Status
from kulanz.nlp.language_models import fake_server as fake
from kulanz.nlp.language_models.breaker import breaker_of
from kulanz.nlp.language_models.fake_server import FakeServer
from kulanz.settings.language_models import LanguageModels, Model, Task
from kulanz.turns.agent_turn import do_accept, do_resolve
from kulanz.turns.copilot import do_let_assistant, facts, look_beside, reword
from kulanz.turns.held_reply import do_hold_reply
from tests.journeys.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)
EMILY = Claims(name="Emily Sample", email="emily.sample@example.com")
OTHER = Claims(name="Otto Other", email="otto@example.org")
QUESTION = "How many days do I have to return an item?"


@pytest.fixture
def mia() -> User:
    return User.objects.create_user("m@example.org", "long enough", name="Mia", role=Role.CURATOR, language="en")


def answered(chat: Chat, agent: User, text: str) -> Message:
    """What the agent sent, as it is stored once it has gone out."""
    from kulanz.core.message import Reply
    from kulanz.inbox.messages import do_append

    return do_append(Conversation.objects.get(pk=chat.conversation.pk), Reply(text, author="agent"), agent=agent)


@pytest.mark.usefixtures("musterladen")
class TestWithMusterladen:
    """With the demo's articles and flows."""

    def held(self, agent: User, question: str = QUESTION, claims: Claims = EMILY) -> Chat:
        chat = Chat("en", claims)
        chat.say("I want to talk to a person")
        do_accept(chat.conversation.pk, agent)
        chat.say(question)
        return chat

    def test_a_reply_is_suggested_with_its_source_once_and_not_sent(self, mia: User) -> None:
        chat = self.held(mia)
        before = len(chat.replies())
        first, again = (look_beside(chat.conversation.pk, "en") for _ in range(2))
        best = first.suggestions[0]
        assert best.basis == "article"
        assert "30 days" in best.text
        assert best.sources[0]["url"].startswith("/help/")
        assert [s.pk for s in again.suggestions] == [s.pk for s in first.suggestions]
        assert first.articles
        assert first.offers
        assert len(chat.replies()) == before

    def test_what_was_sent_judges_what_was_suggested(self, mia: User) -> None:
        taken, ignored = self.held(mia), self.held(mia)
        text = look_beside(taken.conversation.pk, "en").suggestions[0].text
        look_beside(ignored.conversation.pk, "en")
        assert do_judge() == 0
        answered(taken, mia, f"Dear Emily,\n{text}\nKind regards, Mia")
        answered(ignored, mia, "I have asked my colleague and will write to you tomorrow.")
        assert do_judge() == Suggestion.objects.count()
        outcomes = Suggestion.objects.filter(rank=0).values_list("conversation", "outcome")
        assert dict(outcomes) == {taken.conversation.pk: "taken", ignored.conversation.pk: "ignored"}
        assert look_beside(taken.conversation.pk, "en").asked == ""

    def test_curators_see_what_was_not_used_and_what_was_sent_instead(self, mia: User, settings: Any) -> None:
        settings.ROOT_URLCONF = "kulanz.web.urls"
        chat = self.held(mia)
        look_beside(chat.conversation.pk, "en")
        answered(chat, mia, "My own <b>words</b> about it.")
        client = Client()
        client.force_login(mia)
        page = client.get("/desk/curator/suggestions/").content.decode()
        assert "My own &lt;b&gt;words&lt;/b&gt; about it." in page
        strip = client.get(f"/desk/c/{chat.conversation.pk}/copilot/").content.decode()
        assert "Let the assistant do this" in strip
        User.objects.filter(pk=mia.pk).update(role=Role.AGENT)
        assert client.get("/desk/curator/suggestions/").status_code == 403

    def test_a_colleagues_answer_comes_without_the_other_customers_data(self, mia: User) -> None:
        past = self.held(mia, "How long do I have to send things back?", OTHER)
        answered(
            past,
            mia,
            "Hello Ottilie Other, please use the free label. ML-48213 goes back, see https://p.example/t/9f8e7d",
        )
        do_resolve(past.conversation.pk, mia)
        now = self.held(mia)
        Conversation.objects.filter(pk__in=[past.conversation.pk, now.conversation.pk]).update(subject="return_item")
        Message.objects.filter(conversation=past.conversation, seq=1).update(text=QUESTION)
        alike = look_beside(now.conversation.pk, "en").alike
        assert [one.conversation_id for one in alike] == [past.conversation.pk]
        assert alike[0].reply == "Hello ⟦…⟧, please use the free label. ⟦…⟧ goes back, see ⟦…⟧"
        assert not Suggestion.objects.filter(text__contains="label").exists()  # nothing of it is stored here
        with pytest.raises(InvalidInput):
            do_hold_reply(now.conversation.pk, mia, alike[0].reply, "key")
        Customer.objects.filter(name="Otto Other").update(name="")
        assert look_beside(now.conversation.pk, "en").alike[0].reply == ""

    def test_the_assistant_carries_out_a_flow_only_with_the_customers_yes(self, mia: User) -> None:
        chat = self.held(mia, "Please cancel ML-10234")
        do_let_assistant(chat.conversation.pk, "cancel_order", mia)
        with pytest.raises(InvalidInput, match="at it already"):
            do_let_assistant(chat.conversation.pk, "cancel_order", mia)
        run = FlowRun.objects.get(conversation=chat.conversation)
        assert (run.flow, run.begun_by, run.state["known"]["order_number"]) == ("cancel_order", "agent", "ML-10234")
        assert chat.status == Status.ASSISTANT
        colleague = User.objects.create_user("k@example.org", "long enough", name="Kim", role=Role.AGENT)
        do_accept(chat.conversation.pk, colleague)
        with pytest.raises(InvalidInput, match="Kim"):
            do_let_assistant(chat.conversation.pk, "cancel_order", mia)
        with pytest.raises(InvalidInput):
            do_let_assistant(chat.conversation.pk, "no_such_flow", colleague)


@pytest.fixture
def model(settings: Any) -> Iterator[FakeServer]:
    breaker_of.cache_clear()
    with fake.fake_server() as running:
        settings.LANGUAGE_MODELS = LanguageModels({Task.REWORD: Model(running.url, "tiny", retries=0, seconds=5)})
        yield running
    breaker_of.cache_clear()


def test_a_reworded_text_keeps_every_number_and_address(model: FakeServer) -> None:
    chat = Chat("en", EMILY)
    own = "Hello Emily Sample, you get EUR 49.90 back by 12 March: https://shop.example/r"
    model.behave(fake.says("Hallo <NAME_1>, Sie bekommen 49,90 EUR bis 12. März zurück: https://shop.example/r"))
    said = reword(chat.conversation.pk, own, "de")
    assert said == "Hallo Emily Sample, Sie bekommen 49,90 EUR bis 12. März zurück: https://shop.example/r"
    assert "Emily" not in model.heard
    model.behave(fake.says("You get EUR 94.90 back by 12 March: https://shop.example/r"))
    with pytest.raises(InvalidInput, match="changed a number"):
        reword(chat.conversation.pk, own, "shorten")
    with pytest.raises(InvalidInput):
        reword(chat.conversation.pk, own, "obey")


def test_without_a_model_there_is_no_button_and_no_text() -> None:
    chat = Chat("en", EMILY)
    with pytest.raises(InvalidInput, match="Your own is unchanged"):
        reword(chat.conversation.pk, f"Hello {uuid4()}", "shorten")


def test_likeness_and_facts() -> None:
    assert likeness("you have 30 days", "Dear Emily, you have 30 days. Mia") >= 0.75
    assert outcome_of(likeness("one two three four", "one two three four")) == "taken"
    assert outcome_of(likeness("one two three four", "one two five six")) == "edited"
    assert outcome_of(likeness("one two three four", "something else")) == "ignored"
    assert facts("49,90 EUR, see https://a.example/x.") == facts("https://a.example/x EUR 49.90")
    assert facts("by 12:30") != facts("by 12:31")
