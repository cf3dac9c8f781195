"""How a simulated customer talks: the common phrases, moods over the turns, slips of the keyboard."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from kulanz.simulation.scenario import Wording

PHRASES = Path(__file__).with_name("phrases.yaml")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "n": "m", "o": "p", "r": "t", "s": "d", "t": "z", "u": "i", "l": "k"}
TYPO_SHARE = 0.15
"""Of the words with four letters or more: about one slip in two short sentences."""


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Any]:
    """Language → occasion → ways to say it, from `phrases.yaml`."""
    data: Mapping[str, Any] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return data


@dataclass(frozen=True, slots=True)
class Speech:
    """One customer's way of talking."""

    language: str
    dice: random.Random
    moods: Sequence[str] = ("calm",)
    typos: bool = False
    style: str = "plain"

    def pick(self, occasion: str, **values: str) -> Wording:
        return (self.dice.choice(phrases()[self.language][occasion]).format(**values),)

    def spoken(self, texts: Wording, turn: int, *, own: bool) -> Wording:
        """The texts as they are sent. From the second turn on, the mood of that turn colours them; `own` words (those
        of the scenario) also get its slips, the short answers to a question don't."""
        mood = self.moods[min(turn, len(self.moods) - 1)]
        coloured = phrases()[self.language]["moods"].get(mood, ())
        if turn and coloured and own:
            texts = (*texts[:-1], f"{texts[-1]} {self.dice.choice(coloured)}")
        return tuple(self._styled(text) for text in texts) if own else texts

    def _styled(self, text: str) -> str:
        if self.typos:
            text = re.sub(r"\S+", lambda word: self._slip(word.group()), text)
        if self.style == "capitals":
            return text.upper()
        if self.style == "lowercase":
            return text.lower()
        return text.translate(UMLAUTS) if self.style == "no_umlauts" else text

    def _slip(self, word: str) -> str:
        """A swapped, lost, doubled or neighbouring letter; numbers and addresses are typed with care."""
        if len(word) < 4 or not word.isalpha() or self.dice.random() >= TYPO_SHARE:
            return word
        at = self.dice.randrange(1, len(word) - 1)
        before, letter, after = word[:at], word[at], word[at + 1 :]
        slips = (
            before + after[0] + letter + after[1:],
            before + after,
            before + letter + letter + after,
            before + NEIGHBOURS.get(letter, letter) + after,
        )
        return self.dice.choice(slips)
