"""What else was possible, how much spoke for it, and why it was not chosen."""

from __future__ import annotations

from kulanz.core.case import Alternative, Case, Decision
from kulanz.core.knowledge import Passage


def considered(case: Case, chosen: Decision) -> tuple[Alternative, ...]:
    """Every alternative to the decision, the one with the most for it first."""
    if chosen.kind == "stay_silent":
        return ()
    found = [*_answers(case, chosen, case.situation.passages), *_acts(case, chosen)]
    if chosen.kind != "ask":
        found.append(Alternative("ask", "", round(_for_asking(case), 4), _not_asked(case, chosen)))
    if chosen.kind != "hand_over":
        found.append(Alternative("hand_over", "", round(_for_person(case), 4), _not_handed_over(chosen)))
    return tuple(sorted(found, key=lambda a: -a.score))


def _answers(case: Case, chosen: Decision, passages: tuple[Passage, ...]) -> list[Alternative]:
    quoted = case.situation.timeline.quoted
    used = {chosen.subject, *(further.subject for further in chosen.also)}
    found = []
    for passage in passages[:3]:
        if passage.passage_id not in used:
            sure = "outranked" if passage.confidence >= case.policy.answer_from else "not_sure_enough"
            why = "already_quoted" if passage.passage_id in quoted else sure
            found.append(Alternative("answer", passage.title, round(passage.confidence, 4), why))
    return found


def _acts(case: Case, chosen: Decision) -> list[Alternative]:
    used = {chosen.subject, *(further.subject for further in chosen.also)}
    found = []
    for intent in case.reading.intents[:3]:
        name = case.situation.flows.get(intent.value)
        if name and name not in used:
            sure = intent.probability >= case.policy.intent_from and not case.reading.rejected
            forbidden = case.policy.answers_only(case.intents_of(name), case.reading.text)
            why = ("not_allowed" if forbidden else "outranked") if sure else "not_sure_enough"
            found.append(Alternative("act", name, round(intent.probability, 4), why))
    return found


def certainty(case: Case) -> float:
    """How certain the best thing is that could be done without a question: a flow, or an article not yet read."""
    flow = case.situation.open_flow
    offers = [p.confidence for p in case.fresh[:1]]
    if case.reading.intent and case.reading.intent.value in case.situation.flows:
        offers.append(case.reading.intent.probability)
    return max([1.0 if flow and (flow.fits or case.corrects) else 0.0, *offers])


def _for_asking(case: Case) -> float:
    """The more uncertain the best solution, the more a question would bring; nothing, once all have been asked."""
    left = case.tries.questions < case.policy.questions and case.tries.questions_in_row < case.policy.questions_in_row
    return 1 - certainty(case) if left else 0.0


def _for_person(case: Case) -> float:
    """The strongest of what calls for a person: anger, failed tries, or that nothing certain can be done."""
    emotion = case.reading.emotion
    anger = emotion.probability if emotion.value == "frustrated" else 0.0
    failed = min(1.0, case.tries.failed / case.policy.failed_tries)
    return max(anger, failed, 1 - certainty(case) if not _for_asking(case) else 0.0)


def _not_asked(case: Case, chosen: Decision) -> str:
    if chosen.kind == "hand_over" and chosen.subject not in {"not_understood", "no_answer"}:
        return "person_first"
    if case.tries.questions >= case.policy.questions:
        return "questions_used_up"
    if case.tries.questions_in_row >= case.policy.questions_in_row:
        return "asked_just_now"
    return "clear_enough"


def _not_handed_over(chosen: Decision) -> str:
    if chosen.kind == "ask":
        return "question_first"
    return "offered_instead" if chosen.offers_person else "not_needed"
