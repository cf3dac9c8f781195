"""The rules of the decision, in order of their rank. Each looks at the case and decides, or passes it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kulanz.core.asking import choices, chosen, may_ask
from kulanz.core.case import OFFER, Also, Case, Decision, Reason
from kulanz.core.reading import Finding, Reading
from kulanz.core.several import decide_several

Rule = Callable[[Case], Decision | None]


def _agent_holds(case: Case) -> Decision | None:
    if case.situation.holder == "agent":
        return case.decide("stay_silent", "agent", Reason("agent_holds"))
    return None


def _cannot_wait(case: Case) -> Decision | None:
    """Whoever speaks of ending their life while waiting for a person reads where help is to be had now."""
    if case.situation.holder == "waiting" and case.tier and case.tier[0].even_waiting:
        tier, evidence = case.tier
        decision = case.decide("answer", "careful", Reason("sensitive", evidence, tier.name), Reason("already_waiting"))
        return replace(decision, tier=tier.name)
    return None


def _waiting(case: Case) -> Decision | None:
    """Whoever waits for a person is not answered by the assistant again; what they add is kept for the agent."""
    if case.situation.holder == "waiting":
        wish = case.reading.signal("wants_person")
        return case.decide("stay_silent", "waiting", Reason("already_waiting", wish.evidence if wish else ()))
    return None


def _wish_for_person(case: Case) -> Decision | None:
    wish, undo = case.reading.signal("wants_person"), case.reading.signal("undoes")
    if wish is None or case.names_answer:  # "Technician" is an answer where it was offered
        return None
    if undo and undo.probability > wish.probability and case.situation.undo == "possible":
        return None  # "take that back, she is not there" wants no person as surely as it wants the undoing
    return case.decide("hand_over", "wish", Reason("wants_person", wish.evidence), confidence=wish.probability)


def _sensitive(case: Case) -> Decision | None:
    if case.tier:
        tier, evidence = case.tier
        return case.decide("hand_over", "sensitive", Reason("sensitive", evidence, tier.name))
    if case.situation.open_flow and case.situation.open_flow.fits:
        return None  # the answer to our own question, whatever else it sounds like
    careful = {i: t for t in case.policy.tiers if t.leeway == "careful" for i in t.intents}
    intent = case.understood
    for wish in (*([intent] if intent else []), *case.reading.wishes):
        if wish.probability < case.policy.intent_from:
            continue
        if wish.value in case.policy.people_only:
            reason = Reason("people_only", wish.evidence, wish.value)
            return case.decide("hand_over", "people_only", reason, confidence=wish.probability)
        if wish.value in careful:
            tier = careful[wish.value]
            reason = Reason("sensitive", wish.evidence, tier.name)
            decision = case.decide("hand_over", "sensitive", reason, confidence=wish.probability)
            return replace(decision, tier=tier.name)
    return None


def _closes(case: Case) -> Decision | None:
    """The customer says that it is solved, and wants nothing else."""
    signal = case.reading.signal("confirms_success")
    doubted = case.reading.signal("sarcastic") or case.reading.signal("not_helped")
    waits = case.situation.open_flow and case.situation.open_flow.fits
    if signal is None or doubted or waits or case.understood or "?" in case.reading.text:
        return None
    reason = Reason("confirms_success", signal.evidence)
    return case.decide("answer", "confirms_success", reason, confidence=signal.probability)


COURTESIES = frozenset({"thanks", "says_bye", "greets", "affirms", "denies"})


def _after_the_end(case: Case) -> Decision | None:
    """A resolved conversation. A bare yes or no answers the question whether it is solved, where an agent has asked it;
    thanks, a goodbye or an "ok" leave it as it is and need no reply. Anything else is read like any other message."""
    reading = case.reading
    if case.situation.holder != "resolved" or not _mere_courtesy(reading):
        return None
    yes, no = reading.signal("affirms"), reading.signal("denies")
    if no:
        asked = _asked_whether_solved(case)
        return case.decide("hand_over", "not_solved", Reason("not_solved", no.evidence)) if asked else None
    if yes and _asked_whether_solved(case):
        reason = Reason("confirms_success", yes.evidence)
        return case.decide("answer", "confirms_success", reason, confidence=yes.probability)
    last_words = yes or reading.signal("thanks") or reading.signal("says_bye")
    if last_words is None or reading.sentiment.value == "negative":
        return None
    return case.decide("stay_silent", "resolved", Reason("already_resolved", last_words.evidence))


def _mere_courtesy(reading: Reading) -> bool:
    said = {signal.value for signal in reading.signals}
    more = reading.intent or reading.entities or reading.risks or "?" in reading.text
    return bool(said) and not more and not said - COURTESIES


def _asked_whether_solved(case: Case) -> bool:
    """The last words before the customer's are the question with which an agent closes a conversation."""
    before = [entry for entry in case.situation.timeline.entries if entry.author != "customer"]
    return bool(before) and before[-1].author == "system"


