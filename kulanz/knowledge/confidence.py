"""How likely a found passage answers the question: logistic regression on what speaks for it (Platt, 1999)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kulanz.knowledge.candidates import Candidate

BACKGROUND = 8
"""How many of the next passages say what an ordinary score for this question is."""
ORDINARY = 0.34
"""The score of a passage that has nothing to do with the question, as measured in collections of some hundred. It
stands in for passages that a small collection does not have: there the best of three articles is no answer because the
two others are even further away."""


class Features(NamedTuple):
    """What the chance rests on. All are about 0 to 1; `margin` is negative for all passages but the first."""

    meaning: float
    lexical: float
    covered: float
    margin: float
    above_background: float
    across: float
    length: float


INTERCEPT = -5.612
WEIGHTS = Features(
    meaning=4.304, lexical=-0.600, covered=1.150, margin=8.759, above_background=7.029, across=0.718, length=1.895
)
"""Fitted by `python -m kulanz.knowledge.calibrate`, which also prints how well they hold on other questions."""


def features(question: str, ranked: Sequence[tuple[Candidate, float]], index: int, language: str) -> Features:
    """The features of the passage at `index` of `ranked` (best first, with scores)."""
    candidate, score = ranked[index]
    others = [other for position, (_, other) in enumerate(ranked) if position != index]
    background = sorted([*others, *[ORDINARY] * BACKGROUND], reverse=True)[:BACKGROUND]
    return Features(
        meaning=candidate.meaning,
        lexical=candidate.lexical,
        covered=candidate.covered,
        margin=max(-0.5, min(0.5, score - background[0])),
        above_background=max(-0.5, min(0.5, score - sum(background) / BACKGROUND)),
        across=float(candidate.language != language),
        length=math.log1p(min(60, len(question.split()))) / 4,
    )


def chance_of(found: Features) -> float:
    """The calibrated chance, 0 to 1."""
    total = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, found, strict=True))
    return round(1 / (1 + math.exp(-total)), 4)


def confidences(question: str, ranked: Sequence[tuple[Candidate, float]], language: str, limit: int) -> list[float]:
    """The chance that each of the first `limit` passages answers the question: never rising
    with the rank, and 0 for an article without text of its own: a title can be found, but it answers nothing."""
    chances: list[float] = []
    highest = 1.0
    for index in range(min(limit, len(ranked))):
        candidate = ranked[index][0]
        if candidate.text == candidate.title:
            chances.append(0.0)
            continue
        highest = min(highest, chance_of(features(question, ranked, index, language)))
        chances.append(highest)
    return chances
