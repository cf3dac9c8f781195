"""Drafts from agents' replies: what holds for everybody stays, what concerns one customer goes."""

from __future__ import annotations

import pytest

from kulanz.knowledge.drafting import Answered, best_replies, cleaned, drafted, title_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Guten Tag Frau Yilmaz, das tut mir leid. Die Suche dauert höchstens 5 Werktage. Viele Grüße, Mia",
         "Die Suche dauert höchstens 5 Werktage."),
        ("Hallo, hier ist Mia vom Serviceteam. Ihre Bestellung ML-10077 ist da. Sie haben 14 Tage Zeit.",
         "Sie haben 14 Tage Zeit."),
        ("Hi, I'm Tom from the service team. The label is free. Let me know if you have any other questions!",
         "The label is free."),
        ("Die Auskunft schicke ich an eda@example.org. Ihr Konto löschen wir innerhalb von 7 Tagen.",
         "Ihr Konto löschen wir innerhalb von 7 Tagen."),
        ("hallo der Ersatz geht morgen raus", "Der Ersatz geht morgen raus"),
        ("Rufen Sie Eda Yilmaz an: +49 30 1234567.", ""),
    ],
)  # fmt: skip
def test_greetings_names_and_numbers_go(said: str, kept: str) -> None:
    assert cleaned(Answered(said, ("Eda Yilmaz", "Mia Becker"))) == kept


def test_what_most_agents_say_comes_first_and_nothing_twice() -> None:
    replies = [
        "Der Akku hält etwa sechs Stunden.",
        "Die Rücksendung ist kostenlos, das Etikett kommt per E-Mail.",
        "Hallo! Die Rücksendung ist kostenlos und das Etikett kommt per E-Mail zu Ihnen.",
        "Guten Tag, das Etikett für die kostenlose Rücksendung kommt per E-Mail.",
    ]
    best = best_replies(Answered(text) for text in replies)
    assert "Etikett" in best[0]
    assert [text for text in best if "Akku" in text] == ["Der Akku hält etwa sechs Stunden."]
    assert sum("Etikett" in text for text in best) == 1


def test_the_title_is_a_question_without_anybody() -> None:
    examples = [
        Answered("Guten Tag, für ML-10077 wurde doppelt abgebucht. Bekomme ich das zurück? Gruß, Eda", ("Eda Yilmaz",)),
        Answered("Hallo. Warum wurde zweimal abgebucht?"),
    ]
    assert title_of(examples) == "Warum wurde zweimal abgebucht?"
    assert title_of(examples[:1]) == "Für … wurde doppelt abgebucht. Bekomme ich das zurück?"
    asides = "Ich fand einen Riss (Handmixer, ML-10077). Ist das bei ML-10077. Bestellung war die, ML-10077."
    assert title_of([Answered(asides)]) == "Ich fand einen Riss (Handmixer). Ist das bei … Bestellung war die."
    assert title_of([Answered("Hi!")]) == ""


def test_without_replies_there_is_a_title_alone() -> None:
    draft = drafted([Answered("Kann ich die Mühle mieten?")], [Answered("Gern geschehen!")])
    assert (draft.title, draft.body) == ("Kann ich die Mühle mieten?", "")