def _stop_flow(case: Case) -> Decision | None:
    stop = case.reading.signal("stops")
    if case.situation.open_flow and stop and not case.names_answer:
        return case.decide("act", "stop_flow", Reason("stops", stop.evidence), confidence=stop.probability)
    return None


def _awaits_approval(case: Case) -> Decision | None:
    """What a person is still looking at can be taken back, and whoever asks about it hears how it stands. What names an
    order or a thing may be another matter: its flow finds out."""
    flow, reading = case.situation.awaits_approval, case.reading
    if not flow or case.situation.open_flow:
        return None
    back = (
        reading.signal("stops") or reading.signal("undoes") or (None if case.understood else reading.signal("denies"))
    )
    if back:
        return case.decide("act", "withdraw", Reason("withdrawn", back.evidence), confidence=back.probability)
    same = case.wanted is not None and case.wanted[0] == flow
    asks = case.understood is None and "?" in reading.text and _answer(case) is None
    if (same or asks) and not reading.entities:
        return case.decide("act", "approval_status", Reason("approval_waits", detail=flow))
    return None


def _undo(case: Case) -> Decision | None:
    """What was done is taken back by one sentence; whoever only asks whether that is possible is asked first."""
    signal, possible = case.reading.signal("undoes"), case.situation.undo
    if signal is None or possible == "nothing" or case.situation.open_flow:
        return None
    reason = Reason("undoes", signal.evidence)
    if possible == "too_late":
        return case.decide("hand_over", "undo_too_late", reason)
    if possible == "already":
        return case.decide("answer", "already_undone", reason, confidence=signal.probability)
    if "?" in case.reading.text and may_ask(case):
        return case.decide("ask", "undo_question", reason, confidence=signal.probability)
    return case.decide("act", "undo", reason, confidence=signal.probability)


def _failed(case: Case) -> Decision | None:
    signals = (case.reading.signal("not_helped"), _mocked_success(case))
    signal = next((s for s in signals if s), None)
    failed = case.tries.failed + (signal is not None)
    if failed >= case.policy.failed_tries:
        evidence = signal.evidence if signal else ()
        return case.decide("hand_over", "failed_tries", Reason("failed_tries", evidence, str(failed)))
    return None


def _mocked_success(case: Case) -> Finding | None:
    """ "Great, worked perfectly" in a conversation where nothing did."""
    return case.reading.signal("sarcastic") if case.reading.signal("confirms_success") else None


def _upset(case: Case) -> Decision | None:
    """One angry sentence with a matter we can solve is solved. Anger that stays, and a clear turn for the worse, get
    the solution together with the offer of a person; the person at once where nothing certain can be done, where
    the offer has been made before, or where the complaint is about us and names nothing to look up.

    The offer is better than the handover where the next step is certain: the customer has it now instead of in
    minutes or tomorrow, and the person is still one word away.
    """
    angry, worse = _anger(case), turn_for_the_worse(case)
    if not angry and not worse:
        return None
    reason = worse or angry
    assert reason is not None
    lasting = angry is not None and _was_angry(case)
    solution = _certain_step(case, article=not lasting)
    complaint = angry and case.reading.signal("complains") and not case.reading.entities
    fits = case.situation.open_flow and case.situation.open_flow.fits
    subject = "turned_worse" if worse else "anger"
    if solution is None or (complaint and not fits):
        return case.decide("hand_over", subject, reason, confidence=case.reading.emotion.probability)
    if not worse and not lasting and not case.tries.failed:
        return None
    if case.tries.offered:
        return case.decide("hand_over", subject, reason, confidence=case.reading.emotion.probability)
    return replace(solution, reasons=(*solution.reasons, reason, Reason(OFFER)))


