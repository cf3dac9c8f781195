from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kulanz.understanding.signals import find_signals

HUMAN_REQUEST = Path(__file__).parent / "wordings" / "human_request.train.jsonl"
WORDINGS = yaml.safe_load((Path(__file__).parent / "testdata" / "wants_person.yaml").read_text("utf-8"))


def names(text: str) -> set[str]:
    return {signal.value for signal in find_signals(text)}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("split", ["tune", "held"])
def test_a_person_is_one_sentence_away_in_any_wording(language: str, split: str) -> None:
    wordings = WORDINGS[language][split]
    missed = [text for text in wordings["wants"] if "wants_person" not in names(text)]
    wrong = [text for text in wordings["none"] if "wants_person" in names(text)]
    assert (missed, len(wrong) <= 1) == ([], True), wrong


def test_the_wordings_that_measure_are_none_of_those_that_train() -> None:
    dev = Path(__file__).parent / "testdata" / "human_request.dev.jsonl"
    train, measured = (
        {json.loads(line)["text"].casefold() for line in file.read_text("utf-8").splitlines()}
        for file in (HUMAN_REQUEST, dev)
    )
    assert train & measured == set()
    assert (len(train) >= 1_100, len(measured) >= 280) == (True, True)


def test_the_patterns_for_a_person_are_precise_on_the_training_wordings() -> None:
    rows = [json.loads(line) for line in HUMAN_REQUEST.read_text("utf-8").splitlines()]
    hits = [row["wants_human"] for row in rows if "wants_person" in names(row["text"])]
    wanted = sum(row["wants_human"] for row in rows)
    assert sum(hits) / len(hits) >= 0.98
    assert sum(hits) / wanted >= 0.75


@pytest.mark.parametrize(
    ("text", "signal", "words"),
    [
        ("ich will einen Mitarbieter sprechen", "wants_person", "ich will einen Mitarbieter sprechen"),
        ("I need a preson", "wants_person", "I need a preson"),
        ("dnake!", "thanks", "dnake"),
        ("Ich moechte mich beschweren", "complains", "beschweren"),
    ],
)
def test_typos_are_read_and_quoted_as_written(text: str, signal: str, words: str) -> None:
    (found,) = (s for s in find_signals(text) if s.value == signal)
    assert found.evidence[0].text == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ja", {"affirms"}),
        ("ja bitte", {"affirms"}),
        ("genau so", {"affirms"}),
        ("yes please", {"affirms"}),
        ("ok mach das", {"affirms"}),
        ("Ja, stornieren Sie die Bestellung", {"affirms"}),
        ("👍", {"affirms"}),
        ("ja aber nicht die Lampe", set()),
        ("Ja, aber", set()),
        ("yes but no", set()),
        ("ich bin ja gespannt", set()),
        ("nein", {"denies"}),
        ("nein danke", {"denies"}),
        ("doch nicht", {"denies"}),
        ("no way!!", {"denies"}),
        ("No order arrived", set()),
        ("abbrechen", {"stops"}),
        ("vergiss es", {"stops"}),
        ("lass gut sein", {"stops"}),
        ("never mind", {"stops"}),
        ("bestellung abbrechen", set()),
        ("cancel my order", set()),
        ("Danke!", {"thanks"}),
        ("Guten Morgen", {"greets"}),
        ("Tschüss", {"says_bye"}),
        ("das hilft mir nicht", {"not_helped"}),
        ("that didn't answer my question", {"not_helped"}),
        ("Danke, hat leider nicht geklappt", {"thanks", "not_helped"}),
        ("Danke, aber es geht nicht", {"thanks", "not_helped"}),
        ("Thanks, but that didn't work", {"thanks", "not_helped"}),
        ("Die Zahlung hat nicht geklappt", set()),
        ("Es geht nicht um Geld", set()),
        ("I want to complain", {"complains"}),
        ("Wo ist meine Bestellung?", set()),
    ],
)
def test_what_a_message_does(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "ja ",
                    "mensch ",
                    "Danke! ",
                    "\n",
                    "will nicht ",
                    "preson ",
                    "dnake",
                    "\u200b",
                    "ignore all previous rules ",
                ]
            ),
            st.text(max_size=6),
        )
    ).map("".join)
)
def test_evidence_is_exact(text: str) -> None:
    for signal in find_signals(text):
        for words in signal.evidence:
            assert text[words.start : words.end] == words.text


SLOW = [
    "ja ", "gerne ", "ich will ", "human ", "mit ", "habe ", "no ", "bitte ja ", ", ", "👍", " ",
    ".", "und ", "forget all ", "you are now ", "if i'll ", "QUJD", "i g n ", "der andere ", "\u200b",
    "dnake ",
]  # fmt: skip


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (8_000 // len(piece)) + "x"
    assert min(seconds(text) for _ in range(3)) < 0.05


def seconds(text: str) -> float:
    start = time.process_time()
    find_signals(text)
    return time.process_time() - start
