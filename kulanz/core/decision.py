"""Whether to answer, act, ask, hand over or stay silent. Pure, so that any past turn can be decided again."""

from __future__ import annotations

from dataclasses import replace

from kulanz.core.alternatives import considered
from kulanz.core.asking import let_choose
from kulanz.core.case import (
    OFFER,
    Also,
    Alternative,
    Case,
    Decision,
    Kind,
    OpenFlow,
    Reason,
    Situation,
    Start,
    Tone,
)
from kulanz.core.mood import course
from kulanz.core.policy import CustomerFacts, Policy
from kulanz.core.reading import Reading
from kulanz.core.rules import RULES, turn_for_the_worse
from kulanz.core.timeline import count_tries

__all__ = [
    "OFFER", "Also", "Alternative", "CustomerFacts", "Decision", "Kind", "OpenFlow", "Reason", "Situation", "Start",
    "Tone", "decide", "wants_knowledge",
]  # fmt: skip


def decide(reading: Reading, situation: Situation, policy: Policy) -> Decision:
    """The first rule that applies decides; the rules stand in order of their rank in `rules.RULES`.

    The decision carries every alternative that was considered, the tone that fits the customer's mood, and the group
    of customers (a reason of its own) whose limits made a difference.
    """
    held, group = policy.for_customer(situation.customer)
    moods = [e.reading for e in situation.timeline.since_last_person() if e.reading]
    case = Case(
        reading, situation, held, count_tries(situation.timeline), policy.careful(reading),
        course([*moods, reading]),
    )  # fmt: skip
    decision = next(d for rule in RULES if (d := rule(case)))
    if decision.kind == "hand_over" and case.tier and not decision.tier:
        decision = replace(decision, tier=case.tier[0].name)
    if decision.kind in {"answer", "ask", "act"} and not decision.offers_person and not decision.tier:
        decision = _offering(case, decision)
    if group and decision.subject in {"failed_tries", "above_limit"}:
        decision = replace(decision, reasons=(*decision.reasons, Reason("customer_group", detail=group)))
    return replace(decision, tone=_tone(case), alternatives=considered(case, decision))


def _offering(case: Case, decision: Decision) -> Decision:
    """Whatever a rule of higher rank decided: a turn for the worse is never left without the offer of a person."""
    worse = turn_for_the_worse(case)
    if worse is None or decision.subject == "confirms_success":
        return decision
    return replace(decision, reasons=(*decision.reasons, worse, Reason(OFFER)))


UNDECIDED = frozenset({"not_understood", "no_answer", "act_for_people", "anger", "turned_worse"})
SMALL_TALK = frozenset({"greeting", "thanks", "says_bye", "small_talk"})


def wants_knowledge(decision: Decision, reading: Reading, situation: Situation) -> bool:
    """Whether passages could change this decision, made without any. Looking for them costs time."""
    if reading.only_files:
        return False
    if decision.subject in SMALL_TALK:
        return len(reading.text) >= 40
    if decision.subject in {"anger", "turned_worse"}:
        return reading.intent is not None
    if decision.subject == "confirm_plainly":
        return False
    open_wish = any(further.kind == "hand_over" for further in decision.also)
    if decision.kind == "act" and not open_wish:
        asks_terms = reading.signal("asks_terms") is not None
        return asks_terms or decision.subject in situation.declined or let_choose(situation.timeline)
    return decision.kind == "ask" or decision.subject in UNDECIDED or open_wish


def _tone(case: Case) -> Tone:
    """Calm and short for whoever is upset; nothing is felt, only worded otherwise."""
    reading, sure = case.reading, case.policy.anger_from
    upset = reading.emotion.value in {"frustrated", "disappointed"} and reading.emotion.probability >= sure
    signals = ("complains", "threatens_to_leave", "sarcastic", "not_helped")
    told = any(finding.value in signals for finding in reading.signals)
    return "calm" if upset or told or case.course == "worse" or case.tier else "plain"
