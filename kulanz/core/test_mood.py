"""The course of the mood: clear turns are seen, noise is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kulanz.core.mood import VALENCE, Course, course, valence
from kulanz.core.reading import Finding, Reading


def said(emotion: str, probability: float = 0.9, *signals: str, sentiment: str = "neutral") -> Reading:
    return Reading(
        text="…",
        language=Finding("en", 1.0),
        intents=(),
        none_of_them=1.0,
        rejected=True,
        entities=(),
        emotion=Finding(emotion, probability),
        urgency=Finding("normal", 1.0),
        signals=tuple(Finding(signal, 0.95) for signal in signals),
        sentiment=Finding(sentiment, 0.9),
    )


@pytest.mark.parametrize(
    ("moods", "expected"),
    [
        ([], "steady"),
        ([said("frustrated")], "steady"),
        ([said("neutral"), said("frustrated")], "worse"),
        ([said("pleased"), said("disappointed")], "worse"),
        ([said("neutral"), said("neutral"), said("neutral", 0.9, "threatens_to_leave")], "worse"),
        ([said("neutral"), said("neutral", 0.9, "not_helped")], "steady"),  # a failed try, not a mood
        ([said("neutral"), said("disappointed", 0.9, "corrects")], "steady"),  # "sorry, I meant …"
        ([said("neutral"), said("pleased", 0.9, "sarcastic")], "worse"),
        ([said("pleased"), said("neutral")], "steady"),
        ([said("neutral"), said("worried", 0.6)], "steady"),
        ([said("neutral"), said("frustrated", 0.3)], "steady"),
        ([said("frustrated"), said("frustrated")], "steady"),
        ([said("frustrated"), said("neutral")], "better"),
        ([said("neutral"), said("pleased")], "better"),
        ([said("frustrated"), said("frustrated"), said("disappointed", 0.7)], "steady"),
    ],
)
def test_clear_turns_are_seen_and_noise_is_not(moods: list[Reading], expected: Course) -> None:
    assert course(moods) == expected


emotions = st.builds(said, st.sampled_from(sorted(VALENCE)), st.floats(0, 1))


@given(st.lists(emotions, max_size=6))
def test_any_course_is_one_of_three_and_never_worse_in_a_good_mood(moods: list[Reading]) -> None:
    found = course(moods)
    assert found in {"better", "steady", "worse"}
    if moods and valence(moods[-1]) >= 0:
        assert found != "worse"


@given(emotions, st.floats(0, 1))
def test_more_certain_anger_never_raises_the_mood(reading: Reading, certainty: float) -> None:
    assert -1 <= valence(reading) <= 1
    assert valence(said("frustrated", certainty)) >= valence(said("frustrated", 1.0))
