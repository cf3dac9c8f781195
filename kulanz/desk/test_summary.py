from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from kulanz.core.message import ReceiptNote, Source
from kulanz.desk.handover import do_hand_over
from kulanz.desk.summary import build_summary
from kulanz.flows.models import ActionCall

Talks = Callable[..., Any]


def test_what_is_wanted_what_was_tried_and_the_mood(talk: Talks) -> None:
    story = talk()
    first = story.customer(
        "Where is my order ML-10234?", intent=("order_status", "order"), order=("ML-10234", "ML-10234")
    )
    answer = story.assistant("Open My orders.", "answer", sources=(Source("a", "p", "Tracking", "Open", "en"),))
    second = story.customer(
        "That did not help, what a joke!", emotion=("frustrated", "joke"), signal=("not_helped", "did not help")
    )
    summary = build_summary(story.conversation.pk, "en")
    assert summary.enough
    assert [(w.label, w.text, w.message_id) for w in summary.wanted] == [
        ("Order status", "Where is my order ML-10234?", first.pk)
    ]
    assert [(f.label, f.text, f.message_id) for f in summary.facts] == [("Order number", "ML-10234", first.pk)]
    assert [(t.text, t.message_id, t.tone) for t in summary.tried] == [("“Tracking” – did not help", answer.pk, "bad")]
    assert [(m.label, m.message_id) for m in summary.mood] == [("calm", first.pk), ("frustrated", second.pk)]
    assert summary.next_step == "Acknowledge the trouble first. Look up ML-10234 and settle: Order status."


@pytest.mark.parametrize("texts", [[], ["Hi"], ["???", "hello there"]])
def test_too_little_is_not_summarised(talk: Talks, texts: list[str]) -> None:
    story = talk()
    for text in texts:
        story.customer(text)
    summary = build_summary(story.conversation.pk, "en")
    assert not summary.enough
    assert not (summary.wanted or summary.next_step)


def test_unrecognised_matters_are_quoted_not_guessed(talk: Talks) -> None:
    story = talk()
    message = story.customer("My grinder makes a strange noise since Tuesday")
    (line,) = build_summary(story.conversation.pk, "en").wanted
    assert (line.label, line.message_id) == ("Not recognised", message.pk)


def test_actions_and_promises(talk: Talks) -> None:
    story = talk()
    story.customer("Cancel my order ML-10234 please", intent=("cancel_order", "Cancel"))
    ActionCall.objects.create(
        key="1",
        wish="cancel",
        conversation=story.conversation,
        action="cancel_order",
        arguments={},
        status="done",
        attempts=1,
    )
    note = ReceiptNote("cancel_order", "done", "C-77", "Order ML-10234 cancelled, 49.90 EUR back within 3 days")
    act = story.assistant("Done.", "act", actions=(note,))
    ActionCall.objects.create(
        key="2",
        wish="invoice",
        conversation=story.conversation,
        action="send_invoice",
        arguments={},
        status="unknown",
        attempts=2,
    )
    do_hand_over(story.conversation, "outcome_unknown", "en")
    summary = build_summary(story.conversation.pk, "en")
    assert ("Action, done", act.pk, "good") in [(t.label, t.message_id, t.tone) for t in summary.tried]
    assert "Action, outcome unknown" in [t.label for t in summary.tried]
    assert [p.label for p in summary.promised] == ["First reply", "Cancel order"]
    assert "“Send invoice” took place" in summary.next_step


def test_the_evidence_of_a_turn_of_several_messages_stays_with_its_message(talk: Talks) -> None:
    story = talk()
    first = story.customer("It is ML-10234")
    story.customer("Where is it?", turn="It is ML-10234\nWhere is it?", order=("ML-10234", "ML-10234"))
    (fact,) = build_summary(story.conversation.pk, "en").facts
    assert fact.message_id == first.pk


def test_the_number_of_queries_does_not_grow(
    talk: Talks, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    story = talk()
    for number in range(60):
        story.customer(f"Message number {number} about ML-10234", order=("ML-10234", "ML-10234"))
        story.assistant(f"Reply {number}", "ask")
    with django_assert_max_num_queries(3):
        build_summary(story.conversation.pk, "en")


def test_what_was_added_while_waiting_is_not_asked_for_again(talk: Talks) -> None:
    story = talk()
    story.customer("My lamp is broken", intent=("damaged_item", "broken"))
    do_hand_over(story.conversation, "wish", "en")
    added = story.customer("It is the blue one")
    summary = build_summary(story.conversation.pk, "en")
    assert [(line.text, line.message_id) for line in summary.added] == [("It is the blue one", added.pk)]
