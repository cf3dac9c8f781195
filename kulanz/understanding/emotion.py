"""How a customer feels: a classifier taught on GoEmotions (arXiv:2005.00547) and calm service messages, which reads
German through the vectors' common space, and words and signs that tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, cast

import numpy as np

from kulanz.core.reading import Emotion, Evidence, Finding, Sentiment
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clean import evidence
from kulanz.understanding.corrected import Corrections
from kulanz.understanding.intents import IntentClassifier, telling_words
from kulanz.understanding.ngrams import Floats, softmax
from kulanz.understanding.shipped import manifest_of, shipped
from kulanz.understanding.wordings import load, whole_words

EMOTIONS: tuple[Emotion, ...] = ("frustrated", "disappointed", "worried", "confused", "pleased", "neutral")

_LOOKED_AT = 2_000  # characters
_WORDS_WEIGH = {"de": 1.3, "en": 0.4}  # in German words tell more: the classifier has seen few German feelings
_REPEATED = 0.4  # the second word of the same feeling weighs less than the first
_FEELINGS = {
    emotion: (entry["weight"], whole_words(entry["words"]), re.compile(entry["signs"]))
    for emotion, entry in load("emotions").items()
}
_NEGATION = re.compile(
    r"(?:\b(?:nicht|kein\w*|nie|niemals|not|no|never)|n't)"
    r"(?: (?:sehr|so|wirklich|besonders|gerade|ganz|very|really|that|too|be|at all))? ?\Z",
    re.IGNORECASE,
)
_BEFORE = 24  # characters in which a negation is looked for
_SHOUT = re.compile(r"(?<![\w-])[A-ZÄÖÜ]{4,}(?![\w-])")
_MARKS = re.compile(r"!{2,}|!\?|\?!")
_TERSE = 2
_CALM = 0.9
SENTIMENT_OF: dict[Emotion, Sentiment] = {
    "frustrated": "negative", "disappointed": "negative", "worried": "negative",
    "confused": "neutral", "neutral": "neutral", "pleased": "positive",
}  # fmt: skip

Hit = tuple[Emotion, float, Evidence]


def read_feelings(
    text: str,
    vector: LazyVector,
    language: str = "de",
    signals: tuple[Finding, ...] = (),
    corrections: Corrections | None = None,
) -> tuple[Finding, Finding]:
    """The emotion (one of the six) and the sentiment, with their probabilities and the words they rest on; offsets hold
    for `text`. `signals` are what `find_signals` found; `vector` is computed where words don't suffice, or where people
    have made `corrections`."""
    view = text[:_LOOKED_AT]
    if len(view.split()) <= _TERSE and any(s.value in {"affirms", "denies"} for s in signals):
        return Finding("neutral", _CALM), Finding("neutral", _CALM)  # a bare yes or no shows no feeling
    hits = _hits(view, signals)
    scores = _scores(view, vector, language, hits)
    if corrections:
        scores = scores + corrections.added(directions(vector.reading))
    shares = softmax(scores)
    best = EMOTIONS[int(shares.argmax())]
    words = list(dict.fromkeys(words for emotion, _, words in hits if emotion == best))
    if best != "neutral" and not words:
        model = shipped("feelings")
        words = list(telling_words(model.ngrams, view, model.labels.index(best)))
    shown = tuple(sorted(words[:5], key=lambda word: word.start))
    feeling, share = sentiment_of(shares)
    rests = shown if feeling == SENTIMENT_OF[best] else ()
    emotion = Finding(best, sureness(float(shares.max()), language), shown)
    return emotion, Finding(feeling, sureness(share, language, "sentiment"), rests)


def feeling_scores(
    text: str,
    vector: LazyVector,
    language: str = "de",
    signals: tuple[Finding, ...] = (),
    model: IntentClassifier | None = None,
) -> Floats:
    """The logarithmic scores (6,) in the order of `EMOTIONS`, before any corrections; `model` is one that is not
    shipped (yet)."""
    view = text[:_LOOKED_AT]
    return _scores(view, vector, language, _hits(view, signals), model)


def directions(vectors: Floats) -> Floats:
    """Unit vectors (…, 384) of what is special to each text: what all have in common is taken out of `vectors`."""
    own = vectors - _common()
    return np.asarray(own / np.maximum(np.linalg.norm(own, axis=-1, keepdims=True), 1e-6), np.float32)


@lru_cache(maxsize=1)
def _common() -> Floats:
    return np.asarray(shipped("feelings").prototypes.mean(axis=0), np.float32)


def sureness(share: float, language: str, what: Literal["emotion", "sentiment"] = "emotion") -> float:
    """How often a reading to which the classifier gives this share of probability is right, as measured on
    texts that it did not know when it was built (Platt, Probabilistic Outputs for Support Vector Machines, 1999). Which
    emotion is the best never depends on it."""
    fitted = manifest_of("feelings")["sureness"][what]
    slope, shift = fitted.get(language) or fitted["de"]
    return round(float(1 / (1 + np.exp(-slope * logit(np.array(share)) - shift))), 4)


def logit(shares: Floats) -> Floats:
    bounded = np.clip(shares, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(bounded / (1 - bounded)), np.float32)


def _hits(view: str, signals: tuple[Finding, ...]) -> list[Hit]:
    return [*_words(view), *_signs(view), *_from_signals(signals)]


def _scores(
    view: str, vector: LazyVector, language: str, hits: list[Hit], model: IntentClassifier | None = None
) -> Floats:
    model = model or shipped("feelings")
    known = dict(zip(model.labels, model.shares(view, vector).tolist(), strict=True))
    scores: Floats = np.log(np.array([known[emotion] for emotion in EMOTIONS], np.float32) + 1e-6)
    weigh, seen = _WORDS_WEIGH.get(language, _WORDS_WEIGH["de"]), set()
    for emotion, weight, _ in hits:
        scores[EMOTIONS.index(emotion)] += weigh * weight * (_REPEATED if emotion in seen else 1)
        seen.add(emotion)
    return scores


def sentiment_of(shares: Floats) -> tuple[Sentiment, float]:
    """The feelings of one direction together: the best direction, and its share."""
    sums: dict[Sentiment, float] = {"positive": 0.0, "neutral": 0.0, "negative": 0.0}
    for feeling, share in zip(EMOTIONS, shares.tolist(), strict=True):
        sums[SENTIMENT_OF[feeling]] += share
    best = max(sums, key=lambda name: sums[name])
    return best, sums[best]


def _words(view: str) -> Iterator[Hit]:
    for emotion, (weight, pattern, _) in _FEELINGS.items():
        for match in pattern.finditer(view):
            before = max(0, match.start() - _BEFORE)
            negation = _NEGATION.search(view[before : match.start()])
            if not negation:
                yield cast(Emotion, emotion), weight, evidence(view, match.start(), match.end())
            elif emotion == "pleased":  # "nicht zufrieden"; other feelings, negated, say nothing
                words = evidence(view, before + negation.start(), match.end())
                yield "disappointed", weight, words
                yield "pleased", -4, words  # n-grams can't see what the "not" belongs to


def _signs(view: str) -> Iterator[Hit]:
    """Emoji, shouting and rows of marks. Capitals alone may be a product's name: two words of them are a shout."""
    for emotion, (_, _, pattern) in _FEELINGS.items():
        for match in list(pattern.finditer(view))[:2]:
            yield cast(Emotion, emotion), 3.5, evidence(view, match.start(), match.end())
    shouts = list(_SHOUT.finditer(view))
    if len(shouts) >= 2 or (shouts and _MARKS.search(view)):
        yield "frustrated", 1.6, evidence(view, shouts[0].start(), shouts[0].end())
    if (marks := _MARKS.search(view)) and not _FEELINGS["pleased"][2].search(view):
        yield "frustrated", 1.0, evidence(view, marks.start(), marks.end())


def _from_signals(signals: tuple[Finding, ...]) -> Iterator[Hit]:
    weights: dict[str, tuple[Emotion, float]] = {
        "complains": ("frustrated", 1.2),
        "not_helped": ("frustrated", 0.3),
        "thanks": ("pleased", 0.4),
    }
    for signal in signals:
        if signal.value in weights and signal.evidence:
            emotion, weight = weights[signal.value]
            yield emotion, weight, signal.evidence[0]
