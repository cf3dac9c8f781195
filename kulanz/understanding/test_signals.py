from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kulanz.understanding.signals import find_signals

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
        ("I want to complain", {"complains"}),
        ("Wo ist meine Bestellung?", set()),
    ],
)
def test_what_a_message_does(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@given(
    st.lists(st.one_of(st.sampled_from(["ja ", "mensch ", "Danke! ", "\n", "will nicht "]), st.text(max_size=6))).map(
        "".join
    )
)
def test_evidence_is_exact(text: str) -> None:
    for signal in find_signals(text):
        for words in signal.evidence:
            assert text[words.start : words.end] == words.text


@pytest.mark.parametrize(
    "piece", ["ja ", "gerne ", "ich will ", "human ", "mit ", "habe ", "no ", "bitte ja ", ", ", "👍"]
)
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()
    find_signals(piece * (100_000 // len(piece)) + "x")
    assert time.process_time() - start < 1
