"""The turn, from the customer's words to what they read: with the demo company and its real back office."""

from __future__ import annotations

from collections import Counter

import pytest

from kulanz.decision.models import StoredDecision
from kulanz.delivery.models import OutboxItem
from kulanz.demo.models import ShopCancellation, ShopFault
from kulanz.flows.models import ActionCall, FlowRun
from kulanz.inbox.messages import load_timeline
from kulanz.inbox.models import Conversation, Message
from kulanz.turns.agent_turn import do_request_person
from kulanz.turns.customer_turn import commit, customer_turn, surrender, think
from kulanz.understanding.models import StoredReading
from tests.journeys.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)


def cancelled(number: str = "ML-10234") -> int:
    """How often the back office has cancelled this order."""
    return ShopCancellation.objects.filter(order__number=number).count()


@pytest.mark.usefixtures("musterladen")
class TestWithMusterladen:
    """One class, because setting the company up costs a second."""

    def test_a_question_is_answered_with_its_source_and_reasons(self) -> None:
        chat = Chat()
        kind, text = chat.say("Was kostet der Versand nach Österreich?")
        assert kind == "answer"
        assert "7,90" in text
        reply = Message.objects.get(conversation=chat.conversation, author="assistant")
        assert reply.sources[0]["url"].startswith("/help/")
        made = StoredDecision.objects.get(reply=reply)
        assert made.data["reasons"][0]["code"] == "passage"
        assert StoredReading.objects.get(message=made.message).data["language"]["value"] == "de"
        assert OutboxItem.objects.get(message=reply).state == "sent"

    def test_a_cancellation_waits_for_yes_and_happens_once(self) -> None:
        chat = Chat()
        kind, text = chat.say("Bitte stornieren Sie meine Bestellung ML-10234")
        assert kind == "ask"
        assert "49,90 EUR" in text
        assert not ActionCall.objects.exists()
        kind, text = chat.say("ja bitte")
        call = ActionCall.objects.get()
        assert (kind, call.status) == ("act", "done")
        assert call.receipt["cancellation"] in text
        assert cancelled() == 1
        assert FlowRun.objects.get().outcome == "solved"

    def test_no_changes_nothing(self) -> None:
        chat = Chat()
        chat.say("Bestellung ML-10234 stornieren")
        kind, text = chat.say("Nein, doch nicht")
        assert kind == "act"
        assert "nichts geändert" in text
        assert not cancelled()

    def test_a_vague_answer_is_asked_once_more_then_a_person(self) -> None:
        chat = Chat()
        chat.say("Bestellung ML-10234 stornieren")
        assert chat.say("hm")[0] == "ask"
        assert chat.say("tja")[0] == "hand_over"
        assert not cancelled()

    def test_a_question_in_between_is_answered_and_the_flow_goes_on(self) -> None:
        chat = Chat("en")
        chat.say("please cancel order ML-10234")
        kind, text = chat.say("What does shipping to Austria cost?")
        assert kind == "answer"
        assert "Yes" in text.splitlines()[-1]
        assert chat.say("yes, please")[0] == "act"
        assert cancelled() == 1

    def test_an_order_of_somebody_else_is_not_found(self) -> None:
        chat = Chat()
        _, foreign = chat.say("Wo ist meine Bestellung ML-10240?")
        other = Chat()
        _, unknown = other.say("Wo ist meine Bestellung ML-99999?")
        assert foreign.replace("ML-10240", "X") == unknown.replace("ML-99999", "X")

    def test_a_repeated_turn_acts_once_and_says_it_once(self) -> None:
        """As after a crash between the action and the commit."""
        chat = Chat()
        chat.say("Bitte ML-10234 stornieren")
        chat.write("ja")
        for _ in range(2):
            conversation = Conversation.objects.get(pk=chat.conversation.pk)
            think(conversation, load_timeline(conversation))
        customer_turn(chat.conversation.id)
        assert customer_turn(chat.conversation.id) is None
        assert cancelled() == 1
        assert Message.objects.filter(conversation=chat.conversation, text__contains="ST-").count() == 1

    def test_a_newer_message_supersedes_the_half_made_reply(self) -> None:
        chat = Chat()
        chat.write("Was kostet der Versand?")
        conversation = Conversation.objects.get(pk=chat.conversation.pk)
        timeline = load_timeline(conversation)
        thought = think(conversation, timeline)
        chat.write("nach Österreich")
        assert not commit(conversation.id, timeline, thought, last_try=False)
        decision = customer_turn(conversation.id)
        assert decision is not None
        assert Message.objects.filter(conversation=conversation).exclude(author="customer").count() == 1

    def test_whoever_calls_a_person_meanwhile_gets_no_late_answer(self) -> None:
        chat = Chat()
        chat.write("Was kostet der Versand?")
        conversation = Conversation.objects.get(pk=chat.conversation.pk)
        timeline = load_timeline(conversation)
        thought = think(conversation, timeline)
        do_request_person(conversation.id, chat.token)
        assert commit(conversation.id, timeline, thought, last_try=False)
        assert not Message.objects.filter(conversation=conversation, author="assistant").exists()
        assert StoredDecision.objects.get(conversation=conversation).kind == "stay_silent"

    def test_a_back_office_that_is_down_brings_an_honest_sentence_and_a_person(self) -> None:
        ShopFault.objects.update_or_create(pk=1, defaults={"mode": "down", "times": 5, "seconds": 0})
        chat = Chat()
        kind, _ = chat.say("Bitte ML-10234 stornieren")
        assert (kind, chat.status) == ("hand_over", "waiting")
        texts = Message.objects.filter(conversation=chat.conversation).values_list("text", flat=True)
        assert any("antwortet gerade nicht" in text for text in texts)

    @pytest.mark.parametrize("mode", ["fail_after", "fail_before"])
    def test_a_write_whose_answer_fails_is_settled_by_its_key(self, mode: str) -> None:
        chat = Chat()
        chat.say("Bitte ML-10234 stornieren")
        ShopFault.objects.update_or_create(pk=1, defaults={"mode": mode, "times": 1, "seconds": 0})
        kind, text = chat.say("ja")
        assert cancelled() == (1 if mode == "fail_after" else 0)
        if mode == "fail_after":
            assert (kind, ActionCall.objects.get().status) == ("act", "done")
            assert "ST-" in text
        else:  # it may have happened, so nobody says that it failed
            assert (kind, ActionCall.objects.get().status) == ("hand_over", "unknown")
            assert chat.status == "waiting"

    def test_anger_reaches_a_person_and_then_silence(self) -> None:
        chat = Chat()
        kind, text = chat.say("Das ist eine Unverschämtheit, ihr seid völlig unfähig!!!")
        assert (kind, chat.status) == ("hand_over", "waiting")
        assert "Mensch" in text or "Person" in text or "niemand" in text
        assert chat.say("Ich warte hier") == ("stay_silent", "")

    def test_no_reply_is_ever_read_twice(self) -> None:
        chat = Chat()
        for text in ["Hallo", "Hallo", "Wo ist ML-10198?", "Wo ist ML-10198?", "Wo ist ML-10198?", "Danke", "Danke"]:
            chat.say(text)
        replies = Message.objects.filter(conversation=chat.conversation).exclude(author="customer")
        assert max(Counter(replies.values_list("fingerprint", flat=True)).values()) == 1

    def test_a_turn_that_can_not_succeed_ends_with_a_person(self) -> None:
        chat = Chat()
        chat.write("Hallo")
        surrender(chat.conversation.id)
        assert chat.status == "waiting"
        assert customer_turn(chat.conversation.id) is None
