"""The rules that always hold, on any conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.decision import OpenFlow, Situation, decide
from kulanz.core.knowledge import Passage
from kulanz.core.message import Author
from kulanz.core.policy import policy_from_dict
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.core.timeline import Entry, Timeline, count_tries

POLICY = policy_from_dict(yaml.safe_load((Path(__file__).parents[1] / "decision" / "policy.yaml").read_text()), "test")
NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
SIGNALS = ["wants_person", "affirms", "denies", "thanks", "says_bye", "greets", "not_helped", "stops"]
probability = st.floats(0, 1)


def finding(values: list[str]) -> st.SearchStrategy[Finding]:
    return st.builds(Finding, st.sampled_from(values), probability)


readings = st.builds(
    Reading,
    text=st.sampled_from(["Wo ist mein Paket?", "hm", "mein Anwalt", "Danke"]),
    language=finding(["de", "en"]),
    intents=st.lists(finding(["order_status", "complaint", "other"]), max_size=3).map(tuple),
    none_of_them=probability,
    rejected=st.booleans(),
    entities=st.just(()),
    emotion=finding(["frustrated", "neutral", "pleased"]),
    urgency=finding(["normal", "high"]),
    signals=st.lists(finding(SIGNALS), max_size=2, unique_by=lambda f: f.value).map(tuple),
)
passages = st.lists(
    st.builds(
        Passage,
        passage_id=st.sampled_from(["p1", "p2", "p3"]),
        article_id=st.just("a"),
        title=st.sampled_from(["A", "B"]),
        text=st.just("t"),
        quote=st.just("q"),
        language=st.just("de"),
        confidence=probability,
        score=probability,
    ),
    max_size=3,
    unique_by=lambda p: p.passage_id,
).map(lambda found: tuple(sorted(found, key=lambda p: -p.confidence)))


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    entries = []
    for number in range(draw(st.integers(0, 6))):
        if number % 2 == 0:
            reading = draw(readings)
            entries.append(Entry(str(number), number + 1, "customer", reading.text, NOW, reading=reading))
            continue
        kind, reason = draw(st.sampled_from([("answer", "passage"), ("ask", "unclear"), ("ask", "ambiguous")]))
        quoted = (draw(st.sampled_from(["p1", "p2"])),) if kind == "answer" else ()
        entries.append(
            Entry(str(number), number + 1, "assistant", "…", NOW, decision=kind, reason=reason, passages=quoted)
        )
    return Timeline(tuple(entries), answered=len(entries))


situations = st.builds(
    Situation,
    timeline=timelines(),
    holder=st.sampled_from(["assistant", "waiting", "agent", "resolved"]),
    flows=st.just({"order_status": "order_status"}),
    open_flow=st.none()
    | st.builds(
        OpenFlow,
        name=st.just("cancel"),
        awaits=st.sampled_from(["slot", "confirm"]),
        fits=st.booleans(),
        asked=st.integers(1, 3),
    ),
    passages=passages,
)


@given(readings, situations)
def test_silence_is_for_agents_for_whoever_waits_and_for_thanks_after_the_end(
    reading: Reading, situation: Situation
) -> None:
    decision = decide(reading, situation, POLICY)
    if situation.holder == "resolved":
        courtesy = any(reading.signal(name) for name in ("thanks", "says_bye", "affirms"))
        assert (decision.kind == "stay_silent") <= (courtesy and reading.intent is None and "?" not in reading.text)
    else:
        assert (decision.kind == "stay_silent") == (situation.holder in {"agent", "waiting"})


@given(readings, situations)
def test_the_wish_for_a_person_is_granted_in_the_same_turn(reading: Reading, situation: Situation) -> None:
    if situation.holder in {"assistant", "resolved"} and reading.signal("wants_person"):
        assert decide(reading, situation, POLICY).kind == "hand_over"


@given(readings, situations)
def test_no_passage_is_quoted_twice_and_none_below_the_threshold(reading: Reading, situation: Situation) -> None:
    decision = decide(reading, situation, POLICY)
    chosen = next((p for p in situation.passages if p.passage_id == decision.subject), None)
    if decision.kind == "answer" and chosen:
        assert chosen.confidence >= POLICY.answer_from
        assert chosen.passage_id not in situation.timeline.quoted


@given(readings, situations)
def test_never_two_clarifying_questions_in_a_row(reading: Reading, situation: Situation) -> None:
    replies = [e for e in situation.timeline.entries if e.author == "assistant"]
    asked = bool(replies) and replies[-1].decision == "ask"
    decision = decide(reading, situation, POLICY)
    if asked and situation.open_flow is None:
        assert not (decision.kind == "ask" and decision.subject in {"unclear", "ambiguous"})


@given(readings, situations)
def test_every_decision_says_why_and_repeats(reading: Reading, situation: Situation) -> None:
    decision = decide(reading, situation, POLICY)
    assert decision.reasons
    assert decision == decide(reading, situation, POLICY)
    assert decision.policy_version == "test"


def reading_of(text: str, **changes: object) -> Reading:
    fields: dict[str, object] = {
        "text": text,
        "language": Finding("de", 1.0),
        "intents": (),
        "none_of_them": 0.9,
        "rejected": True,
        "entities": (),
        "emotion": Finding("neutral", 0.9),
        "urgency": Finding("normal", 0.9),
    }
    return Reading(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_lawyer_is_for_people() -> None:
    law = Finding("law", 0.9, (Evidence("Anwalt", 19, 25),))
    reading = reading_of("Ich schalte meinen Anwalt ein", risks=(law,))
    decision = decide(reading, Situation(Timeline(()), "assistant"), POLICY)
    assert (decision.kind, decision.subject) == ("hand_over", "sensitive")
    assert decision.reasons[0].evidence[0].text == "Anwalt"


def test_an_angry_sentence_with_a_matter_we_solve_is_solved() -> None:
    angry = {"emotion": Finding("frustrated", 0.95)}
    matter = {"intents": (Finding("order_status", 0.9),), "rejected": False}
    situation = Situation(Timeline(()), "assistant", {"order_status": "order_status"})
    assert decide(reading_of("WO IST MEIN PAKET", **angry, **matter), situation, POLICY).kind == "act"
    assert decide(reading_of("So ein Mist", **angry), situation, POLICY).kind == "hand_over"


def test_someone_unsure_is_asked_once_then_gets_a_person() -> None:
    first = decide(reading_of("bla"), Situation(Timeline(()), "assistant"), POLICY)
    asked = Entry("1", 2, "assistant", "Wie bitte?", NOW, decision="ask", reason="unclear")
    second = decide(reading_of("blub"), Situation(Timeline((asked,)), "assistant"), POLICY)
    assert (first.kind, second.kind) == ("ask", "hand_over")


OPEN = Situation(Timeline(()), "assistant", {"order_status": "order_status", "cancel_order": "cancel_order"})
WAITING_YES = OpenFlow("cancel_order", "confirm", fits=True, asked=1, amount=800.0)


def wish(intent: str, probability: float = 0.9) -> dict[str, object]:
    return {"intents": (Finding(intent, probability),), "rejected": False}


def test_a_yes_to_too_much_money_goes_to_a_person_and_a_no_does_not() -> None:
    situation = replace(OPEN, open_flow=WAITING_YES)
    yes = decide(reading_of("ja", signals=(Finding("affirms", 0.97),)), situation, POLICY)
    no = decide(reading_of("nein", signals=(Finding("denies", 0.97),)), situation, POLICY)
    small = replace(OPEN, open_flow=replace(WAITING_YES, amount=80.0))
    assert (yes.kind, yes.subject) == ("hand_over", "above_limit")
    assert (no.kind, no.subject) == ("act", "cancel_order")
    assert decide(reading_of("ja", signals=(Finding("affirms", 0.97),)), small, POLICY).kind == "act"


def test_a_hesitant_yes_is_asked_plainly_once() -> None:
    hesitant = reading_of("ja, oder?", signals=(Finding("affirms", 0.9), Finding("hesitates", 0.9)))
    flow = replace(WAITING_YES, amount=None)
    first = decide(hesitant, replace(OPEN, open_flow=flow), POLICY)
    second = decide(hesitant, replace(OPEN, open_flow=replace(flow, asked=2)), POLICY)
    assert (first.kind, first.subject, second.kind) == ("ask", "confirm_plainly", "act")


def test_a_hesitant_yes_with_no_question_left_goes_to_a_person() -> None:
    hesitant = reading_of("ja, oder?", signals=(Finding("affirms", 0.9), Finding("hesitates", 0.9)))
    asked = [Entry(str(n), 2 * n, "assistant", "Wie bitte?", NOW, decision="ask", reason="unclear") for n in (1, 3)]
    told = Entry("2", 4, "assistant", "So ist es.", NOW, decision="answer", reason="passage")
    situation = replace(
        OPEN, timeline=Timeline((asked[0], told, asked[1])), open_flow=replace(WAITING_YES, amount=None)
    )
    decision = decide(hesitant, situation, POLICY)
    assert (decision.kind, decision.reasons[0].code) == ("hand_over", "hesitates")


def test_where_the_assistant_may_only_answer_it_does_not_act() -> None:
    reading = reading_of("Bitte stornieren und alle meine Daten löschen", **wish("cancel_order"))
    alone = decide(reading, OPEN, POLICY)
    answered = decide(reading, replace(OPEN, passages=(found("p1", 0.8),)), POLICY)
    assert (alone.kind, alone.subject, alone.reasons[0].detail) == ("hand_over", "act_for_people", "privacy")
    assert answered.kind == "answer"
    assert any(a.rejected_because == "not_allowed" for a in answered.alternatives)


def found(name: str, confidence: float) -> Passage:
    return Passage(name, "a", "Versand", "t", "q", "de", confidence, confidence)


def test_who_asks_for_the_terms_gets_the_article_and_who_names_an_order_the_flow() -> None:
    asks = (Finding("asks_terms", 0.9),)
    article = replace(OPEN, passages=(found("p1", 0.8),))
    question = reading_of("Bis wann kann man stornieren?", signals=asks, **wish("cancel_order"))
    number = Entity("order_number", "ML-10234", 0.99, Evidence("ML-10234", 8, 16))
    assert decide(question, article, POLICY).kind == "answer"
    assert decide(question, OPEN, POLICY).kind == "act"  # nothing to answer with
    assert decide(replace(question, entities=(number,)), article, POLICY).kind == "act"


def test_who_does_not_know_what_a_flow_asks_for_stays_in_it_and_then_gets_the_closest_article() -> None:
    """ "No idea, where is that?" names another wish only to the ear."""
    flow = OpenFlow("cancel_order", "slot", fits=False, asked=1, unknowing=True)
    nothing = reading_of("Keine Ahnung, wo steht das?", **wish("order_status"))
    first = decide(nothing, replace(OPEN, open_flow=flow), POLICY)
    unsure = replace(OPEN, open_flow=replace(flow, asked=2), passages=(found("p1", 0.3),))
    second = decide(nothing, unsure, POLICY)
    assert (first.kind, first.subject) == ("ask", "flow_again")
    assert (second.kind, second.subject, second.offers_person) == ("answer", "p1", True)
    assert decide(nothing, replace(unsure, passages=()), POLICY).kind == "hand_over"
    knowing = replace(OPEN, open_flow=replace(flow, unknowing=False))
    assert decide(nothing, knowing, POLICY).subject == "order_status"


def test_outside_the_hours_the_closest_article_comes_before_a_person() -> None:
    asked = Entry("1", 2, "assistant", "Wie bitte?", NOW, decision="ask", reason="unclear")
    day = replace(OPEN, timeline=Timeline((asked,)), passages=(found("p1", 0.3),))
    night = decide(reading_of("hm, Versand"), replace(day, people_available=False, available_from=NOW), POLICY)
    assert decide(reading_of("hm, Versand"), day, POLICY).kind == "hand_over"
    assert (night.kind, night.subject, night.offers_person) == ("answer", "p1", True)


def test_a_sarcastic_thank_you_is_no_thanks_and_no_success() -> None:
    said = ("thanks", "confirms_success", "sarcastic")
    mocking = reading_of("Na super, danke auch", signals=tuple(Finding(name, 0.9) for name in said))
    decision = decide(mocking, OPEN, POLICY)
    assert decision.subject not in {"thanks", "confirms_success"}
    assert decision.tone == "calm"


def test_a_threat_to_leave_brings_the_solution_with_an_offer_or_a_person() -> None:
    leaving = (Finding("threatens_to_leave", 0.9),)
    solvable = decide(reading_of("Wo ist es? Sonst bin ich weg", signals=leaving, **wish("order_status")), OPEN, POLICY)
    bare = decide(reading_of("Ich bin weg", signals=leaving), OPEN, POLICY)
    assert (solvable.kind, solvable.offers_person) == ("act", True)
    assert bare.kind == "hand_over"


def test_two_wishes_a_flow_and_an_answer() -> None:
    wishes = (Finding("order_status", 0.9), Finding("shipping_cost", 0.8))
    reading = reading_of("Wo ist es, was kostet Versand?", intents=wishes, wishes=wishes, rejected=False)
    decision = decide(reading, replace(OPEN, wish_passages={"shipping_cost": (found("p1", 0.9),)}), POLICY)
    assert (decision.kind, decision.subject) == ("act", "order_status")
    assert [(a.kind, a.subject, a.wish) for a in decision.also] == [("answer", "p1", "shipping_cost")]
    nobody_knows = decide(reading, OPEN, POLICY)
    assert [(a.kind, a.wish) for a in nobody_knows.also] == [("hand_over", "shipping_cost")]


def test_the_same_words_again_after_an_answer_are_a_failed_try() -> None:
    def entry(number: int, author: Author, text: str, **fields: object) -> Entry:
        return Entry(str(number), number, author, text, NOW, **fields)  # type: ignore[arg-type]

    answered = {"decision": "answer", "reason": "passage"}
    again = (
        entry(1, "customer", "Was kostet der Versand?"),
        entry(2, "assistant", "4,90 EUR", **answered),
        entry(3, "customer", "was kostet der versand"),
        entry(4, "assistant", "Ab 50 EUR nichts", **answered),
        entry(5, "customer", "Was kostet der Versand???"),
    )
    situation = replace(OPEN, timeline=Timeline(again, answered=4), passages=(found("p1", 0.9),))
    assert decide(reading_of("Was kostet der Versand???"), situation, POLICY).subject == "failed_tries"
    assert count_tries(Timeline(again[:3])).failed == 1


def after_the_end(reading: Reading, *, asked: bool) -> tuple[str, str]:
    """What becomes of a message to a resolved conversation; `asked`: an agent has just asked whether it is solved."""
    last = Entry("1", 2, "system" if asked else "assistant", "…", NOW)
    decision = decide(reading, replace(OPEN, holder="resolved", timeline=Timeline((last,))), POLICY)
    return decision.kind, decision.subject


def test_a_resolved_conversation_hears_thanks_in_silence_and_a_yes_or_no_as_the_answer() -> None:
    def saying(text: str, *names: str, **changes: object) -> Reading:
        return reading_of(text, signals=tuple(Finding(name, 0.95) for name in names), **changes)

    thanks, yes, no = saying("Danke", "thanks"), saying("Ja", "affirms"), saying("Nein", "denies")
    assert after_the_end(thanks, asked=True) == after_the_end(thanks, asked=False) == ("stay_silent", "resolved")
    assert after_the_end(yes, asked=True) == ("answer", "confirms_success")
    assert after_the_end(no, asked=True) == ("hand_over", "not_solved")
    assert after_the_end(yes, asked=False) == ("stay_silent", "resolved")
    assert (
        after_the_end(saying("Danke, und wo ist mein Paket", "thanks", **wish("order_status")), asked=True)[0] == "act"
    )
    for more in (saying("Danke, wirklich?", "thanks"), saying("Danke, hilft nicht", "thanks", "not_helped")):
        assert after_the_end(more, asked=True)[0] != "stay_silent"
