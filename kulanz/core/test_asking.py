"""What the customer may choose from, and what their choice, a no or a thank you does to a flow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from kulanz.core.decision import OpenFlow, Situation, Start, decide
from kulanz.core.knowledge import Passage
from kulanz.core.policy import policy_from_dict
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.core.timeline import Entry, Timeline

POLICY = policy_from_dict(yaml.safe_load((Path(__file__).parents[1] / "decision" / "policy.yaml").read_text()), "test")
NUMBER = Entity("order_number", "ML-10234", 0.99, Evidence("ML-10234", 0, 8))
STARTS = {
    "order_status": Start("Wo ist meine Bestellung?", frozenset({"order_number"})),
    "cancel_order": Start("Bestellung stornieren", frozenset({"order_number"})),
    "password_help": Start("Passwort vergessen", frozenset()),
}
SHOP = Situation(Timeline(()), "assistant", {name: name for name in STARTS}, starts=STARTS)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
CHOOSE = Timeline((Entry("1", 2, "assistant", "Was davon?", NOW, decision="ask", reason="ambiguous"),))
WAITS = OpenFlow("cancel_order", "slot", fits=False, asked=1)


def said(text: str, *intents: tuple[str, float], sure: bool = False, **changes: object) -> Reading:
    fields: dict[str, object] = {
        "text": text,
        "language": Finding("de", 1.0),
        "intents": tuple(Finding(*intent) for intent in intents),
        "none_of_them": 0.9,
        "rejected": not sure,
        "entities": (),
        "emotion": Finding("neutral", 0.9),
        "urgency": Finding("normal", 0.9),
    }
    return Reading(**{**fields, **changes})  # type: ignore[arg-type]


def passage(name: str, title: str, confidence: float) -> Passage:
    return Passage(name, "a", title, "t", "q", "de", confidence, confidence)


def test_a_number_with_few_words_is_about_the_likeliest_flow_that_asks_for_it() -> None:
    little = said("und ML-10234?", ("order_status", 0.8), entities=(NUMBER,))
    assert decide(little, SHOP, POLICY).subject == "order_status"
    assert decide(replace(little, entities=()), SHOP, POLICY).subject == "unclear"
    other = replace(little, intents=(Finding("password_help", 0.8),))
    assert decide(other, SHOP, POLICY).kind == "ask"
    assert decide(little, replace(SHOP, open_flow=WAITS), POLICY).subject != "order_status"


def test_where_several_flows_may_be_meant_they_are_offered_and_the_choice_begins_one() -> None:
    vague = said("ML-10234 bitte", ("cancel_order", 0.3), ("order_status", 0.25), entities=(NUMBER,))
    offered = decide(vague, SHOP, POLICY)
    assert (offered.subject, offered.suggestions) == (
        "ambiguous",
        ("Bestellung stornieren", "Wo ist meine Bestellung?"),
    )
    choice = decide(said("Bestellung stornieren"), replace(SHOP, timeline=CHOOSE), POLICY)
    assert (choice.kind, choice.subject) == ("act", "cancel_order")
    assert decide(said("Bestellung stornieren"), SHOP, POLICY).kind == "ask"  # nothing was offered


def test_a_chosen_article_is_shown_even_where_a_flow_could_do_something() -> None:
    articles = (passage("p1", "Versand", 0.3), passage("p2", "Kann ich stornieren?", 0.2))
    case = replace(SHOP, timeline=CHOOSE, passages=articles)
    choice = said("kann ich stornieren", ("cancel_order", 0.95), sure=True)
    assert decide(choice, case, POLICY).subject == "p2"
    assert decide(choice, replace(case, timeline=Timeline(())), POLICY).subject == "cancel_order"


def test_who_thanks_for_an_answer_in_between_is_not_asked_again() -> None:
    thanks = said("Super, danke!", signals=(Finding("thanks", 0.95),))
    decision = decide(thanks, replace(SHOP, open_flow=replace(WAITS, asked=2)), POLICY)
    assert (decision.kind, decision.subject) == ("answer", "thanks")


def test_without_what_a_flow_asks_for_the_closest_articles_are_offered_once_then_a_person() -> None:
    nothing = said("Weiß ich nicht")
    flow = replace(SHOP, open_flow=replace(WAITS, unknowing=True), passages=(passage("p1", "Versand", 0.1),))
    first = decide(nothing, flow, POLICY)
    assert (first.subject, first.suggestions, first.offers_person) == ("without_it", ("Versand",), True)
    codes = ("closest_articles", "offers_person")
    entry = Entry("1", 2, "assistant", "…", NOW, decision="ask", reason=codes[0], reasons=codes)
    assert decide(nothing, replace(flow, timeline=Timeline((entry,))), POLICY).kind == "hand_over"


def test_a_no_with_another_wish_declines_and_then_takes_up_the_wish() -> None:
    no = said("Nein, wo ist ML-10234?", ("order_status", 0.9), sure=True, entities=(NUMBER,))
    no = replace(no, signals=(Finding("denies", 0.9),))
    confirm = replace(SHOP, open_flow=OpenFlow("cancel_order", "confirm", fits=True, asked=1))
    decision = decide(no, confirm, POLICY)
    assert (decision.kind, decision.subject) == ("act", "cancel_order")
    assert [(also.kind, also.subject, also.known) for also in decision.also] == [
        ("act", "order_status", (("order_number", "ML-10234"),))
    ]
    yes = replace(no, signals=(Finding("affirms", 0.9),))
    assert decide(yes, confirm, POLICY).also == ()


def test_who_said_no_to_a_flow_and_asks_again_gets_the_article() -> None:
    again = said("Wie storniere ich?", ("cancel_order", 0.9), sure=True)
    article = replace(SHOP, passages=(passage("p1", "Stornieren", 0.8),))
    assert decide(again, article, POLICY).subject == "cancel_order"
    assert decide(again, replace(article, declined=frozenset({"cancel_order"})), POLICY).subject == "p1"
