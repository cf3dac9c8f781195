"""The course of a customer's mood over a conversation. Pure: the same readings give the same course."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from kulanz.core.reading import Reading

Course = Literal["better", "steady", "worse"]

VALENCE = {"frustrated": -1.0, "disappointed": -0.7, "worried": -0.4, "confused": -0.2, "neutral": 0.0, "pleased": 1.0}
SENTIMENT = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}
NO_SENTIMENT = 1 / 3  # the probability of a sentiment that was not looked at
TURN = 0.45  # how far a message must stand from those before; below it, it is the noise of the reading
BAD, CALM = -0.35, -0.1  # a turn for the worse ends in a bad mood, one for the better in a calm or good one
MEMORY = 0.6  # the weight of the message before in the mood so far, as against the one at hand


def valence(reading: Reading) -> float:
    """One message's mood between -1 and 1: each reading's expectation, weighted by how sure it is.

    Emotion counts twice as much as sentiment, because it tells anger from disappointment. Friendly words that were
    read as sarcasm count as displeasure; a threat to leave as at least that. Not having been helped is counted as a
    failed try, not as a mood.
    """
    sarcastic = reading.signal("sarcastic")
    emotion = VALENCE.get(reading.emotion.value, 0.0) * reading.emotion.probability
    sentiment = SENTIMENT.get(reading.sentiment.value, 0.0) * _certainty(reading.sentiment.probability)
    if sarcastic:
        emotion, sentiment = min(emotion, -0.6 * sarcastic.probability), min(sentiment, 0.0)
    read = sentiment != 0.0
    mood = (2 * emotion + sentiment) / 3 if read and emotion * sentiment >= 0 else emotion
    if reading.signal("corrects") and reading.emotion.value != "frustrated":
        mood = max(mood, -0.2)  # whoever says "sorry, I meant …" is not unhappy with us
    threat = reading.signal("threatens_to_leave")
    return min(mood, -0.6 * threat.probability) if threat else mood


def course(readings: Iterable[Reading]) -> Course:
    """Where the mood is going: the last message against the (fading) mood of those before.

    A single message has no course. `worse` is a clear step down that ends in a bad mood; a bad mood that stays bad is
    steady, and rules of their own look after it.
    """
    moods = [valence(reading) for reading in readings]
    if len(moods) < 2:
        return "steady"
    before = moods[0]
    for mood in moods[1:-1]:
        before = MEMORY * before + (1 - MEMORY) * mood
    step = moods[-1] - before
    if step <= -TURN and moods[-1] <= BAD:
        return "worse"
    if step >= TURN and moods[-1] >= CALM:
        return "better"
    return "steady"


def _certainty(probability: float) -> float:
    """0 for the chance of a guess among three, 1 for certainty."""
    return max(0.0, (probability - NO_SENTIMENT) / (1 - NO_SENTIMENT))
