"""The promises that hold on any conversation: random ones, played through the decision and its bookkeeping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kulanz.core.decision import CustomerFacts, Decision, OpenFlow, Situation, decide
from kulanz.core.knowledge import Passage
from kulanz.core.mood import course
from kulanz.core.policy import policy_from_dict
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.core.timeline import CLARIFYING, Entry, Holder, Timeline

POLICY = policy_from_dict(
    yaml.safe_load((Path(__file__).parents[1] / "decision" / "policy.yaml").read_text("utf-8")), "test"
)
START = datetime(2026, 11, 9, 12, tzinfo=UTC)
FLOWS = {"order_status": "order_status", "cancel_order": "cancel_order"}
SENSITIVE = {
    "Ich will nicht mehr leben": "self_harm",
    "my lawyer will call": "law",
    "mein Vater ist verstorben": "death",
}
TEXTS = ["Wo ist mein Paket?", "hm", "What does it cost?", "Danke", "ja", "so geht das nicht weiter", *SENSITIVE]
SIGNALS: list[str] = [
    "wants_person", "affirms", "denies", "thanks", "greets", "says_bye", "not_helped", "stops", "complains",
    "confirms_success", "hesitates", "threatens_to_leave", "refers_back", "corrects", "small_talk", "sarcastic",
    "commands_assistant",
]  # fmt: skip
OFTEN = ["not_helped", "stops", "affirms", "corrects", "threatens_to_leave"]
"""Drawn more often, because what is promised about them takes several messages."""
INTENTS = ["order_status", "cancel_order", "complaint", "invoice_copy", "shipping_cost"]
probability = st.floats(0, 1)
often_sure = st.sampled_from([0.3, 0.7, 0.9, 0.99])


def finding(values: list[str]) -> st.SearchStrategy[Finding]:
    return st.builds(Finding, st.sampled_from(values), often_sure)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = draw(st.sampled_from([*TEXTS, *TEXTS[:6] * 4]))
    wishes = draw(st.lists(finding(INTENTS), max_size=3))
    rejected = draw(st.booleans())
    evidence = (Evidence(text, 0, len(text)),)
    return Reading(
        text=text,
        language=Finding("de", 0.99),
        intents=tuple(sorted(wishes, key=lambda w: -w.probability)),
        none_of_them=draw(probability),
        rejected=rejected or not wishes,
        entities=(),
        emotion=draw(finding(["frustrated", "disappointed", "worried", "neutral", "neutral", "pleased"])),
        urgency=Finding("normal", 0.8),
        signals=tuple(draw(st.lists(finding(SIGNALS) | finding(OFTEN), max_size=2, unique_by=lambda s: s.value))),
        sentiment=draw(finding(["positive", "neutral", "negative"])),
        risks=(Finding(SENSITIVE[text], 0.9, evidence),) if text in SENSITIVE else (),
        wishes=() if rejected else tuple(replace(w, evidence=evidence) for w in wishes if len(wishes) > 1),
    )


def passage(name: str, confidence: float) -> Passage:
    return Passage(name, "a", f"Title {name}", "text", "quote", "de", confidence, confidence)


passages = st.lists(
    st.builds(passage, st.sampled_from(["p1", "p2", "p3", "p4"]), probability),
    max_size=3,
    unique_by=lambda p: p.passage_id,
).map(lambda found: tuple(sorted(found, key=lambda p: -p.confidence)))


class Book:
    """Keeps a conversation as the turn would: what was said, who holds it, which flow waits."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.holder: Holder = "assistant"
        self.flow: OpenFlow | None = None

    def add(self, author: str, text: str = "…", **fields: object) -> None:
        number = len(self.entries) + 1
        at = START + timedelta(minutes=number)
        self.entries.append(Entry(str(number), number, author, text, at, **fields))  # type: ignore[arg-type]

    def keep(self, reading: Reading, decision: Decision, *, goes_on: bool) -> None:
        self.add("customer", reading.text, reading=reading)
        if decision.kind == "stay_silent":
            return
        chosen = [decision.subject, *(further.subject for further in decision.also)]
        quoted = tuple(subject for subject in chosen if subject[:1] in {"p", "q"} and len(subject) == 2)
        codes = tuple(reason.code for reason in decision.reasons)
        author = "system" if decision.kind == "hand_over" else "assistant"
        self.add(author, decision=decision.kind, reason=codes[0], reasons=codes, passages=quoted)
        self._flow_after(decision, goes_on=goes_on)
        if decision.kind == "hand_over":
            self.holder, self.flow = "waiting", None

    def _flow_after(self, decision: Decision, *, goes_on: bool) -> None:
        if decision.kind == "act" and decision.subject in FLOWS:
            self.flow = OpenFlow(decision.subject, "confirm", fits=False, asked=1, amount=49.9) if goes_on else None
        elif decision.subject in {"stop_flow", "confirms_success"}:
            self.flow = None
        elif decision.subject in {"flow_again", "confirm_plainly"} and self.flow:
            self.flow = replace(self.flow, asked=self.flow.asked + 1)

    def situation(self, found: tuple[Passage, ...], *, fits: bool, open_now: bool, known: CustomerFacts) -> Situation:
        confidence = found[0].confidence if found else 0.0
        wish_passages = {i: (passage(f"q{n}", confidence if n % 2 else 0.0),) for n, i in enumerate(INTENTS)}
        flow = replace(self.flow, fits=fits) if self.flow else None
        timeline = Timeline(tuple(self.entries), len(self.entries))
        return Situation(
            timeline, self.holder, FLOWS, flow, found, known, open_now, START + timedelta(days=1), wish_passages
        )


