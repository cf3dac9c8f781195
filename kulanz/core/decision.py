"""Whether to answer, act, ask, hand over or stay silent. Pure, so that any past turn can be decided again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from kulanz.core.knowledge import Passage
from kulanz.core.policy import Policy
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.core.timeline import Holder, Timeline, Tries, count_tries

Kind = Literal["answer", "ask", "act", "hand_over", "stay_silent"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code that is worded for its reader when shown, and the exact words it rests on."""

    code: str
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else was possible, how much spoke for it (0 to 1), and why it was not chosen."""

    kind: Kind
    subject: str
    score: float
    rejected_because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`subject` is the passage id, the flow, or the kind of question or handover, depending on `kind`."""

    kind: Kind
    subject: str
    reasons: tuple[Reason, ...]
    policy_version: str
    confidence: float = 1.0
    alternatives: tuple[Alternative, ...] = ()
    suggestions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A flow that waits for the customer. `awaits` is slot or confirm; `fits` says whether the message at hand
    answers it; `asked` counts how often the open question has been put."""

    name: str
    awaits: Literal["slot", "confirm"]
    fits: bool
    asked: int


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision may look at besides the reading."""

    timeline: Timeline
    holder: Holder
    flows: dict[str, str] = field(default_factory=dict)
    """Intent → the flow that solves it."""
    open_flow: OpenFlow | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    reading: Reading
    situation: Situation
    policy: Policy
    tries: Tries

    def decide(self, kind: Kind, subject: str, *reasons: Reason, confidence: float = 1.0) -> Decision:
        return Decision(kind, subject, reasons, self.policy.version, round(confidence, 4))

    @property
    def fresh(self) -> tuple[Passage, ...]:
        """Passages that this customer has not read in this conversation."""
        quoted = self.situation.timeline.quoted
        return tuple(p for p in self.situation.passages if p.passage_id not in quoted)


Rule = Callable[[_Case], Decision | None]


def decide(reading: Reading, situation: Situation, policy: Policy) -> Decision:
    """The first rule that applies decides; the rules stand in order of their rank in `RULES`."""
    case = _Case(reading, situation, policy, count_tries(situation.timeline))
    decision = next(d for rule in RULES if (d := rule(case)))
    return replace(decision, alternatives=_alternatives(case, decision))


def _agent_holds(case: _Case) -> Decision | None:
    if case.situation.holder == "agent":
        return case.decide("stay_silent", "agent", Reason("agent_holds"))
    return None


def _wish_for_person(case: _Case) -> Decision | None:
    wish = case.reading.signal("wants_person")
    if wish is None:
        return None
    if case.situation.holder == "waiting":
        return case.decide("stay_silent", "waiting", Reason("already_waiting", wish.evidence))
    return case.decide("hand_over", "wish", Reason("wants_person", wish.evidence), confidence=wish.probability)


def _waiting(case: _Case) -> Decision | None:
    """Whoever waits for a person is not answered by the assistant again; what they add is kept for the agent."""
    if case.situation.holder == "waiting":
        return case.decide("stay_silent", "waiting", Reason("already_waiting"))
    return None


def _sensitive(case: _Case) -> Decision | None:
    for matter in case.policy.sensitive:
        for pattern in matter.words:
            if found := pattern.search(case.reading.text):
                evidence = Evidence(found.group(), found.start(), found.end())
                return case.decide("hand_over", "sensitive", Reason("sensitive", (evidence,), matter.name))
    intent = case.reading.intent
    if intent and intent.value in case.policy.people_only and intent.probability >= case.policy.intent_from:
        reason = Reason("people_only", intent.evidence, intent.value)
        return case.decide("hand_over", "people_only", reason, confidence=intent.probability)
    return None


def _anger(case: _Case) -> Decision | None:
    """One angry sentence with a matter we can solve is solved; anger that stays, that has no matter, or that complains
    about us without naming what we could look up, meets a person."""
    emotion, complaint = case.reading.emotion, case.reading.signal("complains")
    if emotion.value != "frustrated" or (emotion.probability < case.policy.anger_from and complaint is None):
        return None
    reason = Reason("angry", emotion.evidence)
    previous = [e.reading for e in case.situation.timeline.since_last_person() if e.reading]
    was_angry = any(r.emotion.value == "frustrated" for r in previous)
    complains = complaint is not None and not case.reading.entities
    no_matter = _flow_for(case) is None and case.situation.open_flow is None
    if was_angry or case.tries.failed or complains or no_matter:
        return case.decide("hand_over", "anger", reason, confidence=emotion.probability)
    return None


def _stop_flow(case: _Case) -> Decision | None:
    stop = case.reading.signal("stops")
    if case.situation.open_flow and stop:
        return case.decide("act", "stop_flow", Reason("stops", stop.evidence), confidence=stop.probability)
    return None


