"""A question put to the knowledge alone, outside any conversation: what would be answered, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from kulanz.core.decision import Decision, Situation, decide
from kulanz.core.knowledge import Audience, Passage
from kulanz.core.message import Reply
from kulanz.core.reading import language_of_reply
from kulanz.core.timeline import Entry, Timeline
from kulanz.decision.policies import active_policy
from kulanz.knowledge.composing import addressed
from kulanz.knowledge.search import search
from kulanz.nlp.masking import Masker
from kulanz.nlp.vector import LazyVector
from kulanz.turns.answering import Asker
from kulanz.turns.answering import answer as answered
from kulanz.understanding.read import read


@dataclass(frozen=True, slots=True)
class Asked:
    """`passages` are the best of each article, most fitting first; `answer` is the one that is answered from, or None
    where the assistant would ask back or call a person; `reply` is what the customer reads, `worded` what a language
    model made of it, `left` its end that says what nothing was found for; `lost` says for each of the other passages
    why it was not chosen."""

    question: str
    language: str
    decision: Decision
    passages: tuple[Passage, ...]
    answer: Passage | None
    threshold: float
    reply: Reply = field(default=Reply(""))
    worded: dict[str, Any] = field(default_factory=dict)
    left: str = ""

    @property
    def text(self) -> str:
        """The words that the customer would read from the knowledge; empty where nothing is answered."""
        return self.reply.text

    def lost(self, passage: Passage) -> str:
        if passage.confidence < self.threshold:
            return f"below the {self.threshold:.2f} that the rules ask for"
        if self.decision.subject == passage.passage_id:
            return "it gives orders to an assistant, so it is not quoted"
        if self.answer is None:
            return f"the rules decide otherwise: {self.decision.kind} ({self.decision.reasons[0].code})"
        return f"{self.answer.title!r} fits better"


def ask(
    question: str, *, language: str = "", audience: Audience = Audience.CUSTOMERS, lookup: int = 5, hint: str = "en"
) -> Asked:
    """Reads the question and decides on it as in a conversation that begins with it, with the knowledge as the only
    help: no flow, people there. `language` (ISO 639-1) is the reader's; without one it is read from the question."""
    vector = LazyVector(question)
    reading = read(question, vector, language_hint=language or hint, today=timezone.localdate())
    spoken = language or language_of_reply(reading, hint)
    passages = tuple(search(question, vector, spoken, audience=audience, limit=lookup))
    entry = Entry("question", 1, "customer", question, timezone.now())
    policy = active_policy()
    situation = Situation(Timeline((entry,)), "assistant", passages=passages)
    decision = decide(reading, situation, policy)
    if audience is Audience.AGENTS:
        passages = addressed(passages)
    chosen = next((p for p in passages if decision.kind == "answer" and p.passage_id == decision.subject), None)
    asked = Asked(question, spoken, decision, passages, chosen, policy.answer_from)
    if chosen is None:
        return asked
    asker = Asker(Timeline(()), spoken, audience, Masker(entities=reading.entities))
    found = answered(question, chosen, asker, others=passages, answer_from=policy.answer_from)
    answered_from = chosen if found.reply.text else None
    return replace(asked, reply=found.reply, worded=found.worded, left=found.left, answer=answered_from)
