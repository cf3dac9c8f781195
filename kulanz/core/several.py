"""Several wishes in one message: all are answered, begun, named or handed over; none is lost."""

from __future__ import annotations

from dataclasses import replace

from kulanz.core.case import Also, Alternative, Case, Decision, Reason
from kulanz.core.reading import Entity, Finding, Reading


def part_of(reading: Reading, wish: Finding) -> Reading:
    """The reading as if the message had only this wish: what was named in its part of the text comes first."""
    spans = [(e.start, e.end) for e in wish.evidence]

    def inside(entity: Entity) -> bool:
        return any(start <= entity.evidence.start and entity.evidence.end <= end for start, end in spans)

    own = tuple(e for e in reading.entities if inside(e))
    others = tuple(e for e in reading.entities if not inside(e))
    return replace(reading, intents=(wish,), rejected=False, entities=own + others, wishes=())


def words_of(wish: Finding) -> str:
    return " ".join(e.text for e in wish.evidence).strip()


def asks_terms(reading: Reading, wish: Finding) -> bool:
    """The wish's own part of the message asks for the terms ("how long can I return things?")."""
    signal = reading.signal("asks_terms")
    spans = [(e.start, e.end) for e in wish.evidence]
    return signal is not None and any(s <= e.start < end for e in signal.evidence for s, end in spans)


def decide_several(case: Case) -> Decision | None:
    """What to do with two or more wishes that were understood: answers now, one flow after the other, and a person
    for what is left. None where the message has one wish, or nothing can be done about any of them."""
    sure = [w for w in case.reading.wishes if w.probability >= case.policy.intent_from]
    if len(sure) < 2:
        return None
    plans = [_plan(case, wish) for wish in sure]
    plans = _without_doubles(plans)
    solvable = [plan for plan in plans if plan.kind != "hand_over"]
    if len(plans) < 2 or not solvable:
        return None
    main = next((p for p in plans if p.kind == "act"), solvable[0])
    others = tuple(plan for plan in plans if plan is not main)
    left = [plan for plan in others if plan.kind == "hand_over"]
    reasons = (*main.reasons, Reason("several_wishes", detail=str(len(plans))))
    if left and main.kind == "answer":  # the rest can't wait for the end of a flow: answers now, and a person
        reasons = (Reason("no_answer", detail=left[0].wish), *reasons)
        answers = tuple(plan for plan in plans if plan.kind == "answer")
        decision = case.decide("hand_over", "no_answer", *reasons, confidence=main.confidence)
        return replace(decision, also=(*answers, *left))
    return replace(case.decide(main.kind, main.subject, *reasons, confidence=main.confidence), also=others)


def _plan(case: Case, wish: Finding) -> Also:
    """The flow for the wish, else an article not yet read that answers it, else a person."""
    known = tuple((e.kind, e.value) for e in part_of(case.reading, wish).entities)
    name = case.situation.flows.get(wish.value)
    passages = case.unread(case.situation.wish_passages.get(wish.value, ()))
    others = tuple(
        Alternative("answer", p.title, round(p.confidence, 4), "outranked" if name else "not_sure_enough")
        for p in passages[1 - bool(name) :][:3]
    )
    plan = Also("hand_over", "", wish.value, words_of(wish), round(wish.probability, 4), known, alternatives=others)
    allowed = name and not case.policy.answers_only(case.intents_of(name), case.reading.text)
    sure = bool(passages) and passages[0].confidence >= case.policy.answer_from
    if name and allowed and not (sure and asks_terms(case.reading, wish)):
        return replace(plan, kind="act", subject=name, reasons=(Reason("intent", wish.evidence, wish.value),))
    if sure:
        best = passages[0]
        reasons = (Reason("passage", wish.evidence, best.title),)
        return replace(plan, kind="answer", subject=best.passage_id, confidence=best.confidence, reasons=reasons)
    return replace(plan, reasons=(Reason("no_answer", wish.evidence, wish.value),))


def _without_doubles(plans: list[Also]) -> list[Also]:
    """One plan for what the same passage answers, or the same flow does with the same things."""
    kept: dict[tuple[str, ...], Also] = {}
    for plan in plans:
        key = (plan.kind, plan.subject or plan.wish, str(plan.known) if plan.kind == "act" else "")
        kept.setdefault(key, plan)
    return list(kept.values())