def _anger(case: Case) -> Reason | None:
    emotion, complaint = case.reading.emotion, case.reading.signal("complains")
    if emotion.value != "frustrated" or (emotion.probability < case.policy.anger_from and complaint is None):
        return None
    return Reason("angry", emotion.evidence)


def _was_angry(case: Case) -> bool:
    before = [e.reading.emotion for e in case.situation.timeline.since_last_person() if e.reading]
    return any(e.value == "frustrated" and e.probability >= case.policy.anger_from for e in before)


def turn_for_the_worse(case: Case) -> Reason | None:
    """The mood has clearly sunk, or the customer threatens to leave and nothing has been solved yet. Whoever answers
    the flow's question with one of its answers ("it does not switch on") describes the matter and not their mood, nor
    does who does not have what is asked for, and a plain no to what was proposed is an answer."""
    flow = case.situation.open_flow
    if flow and (flow.names or flow.unknowing):
        return None
    if case.course == "worse" and not (flow and flow.awaits == "confirm" and flow.fits):
        return Reason("turned_worse", case.reading.emotion.evidence)
    threat = case.reading.signal("threatens_to_leave")
    stretch = case.situation.timeline.since_last_person()
    solved = any(e.reading and e.reading.signal("confirms_success") for e in stretch)
    return Reason("threatens_to_leave", threat.evidence) if threat and not solved else None


def _certain_step(case: Case, *, article: bool) -> Decision | None:
    """What can be done for sure: the waiting flow, a flow for the wish, or (`article`) an answer to a wish that was
    understood."""
    flow = case.situation.open_flow
    if flow and (flow.fits or case.corrects):
        return _open_flow(case)
    if case.wanted:
        return _act(case)
    return _answer(case) if article and case.understood else None


def _open_flow(case: Case) -> Decision | None:
    """A waiting flow takes the message that answers it; anything else the customer wants comes first."""
    flow = case.situation.open_flow
    if flow is None:
        return None
    if case.corrects:
        signal = case.reading.signal("corrects")
        return case.decide("act", flow.name, Reason("corrects", signal.evidence if signal else ()))
    hesitation = case.reading.signal("hesitates")
    if flow.awaits == "confirm" and hesitation and not case.reading.signal("denies") and flow.asked < 2:
        reason = Reason("hesitates", hesitation.evidence, flow.name)
        if not may_ask(case):  # half a yes is no yes, and there is no question left
            return case.decide("hand_over", "not_understood", reason)
        return case.decide("ask", "confirm_plainly", reason)
    if flow.fits:
        return _go_on(case)
    return _besides(case)


def _go_on(case: Case) -> Decision:
    """The answer to the open question; a yes to more than the policy allows goes to a person."""
    flow = case.situation.open_flow
    assert flow is not None
    yes = flow.awaits == "confirm" and not case.reading.signal("denies")
    tier = case.policy.above_limit(flow.amount, case.intents_of(flow.name)) if yes else None
    if tier:
        return case.decide("hand_over", "above_limit", Reason("above_limit", detail=tier.name))
    decision = case.decide("act", flow.name, Reason("answers_open_question"))
    if yes or flow.awaits != "confirm" or case.wanted is None or case.wanted[0] == flow.name:
        return decision
    name, intent = case.wanted  # "no, I only want to know where it is"
    known = tuple((e.kind, e.value) for e in case.reading.entities)
    return replace(decision, also=(Also("act", name, intent.value, case.reading.text, intent.probability, known),))


def _besides(case: Case) -> Decision | None:
    """The message does not answer the waiting flow."""
    flow = case.situation.open_flow
    assert flow is not None
    if case.wanted and case.wanted[0] != flow.name and not flow.unknowing:
        return _act(case)
    thanks = case.reading.signal("thanks") or case.reading.signal("says_bye")
    if thanks and _mere_courtesy(case.reading):
        return _small_talk(case)  # whoever thanks for the answer in between wants no question again
    if answer := _answer(case):
        return answer
    unclear = Reason("flow_unclear", detail=flow.name)
    used_up = flow.asked >= 2 or not may_ask(case)
    if flow.awaits == "slot" and (flow.unknowing or used_up):
        if closest := _closest(case, Reason("closest_article", detail=flow.name)):
            return closest
        if not case.tries.offered and (offered := choices(case)):
            reasons = (Reason("closest_articles", detail=flow.name), Reason(OFFER))
            return replace(offered, subject="without_it", reasons=reasons)
        used_up = used_up or case.tries.offered
    if used_up:
        return case.decide("hand_over", "not_understood", unclear)
    return case.decide("ask", "flow_again", unclear)


