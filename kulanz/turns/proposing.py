"""A flow's open question that the message did not answer in our own reading: a language model may say what was meant.

Only here a model comes near a flow, and only after everything else: no rule has found another wish, a stop, a person or
an article in the message, and the flow would ask again. What it proposes is judged by `flows.proposals`, and with an
answer that holds the rules decide once more. A confirmation never comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from kulanz.core.decision import Decision, Reason, Situation, decide
from kulanz.core.flow import Ask
from kulanz.core.policy import Policy
from kulanz.core.reading import Reading, SignalName
from kulanz.decision.policies import active_policy
from kulanz.flows.proposals import Asked, may_propose, open_slots
from kulanz.flows.proposing import propose
from kulanz.inbox.models import Conversation
from kulanz.nlp.language_models.ask import configured
from kulanz.nlp.masking import Masker
from kulanz.nlp.vector import LazyVector
from kulanz.settings.language_models import Task
from kulanz.turns.open_flows import FlowView, told_slots
from kulanz.turns.screen import Screen
from kulanz.understanding.read import read

_UNCLEAR = frozenset({"flow_unclear", "closest_article"})
"""The first reason of a decision where the message did not answer the open question."""
_NO_ANSWER: tuple[SignalName, ...] = (
    "stops",
    "wants_person",
    "commands_assistant",
    "undoes",
    "not_helped",
    "asks_terms",
)
"""Whoever says this answers something else, or nothing."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The decision to go on with, beside what it rests on. `told` is what came of asking a model, for staff (see
    `flows.proposing.Result`); empty where none was asked."""

    decision: Decision
    situation: Situation
    flow: FlowView | None
    told: dict[str, Any] = field(default_factory=dict)


def with_proposal(
    decision: Decision, reading: Reading, situation: Situation, flow: FlowView | None, conversation: Conversation,
    language: str, screen: Screen,
) -> Proposal:  # fmt: skip
    """As decided, or decided anew with the answer that a model found in the message. A second or more where one is
    asked; never call it inside a transaction."""
    asked = _asked(decision, reading, situation, flow, language)
    if asked is None or flow is None:
        return Proposal(decision, situation, flow)
    screen.show_typing()
    masker = Masker([conversation.customer.name], reading.entities)
    result = propose(asked, reading, _typed(language), masker=masker, conversation=conversation.id)
    if not result.verdict.taken:
        return Proposal(decision, situation, flow, result.told)
    answered = replace(flow, answer=result.verdict.answer, open=replace(flow.open, fits=True))
    anew = replace(situation, open_flow=answered.open)
    second = decide(reading, anew, active_policy())
    if second.reasons[0].code != "answers_open_question":
        return Proposal(decision, situation, flow, result.told)
    taken = (Reason("model_proposed", (one.evidence,), f"{one.slot}: {one.value}") for one in result.verdict.taken)
    marked = replace(second, reasons=(second.reasons[0], *taken, *second.reasons[1:]))
    return Proposal(marked, anew, answered, result.told)


def _asked(
    decision: Decision, reading: Reading, situation: Situation, flow: FlowView | None, language: str
) -> Asked | None:
    """What a model is asked; None where it has nothing to say."""
    if flow is None or not isinstance(flow.question, Ask) or flow.open.awaits != "slot" or flow.open.unknowing:
        return None
    if decision.reasons[0].code not in _UNCLEAR or any(reading.signal(name) for name in _NO_ANSWER):
        return None
    policy, _ = active_policy().for_customer(situation.customer)
    if _wants_else(reading, flow, policy) or not may_propose(flow.question, reading) or not configured(Task.SLOTS):
        return None
    others = open_slots(flow.definition, flow.question, told_slots(flow.definition, flow.state))
    return Asked(flow.definition, flow.state, flow.question, others, language)


def _wants_else(reading: Reading, flow: FlowView, policy: Policy) -> bool:
    """The message is surely about another matter."""
    intent = reading.intent
    if intent is None or intent.probability < policy.intent_from:
        return False
    return intent.value not in flow.definition.intents


def _typed(language: str) -> Callable[[str], Reading]:
    """How a message is read that a customer types."""
    today = timezone.localdate()
    return lambda text: read(text, LazyVector(text), language_hint=language, today=today)
