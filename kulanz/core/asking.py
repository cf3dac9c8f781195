"""Clarifying questions: what the customer may choose from, and what they chose."""

from __future__ import annotations

from dataclasses import replace

from kulanz.core.case import Case, Decision, Reason
from kulanz.core.timeline import Timeline, fingerprint

_CHOICES = 3
_HINT = 0.1  # a reading that is no more than this is no hint at all


def may_ask(case: Case) -> bool:
    """One clarifying question in a row and a few in a conversation."""
    return case.tries.questions_in_row < case.policy.questions_in_row and case.tries.questions < case.policy.questions


def choices(case: Case) -> Decision | None:
    """Up to three things to choose from, where none is sure: flows for what the message names ("ML-10234"), else
    articles."""
    if not may_ask(case):
        return None
    titles = [] if case.understood else _flows(case)
    closest = case.fresh[0].confidence if case.fresh else 0.0
    if len(titles) < 2:
        if closest < case.policy.suggest_from:
            return None
        titles += [passage.title for passage in case.fresh]
    decision = case.decide("ask", "ambiguous", Reason("ambiguous"), confidence=closest)
    return replace(decision, suggestions=tuple(dict.fromkeys(titles))[:_CHOICES])


def _flows(case: Case) -> list[str]:
    """Titles of the flows that may be meant and ask for a thing that the message names, the likeliest first."""
    kinds = {entity.kind for entity in case.reading.entities}
    likely = (case.situation.flows.get(i.value) for i in case.reading.intents if i.probability >= _HINT)
    starts = (case.situation.starts.get(flow) for flow in likely if flow)
    return [start.title for start in starts if start and start.kinds & kinds]


def let_choose(timeline: Timeline) -> bool:
    """The last reply asked the customer to choose."""
    last = next((e for e in reversed(timeline.entries) if e.author == "assistant"), None)
    return last is not None and last.reason in {"ambiguous", "closest_articles"}


def chosen(case: Case) -> Decision | None:
    """One of the things that were offered to choose from: an article is shown, even where a flow could do something."""
    said = fingerprint(case.reading.text)
    if not let_choose(case.situation.timeline):
        return None
    for flow, start in case.situation.starts.items():
        if fingerprint(start.title) == said and not case.policy.answers_only(case.intents_of(flow), start.title):
            return case.decide("act", flow, Reason("chosen", detail=start.title))
    for passage in case.fresh:
        if fingerprint(passage.title) == said:
            reasons = (Reason("chosen", detail=passage.title), Reason("passage", detail=passage.title))
            return case.decide("answer", passage.passage_id, *reasons)
    return None