def _files_alone(case: Case) -> Decision | None:
    """Files without a word that no flow waits for: they are kept, and the customer says what they are about."""
    flow = case.situation.open_flow
    if not case.reading.only_files or (flow and flow.fits):
        return None
    return case.decide("ask", "flow_again" if flow else "files_alone", Reason("files_alone"))


def _small_talk(case: Case) -> Decision | None:
    reading = case.reading
    if case.understood or (case.fresh and case.fresh[0].confidence >= case.policy.answer_from):
        return None
    if reading.signal("not_helped") or reading.signal("sarcastic") or reading.entities:
        return None  # "thanks for nothing" is no thanks, and whoever names an order wants something
    for name in ("thanks", "says_bye", "small_talk"):
        if signal := reading.signal(name):
            return case.decide("answer", name, Reason(name, signal.evidence), confidence=signal.probability)
    if (greeting := reading.signal("greets")) and len(reading.text) < 60:
        return case.decide("ask", "greeting", Reason("greets", greeting.evidence))
    return None


def _act(case: Case) -> Decision | None:
    if case.wanted is None:
        return None
    name, intent = case.wanted
    asks = case.reading.signal("asks_terms") or name in case.situation.declined
    if asks and not case.reading.entities and (told := _answer(case) or choices(case)):
        return told  # who asks how long there is time for a return, or has said no, wants nothing done yet
    tier = case.policy.answers_only(case.intents_of(name), case.reading.text)
    if tier is None:
        return case.decide("act", name, Reason("intent", intent.evidence, intent.value), confidence=intent.probability)
    return _answer(case) or case.decide(
        "hand_over", "act_for_people", Reason("act_for_people", intent.evidence, tier.name)
    )


def _answer(case: Case) -> Decision | None:
    best = next(iter(case.fresh), None)
    if best and best.confidence >= case.policy.answer_from:
        return case.decide("answer", best.passage_id, Reason("passage", detail=best.title), confidence=best.confidence)
    return None


def _ask(case: Case) -> Decision | None:
    """A question only where something is unclear; then a person."""
    if not may_ask(case):
        return None
    if offered := choices(case):
        return offered
    if case.understood:  # asking again would only put off somebody who has said what they want
        return None
    return case.decide("ask", "unclear", Reason("unclear"), confidence=case.reading.none_of_them)


def _nobody_there(case: Case) -> Decision | None:
    """Outside the hours nobody could answer at once: an article that may help is shown as unsure, with the offer."""
    return None if case.situation.people_available else _closest(case, Reason("outside_hours"))


def _closest(case: Case, why: Reason) -> Decision | None:
    """The closest article, shown as unsure, with the offer of a person; once."""
    best = next(iter(case.fresh), None)
    if best is None or best.confidence < case.policy.answer_closed_from:
        return None
    if case.tries.offered or case.reading.signal("not_helped"):
        return None
    reasons = (why, Reason("passage", detail=best.title), Reason(OFFER))
    return case.decide("answer", best.passage_id, *reasons, confidence=best.confidence)


def _hand_over(case: Case) -> Decision:
    if intent := case.understood:
        reason = Reason("no_answer", intent.evidence, intent.value)
        return case.decide("hand_over", "no_answer", reason, confidence=intent.probability)
    return case.decide("hand_over", "not_understood", Reason("unclear", detail=str(case.tries.questions)))


def _several(case: Case) -> Decision | None:
    """Several wishes in one message; a waiting flow that the message answers comes first."""
    flow = case.situation.open_flow
    return None if flow and (flow.fits or case.corrects) else decide_several(case)


RULES: tuple[Rule, ...] = (
    _agent_holds, _cannot_wait, _waiting, _wish_for_person, _sensitive, chosen, _failed, _stop_flow, _awaits_approval,
    _undo, _closes, _after_the_end, _upset, _several, _files_alone, _open_flow, _small_talk, _act, _answer, _ask,
    _nobody_there, _hand_over,
)  # fmt: skip