def _open_flow(case: _Case) -> Decision | None:
    """A waiting flow takes the message that answers it; anything else the customer wants comes first."""
    flow = case.situation.open_flow
    if flow is None:
        return None
    if flow.fits:
        return case.decide("act", flow.name, Reason("answers_open_question"))
    wanted = _flow_for(case)
    if wanted and wanted[0] != flow.name:
        name, intent = wanted
        return case.decide("act", name, Reason("intent", intent.evidence, intent.value), confidence=intent.probability)
    if answer := _answer(case):
        return answer
    if flow.asked >= 2:
        return case.decide("hand_over", "not_understood", Reason("flow_unclear", detail=flow.name))
    return case.decide("ask", "flow_again", Reason("flow_unclear", detail=flow.name))


def _small_talk(case: _Case) -> Decision | None:
    reading = case.reading
    if reading.intent is not None or (case.fresh and case.fresh[0].confidence >= case.policy.answer_from):
        return None
    for name in ("thanks", "says_bye"):
        if signal := reading.signal(name):
            return case.decide("answer", name, Reason(name, signal.evidence), confidence=signal.probability)
    if (greeting := reading.signal("greets")) and len(reading.text) < 60:
        return case.decide("ask", "greeting", Reason("greets", greeting.evidence))
    return None


def _failed(case: _Case) -> Decision | None:
    signal = case.reading.signal("not_helped")
    failed = case.tries.failed + (signal is not None)
    if failed >= case.policy.failed_tries:
        evidence = signal.evidence if signal else ()
        return case.decide("hand_over", "failed_tries", Reason("failed_tries", evidence, str(failed)))
    return None


def _flow_for(case: _Case) -> tuple[str, Finding] | None:
    intent = _understood(case)
    if intent and intent.value in case.situation.flows:
        return case.situation.flows[intent.value], intent
    return None


def _act(case: _Case) -> Decision | None:
    if wanted := _flow_for(case):
        name, intent = wanted
        return case.decide("act", name, Reason("intent", intent.evidence, intent.value), confidence=intent.probability)
    return None


def _answer(case: _Case) -> Decision | None:
    best = next(iter(case.fresh), None)
    if best and best.confidence >= case.policy.answer_from:
        return case.decide("answer", best.passage_id, Reason("passage", detail=best.title), confidence=best.confidence)
    return None


def _ask(case: _Case) -> Decision | None:
    """One clarifying question in a row and a few in a conversation, and only where something is unclear; then a
    person."""
    if case.tries.questions_in_row >= case.policy.questions_in_row or case.tries.questions >= case.policy.questions:
        return None
    if case.fresh and case.fresh[0].confidence >= case.policy.suggest_from:
        decision = case.decide("ask", "ambiguous", Reason("ambiguous"), confidence=case.fresh[0].confidence)
        return replace(decision, suggestions=tuple(dict.fromkeys(p.title for p in case.fresh))[:3])
    if _understood(case):  # asking again would only put off somebody who has said what they want
        return None
    return case.decide("ask", "unclear", Reason("unclear"), confidence=case.reading.none_of_them)


def _understood(case: _Case) -> Finding | None:
    intent = case.reading.intent
    return intent if intent and intent.probability >= case.policy.intent_from else None


def _hand_over(case: _Case) -> Decision:
    if intent := _understood(case):
        reason = Reason("no_answer", intent.evidence, intent.value)
        return case.decide("hand_over", "no_answer", reason, confidence=intent.probability)
    return case.decide("hand_over", "not_understood", Reason("unclear", detail=str(case.tries.questions)))


RULES: tuple[Rule, ...] = (
    _agent_holds, _wish_for_person, _waiting, _sensitive, _anger, _stop_flow, _failed, _open_flow, _small_talk,
    _act, _answer, _ask, _hand_over,
)  # fmt: skip


def _alternatives(case: _Case, chosen: Decision) -> tuple[Alternative, ...]:
    """The best of what was not chosen, for whoever asks why."""
    found: list[Alternative] = []
    for passage in case.situation.passages[:3]:
        if passage.passage_id != chosen.subject:
            if passage.passage_id in case.situation.timeline.quoted:
                why = "already_quoted"
            else:
                why = "outranked" if passage.confidence >= case.policy.answer_from else "not_sure_enough"
            found.append(Alternative("answer", passage.title, round(passage.confidence, 4), why))
    for intent in case.reading.intents[:3]:
        name = case.situation.flows.get(intent.value)
        if name and name != chosen.subject:
            sure = intent.probability >= case.policy.intent_from and not case.reading.rejected
            why = "outranked" if sure else "not_sure_enough"
            found.append(Alternative("act", name, round(intent.probability, 4), why))
    return tuple(sorted(found, key=lambda a: -a.score))