turns = st.lists(
    st.tuples(readings(), passages, st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=9
)
customers = st.builds(CustomerFacts, st.just("claimed"), st.integers(0, 3), st.integers(0, 1))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(turns, customers, st.booleans())
def test_the_promises_hold_on_any_conversation(
    script: list[tuple[Reading, tuple[Passage, ...], bool, bool, bool, bool]], known: CustomerFacts, open_now: bool
) -> None:
    book = Book()
    for reading, found, fits, goes_on, agent_comes, given_back in script:
        situation = book.situation(found, fits=fits, open_now=open_now, known=known)
        decision = decide(reading, situation, POLICY)
        assert decision == decide(reading, situation, POLICY)
        check_silence(reading, decision, book.holder)
        if book.holder == "assistant":
            check_person(reading, decision, book, situation)
            check_tone(reading, decision)
            check_wishes(reading, decision)
        check_weighing(decision)
        check_obeys_nobody(reading, decision, situation)
        book.keep(reading, decision, goes_on=goes_on)
        check_questions(book)
        check_quotes(book)
        if book.holder == "waiting" and agent_comes:
            book.add("agent")
            book.holder = "agent"
        if book.holder in {"waiting", "agent"} and given_back:
            book.holder = "assistant"


def check_silence(reading: Reading, decision: Decision, holder: Holder) -> None:
    """Silence is for agents, and for whoever waits; but for what can't wait."""
    if holder == "waiting" and "nicht mehr leben" in reading.text:
        assert (decision.kind, decision.subject) == ("answer", "careful")
    else:
        assert (decision.kind == "stay_silent") == (holder in {"agent", "waiting"})


def check_person(reading: Reading, decision: Decision, book: Book, situation: Situation) -> None:
    """The wish is granted at once; sensitive matters, two failed tries and a turn for the worse lead to a person."""
    stretch = Timeline(tuple(book.entries)).since_last_person()
    before = [e.reading for e in stretch if e.reading]
    failed = sum(1 for r in [*before, reading] if r.signal("not_helped"))
    if reading.signal("wants_person") or reading.text in SENSITIVE or failed >= 2:
        assert decision.kind == "hand_over"
    if reading.text in SENSITIVE:
        assert decision.tier
        assert not decision.also
    flow = situation.open_flow
    answered = flow is not None and flow.awaits == "confirm" and flow.fits  # a no to what was proposed is no mood
    worse = course([*before, reading]) == "worse" and not answered
    if worse and decision.subject != "confirms_success":
        assert decision.kind == "hand_over" or decision.offers_person


def check_tone(reading: Reading, decision: Decision) -> None:
    if reading.emotion.value == "frustrated" and reading.emotion.probability >= POLICY.anger_from:
        assert decision.tone == "calm"


def check_wishes(reading: Reading, decision: Decision) -> None:
    """Every wish that was understood is solved, waits its turn, or is named to a person."""
    sure = {w.value for w in reading.wishes if w.probability >= POLICY.intent_from}
    if not decision.also:
        return
    chosen = {decision.subject, *(further.subject for further in decision.also)}
    named = {further.wish for further in decision.also}
    for wish in sure:
        solved = {FLOWS.get(wish, ""), f"q{INTENTS.index(wish)}"} & chosen
        assert solved or wish in named


def check_weighing(decision: Decision) -> None:
    assert decision.reasons
    assert all(0 <= a.score <= 1 and a.rejected_because for a in decision.alternatives)
    if decision.kind != "stay_silent":
        weighed = {a.kind for a in decision.alternatives} | {decision.kind}
        assert weighed >= {"ask", "hand_over"}


def check_obeys_nobody(reading: Reading, decision: Decision, situation: Situation) -> None:
    """A text that commands the assistant is read like any other."""
    commanding = replace(
        reading,
        signals=(*(s for s in reading.signals if s.value != "commands_assistant"), Finding("commands_assistant", 0.99)),
    )
    assert decide(commanding, situation, POLICY) == decision


def check_questions(book: Book) -> None:
    """At most one clarifying question in a row, and two in a conversation."""
    replies = [e for e in book.entries if e.decision]
    clarifying = [e.decision == "ask" and e.reason in CLARIFYING for e in replies]
    assert sum(clarifying) <= 2
    assert not any(one and two for one, two in pairwise(clarifying))


def check_quotes(book: Book) -> None:
    quoted = [p for e in book.entries for p in e.passages]
    assert len(quoted) == len(set(quoted))
