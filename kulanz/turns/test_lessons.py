"""What conversations show about their own readings."""

from __future__ import annotations

from datetime import UTC, datetime

from kulanz.core.message import Author
from kulanz.core.reading import Finding, Reading
from kulanz.core.timeline import Entry, Timeline
from kulanz.turns.lessons import lessons_of

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)


class Talk:
    """A timeline, written line by line."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def _add(self, author: Author, text: str, **fields: object) -> Talk:
        seq = len(self.entries) + 1
        self.entries.append(Entry(str(seq), seq, author, text, NOW, **fields))  # type: ignore[arg-type]
        return self

    def customer(self, text: str, intent: str = "", *signals: str) -> Talk:
        neutral = Finding("neutral", 0.9)
        reading = Reading(
            text, Finding("en", 1.0), (Finding(intent, 0.9),) if intent else (), 0.1, not intent, (), neutral,
            Finding("normal", 0.9), tuple(Finding(name, 0.9) for name in signals),
        )  # fmt: skip
        return self._add("customer", text, reading=reading)

    def assistant(self, decision: str, reason: str = "") -> Talk:
        return self._add("assistant", "…", decision=decision, reason=reason)

    def lessons(self) -> list[tuple[str, str, str, str]]:
        found = lessons_of(Timeline(tuple(self.entries)))
        return [(lesson.text, lesson.read_as, lesson.suggested, lesson.reason) for lesson in found]


def test_what_was_refused_at_once_was_misread() -> None:
    talk = Talk().customer("stop the coffee box", "cancel_order").assistant("act", "intent")
    talk.customer("no, I mean the subscription", "subscription_cancel", "denies").assistant("act", "intent")
    assert talk.lessons() == [("stop the coffee box", "cancel_order", "subscription_cancel", "flow_denied")]


def test_a_refusal_without_a_new_matter_leaves_the_meaning_open() -> None:
    talk = (
        Talk().customer("stop the coffee box", "cancel_order").assistant("act", "intent").customer("no", "", "denies")
    )
    assert talk.lessons() == [("stop the coffee box", "cancel_order", "", "flow_denied")]


def test_an_answer_that_did_not_help() -> None:
    talk = Talk().customer("where is my money", "payment_methods").assistant("answer", "passage")
    talk.customer("that is not what I asked", "", "not_helped").assistant("ask", "unclear")
    talk.customer("my refund!", "refund_status").assistant("answer", "passage")
    assert talk.lessons()[0] == ("where is my money", "payment_methods", "refund_status", "not_helped")


def test_what_became_clear_when_asked_back() -> None:
    talk = Talk().customer("the thing with the paper").assistant("ask", "unclear")
    talk.customer("the invoice", "invoice_copy").assistant("answer", "passage")
    assert talk.lessons() == [("the thing with the paper", "", "invoice_copy", "clarified")]


def test_what_was_understood_teaches_nothing() -> None:
    talk = Talk().customer("where is my order", "order_status").assistant("act", "intent")
    talk.customer("thanks", "", "thanks").assistant("answer", "thanks")
    talk.customer("hm").assistant("ask", "unclear").customer("the invoice", "invoice_copy")
    talk.assistant("act", "intent").customer("yes", "", "affirms").assistant("act", "answers_open_question")
    talk.customer("no", "", "denies")
    assert talk.lessons() == []


def test_a_question_that_was_answered_with_another_question_is_no_lesson() -> None:
    talk = Talk().customer("the thing with the paper").assistant("ask", "unclear")
    assert talk.customer("which paper do you mean").assistant("ask", "unclear").lessons() == []
    assert talk.customer("invoice please", "invoice_copy").lessons() == [
        ("which paper do you mean", "", "invoice_copy", "clarified")
    ]
