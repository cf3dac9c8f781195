"""Matters that belong to people: found in any wording, and not where it is a figure of speech."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from kulanz.nlp.vector import LazyVector
from kulanz.understanding.risks import NO_RISK, read_risks

DEV = Path(__file__).with_name("testdata") / "risks.dev.jsonl"
CAREFUL = {
    "self_harm": [
        "Ich will nicht mehr leben",
        "ich möchte nicht mehr leben.",
        "moechte nicht mehr weiterleben",
        "Wenn das so weitergeht, bringe ich mich um... ich bring mich um",
        "Ich denke an Suizid",
        "Ich denke an Selbstmord",
        "ich will mich umbringen",
        "manchmal denke ich daran, mich zu töten",
        "dann will ich mich nur noch toeten",
        "ich werde mir etwas antun",
        "ich möchte einfach sterben",
        "bin lebensmuede",
        "I want to kill myself",
        "I don't want to live anymore",
        "I do not want to live any more, nobody helps",
        "I no longer want to be alive",
        "I am thinking of ending it all",
        "I'm feeling suicidal",
        "I want to die",
        "i am going to hurt myself",
    ],
    "death": [
        "Mein Vater ist gestorben",
        "Die Kundin ist am Montag verstorben",
        "Wegen eines Todesfalls kündigen wir",
        "Meine Frau ist leider tot",
        "Ich habe die Sterbeurkunde",
        "Er ist verstorben, bitte das Konto schließen",
        "My husband passed away last week",
        "my mother died in March",
        "The account holder is deceased",
        "Due to a bereavement we need to cancel",
        "There was a death in the family",
        "This was my late husband's order",
    ],
    "health": [
        "Ich habe mich am Griff verbrannt",
        "Mein Kind hat sich die Hand verbrannt",
        "ich habe mich verletzt",
        "Durch den Dampf habe ich mich verbrueht",
        "Meine Frau liegt im Krankenhaus wegen des Mixers",
        "Ich habe einen Stromschlag bekommen",
        "Vom Toaster kam ein elektrischer Schlag",
        "allergische Reaktion nach dem Kaffee",
        "Finger tief geschnitten und hat stark geblutet",
        "Der Akku ist explodiert",
        "Die Maschine hat Feuer gefangen",
        "I burnt my hand on the kettle",
        "The blade cut my finger",
        "My daughter was injured by the lid",
        "I got an electric shock",
        "we had to go to the hospital",
        "The battery exploded",
        "it caught fire",
        "I had an allergic reaction",
        "I scalded my left arm",
    ],
    "threats": [
        "Ich lege euch eine Bombe",
        "Ich schicke euch eine Bombe",
        "Das ist eine Bombendrohung",
        "Ich bring euch um",
        "Ich bringe Sie um!",
        "Ich zünde euren Laden an",
        "ich zuende euer Büro an",
        "Ich weiß, wo ihr wohnt",
        "ich weiss wo Sie arbeiten",
        "I will kill you",
        "I'm going to shoot someone there",
        "I'll burn your office down",
        "I know where you live",
        "I will plant a bomb in your shop",
        "this is a bomb threat",
    ],
    "law": [
        "Ich schalte meinen Anwalt ein",
        "Sie hören von meiner Anwältin",
        "von meinem Rechtsanwalt",
        "Anwaelte sind informiert",
        "Ich verklage euch",
        "dann reiche ich eine Klage ein",
        "Wir sehen uns vor Gericht",
        "Ich erstatte Anzeige bei der Polizei",
        "ich gehe zur Verbraucherzentrale",
        "Ich verlange Schadensersatz",
        "rechtliche Schritte",
        "Mahnbescheid beantragt",
        "My lawyer will contact you",
        "I will sue you",
        "I'll take you to court",
        "I am taking legal action",
        "see you in court",
        "I will go to trading standards",
        "this goes to the ombudsman",
    ],
    "fraud": [
        "Das ist Betrug!",
        "Meine Kreditkarte wurde gestohlen",
        "mein Konto wurde gehackt",
        "Betrüger",
        "Mein Handy wurde geklaut",
        "My card has been stolen",
        "Someone used my account",
        "this is fraud",
        "There is an unauthorised payment",
        "my account was hacked",
    ],
}
HARMLESS = [
    "Do you sell a net for a tennis court?",
    "Is the court shoe in stock?",
    "Ich möchte eine Beschwerde einreichen",
    "Do you have bath bombs?",
    "A bomb of flavour, great coffee",
    "The coffee tastes burnt",
    "burnt coffee taste",
    "Der Kaffee schmeckt verbrannt",
    "Mir ist die Milch angebrannt",
    "Ein leckeres Gericht mit der Pfanne",
    "Welche Pfanne passt zu diesem Gericht?",
    "Der Versand betrug 4,90 Euro",
    "Der Preis betrug nur 20 Euro",
    "Das verletzt den Datenschutz",
    "hurt my feelings",
    "Meine Kaffeemaschine ist gestorben",
    "Der Akku ist nach zwei Tagen gestorben",
    "My machine died after a week",
    "the battery of my grinder died",
    "Der Laden ist für mich gestorben",
    "Liefern Sie auch ins Krankenhaus?",
    "I work at a hospital, can you deliver there?",
    "Ich suche ein Geschenk für meinen Anwalt",
    "a gift for my lawyer",
    "Suicide Squad poster",
    "Das bringt mich noch auf die Palme",
    "Kein Grund zur Klage, alles super",
    "Ich will nicht mehr in Berlin beliefert werden",
    "I don't want to live in Berlin and still get deliveries there",
    "Ich kann nicht ohne diesen Kaffee leben",
    "Bitte bringen Sie das Paket um 12 Uhr",
    "Die Preise sind explodiert",
    "prices have exploded",
    "I could kill for a coffee",
    "It killed my plans",
    "cut my order in half please",
    "Please cut my subscription to once a month",
    "Preisnachlass",
    "Storniert bitte die Bestellung",
    "Ich möchte mich beschweren",
    "Das ist bombig verpackt",
    "Die Bombe ist geplatzt: es ist die falsche Farbe",
    "Wo ist mein Paket?",
    "Where is my parcel?",
    "the deadline is Friday",
    "Dead on arrival: the grinder does not start",
    "bring sie um die Ecke zum Nachbarn",
    "Ich ärgere mich zu Tode",
    "add insult to injury",
    "Das bringt nichts",
    "mein Paket wurde gestohlen gemeldet? nein, es fehlt nur",
    "Kann ich meinen Account löschen?",
]


@pytest.mark.parametrize(("risk", "text"), [(risk, text) for risk, texts in CAREFUL.items() for text in texts])
def test_matters_for_people_are_found_with_their_words(risk: str, text: str) -> None:
    for wording in (text, f"Hallo,\n{text}\nGruß"):
        found = {finding.value: finding for finding in read_risks(wording, LazyVector(wording))}
        assert risk in found, wording
        words = found[risk].evidence[0]
        assert wording[words.start : words.end] == words.text


@pytest.mark.parametrize("text", HARMLESS)
def test_figures_of_speech_raise_no_alarm(text: str) -> None:
    assert read_risks(text, LazyVector(text)) == ()


def test_wordings_that_nobody_thought_of() -> None:
    """A floor under what docs/measurements.md reports of these rows, which nothing was taught or tuned with."""
    rows = [json.loads(line) for line in DEV.read_text("utf-8").splitlines()]
    found, total, alarms = Counter[str](), Counter[str](), 0
    for row in rows:
        said = {finding.value for finding in read_risks(row["text"], LazyVector(row["text"]))}
        total[row["risk"]] += 1
        found[row["risk"]] += row["risk"] in said
        alarms += row["risk"] == NO_RISK and bool(said)
    risky = sum(count for risk, count in total.items() if risk != NO_RISK)
    assert sum(found.values()) / risky > 0.55
    assert alarms / total[NO_RISK] < 0.06


def test_nothing_written_is_no_risk() -> None:
    assert read_risks("", LazyVector("")) == ()
    assert read_risks("…", LazyVector("…")) == ()
