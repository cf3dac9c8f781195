"""How a customer feels, in a first form and without embedding: words that tell, how they are written, and for English
a small linear model trained on GoEmotions (arXiv:2005.00547)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from kulanz.core.reading import Emotion, Evidence, Finding
from kulanz.understanding.clean import evidence
from kulanz.understanding.intents import telling_words
from kulanz.understanding.ngrams import Floats, NGramModel, ngram_model_from, softmax
from kulanz.understanding.wordings import load, whole_words

EMOTIONS: tuple[Emotion, ...] = ("frustrated", "disappointed", "worried", "confused", "pleased", "neutral")
WEIGHTS = Path(__file__).with_name("emotion_en.npz")

_LOOKED_AT = 2_000  # characters
# What words and signs weigh, what the learned model does, and what the neutral starts with: fitted on every eighth row
# of the training set for English; set by hand for German, which has no learned model yet.
_WEIGHTS = {"en": (0.4, 4.0, 0.6)}
_WEIGHTS_ELSE = (2.0, 0.0, 2.8)
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

Hit = tuple[Emotion, float, Evidence]


_TERSE = 2
_CALM = 0.9


def read_emotion(text: str, language: str = "de", signals: tuple[Finding, ...] = ()) -> Finding:
    """One of the six emotions, its probability, and the words it rests on; offsets hold for `text`.

    `language` is the text's; the learned model speaks English only. `signals` are what `find_signals` found.
    """
    view = text[:_LOOKED_AT]
    if len(view.split()) <= _TERSE and any(s.value in {"affirms", "denies"} for s in signals):
        return Finding("neutral", _CALM, ())  # a bare yes or no answers a question and shows no feeling
    hits = [*_words(view), *_signs(view), *_from_signals(signals)]
    words_weigh, model_weighs, neutral = _WEIGHTS.get(language, _WEIGHTS_ELSE)
    scores = np.zeros(len(EMOTIONS), np.float32)
    scores[-1] = neutral
    seen: set[str] = set()
    for emotion, weight, _ in hits:
        scores[EMOTIONS.index(emotion)] += words_weigh * weight * (_REPEATED if emotion in seen else 1)
        seen.add(emotion)
    if model_weighs:
        margins, coverage = emotion_model().margins(view)
        scores += model_weighs * coverage * margins
    shares = softmax(scores)
    best = EMOTIONS[int(shares.argmax())]
    words = list(dict.fromkeys(words for emotion, _, words in hits if emotion == best))
    if model_weighs and best != "neutral" and not words:
        words = list(telling_words(emotion_model(), view, EMOTIONS.index(best)))
    return Finding(best, round(float(shares.max()), 4), tuple(sorted(words[:5], key=lambda word: word.start)))


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
                yield "pleased", -10, words  # the learned model counts words and can't see the "not"


def _signs(view: str) -> Iterator[Hit]:
    """Emoji, shouting and rows of marks. Capitals alone may be a product's name: two words of them are a shout."""
    for emotion, (_, _, pattern) in _FEELINGS.items():
        for match in list(pattern.finditer(view))[:2]:
            yield cast(Emotion, emotion), 2.2, evidence(view, match.start(), match.end())
    shouts = list(_SHOUT.finditer(view))
    if len(shouts) >= 2 or (shouts and _MARKS.search(view)):
        yield "frustrated", 1.6, evidence(view, shouts[0].start(), shouts[0].end())
    if (marks := _MARKS.search(view)) and not _FEELINGS["pleased"][2].search(view):
        yield "frustrated", 1.0, evidence(view, marks.start(), marks.end())


def _from_signals(signals: tuple[Finding, ...]) -> Iterator[Hit]:
    weights: dict[str, tuple[Emotion, float]] = {
        "complains": ("frustrated", 1.2),
        "not_helped": ("frustrated", 1.0),
        "thanks": ("pleased", 0.4),
    }
    for signal in signals:
        if signal.value in weights and signal.evidence:
            emotion, weight = weights[signal.value]
            yield emotion, weight, signal.evidence[0]


@lru_cache(maxsize=1)
def emotion_model() -> NGramModel:
    """The shipped weights: 0.4 MB, classes in the order of `EMOTIONS`."""
    with np.load(WEIGHTS, allow_pickle=False) as file:
        return ngram_model_from({name: file[name] for name in file.files}, "")


def learned_margins(texts: list[str]) -> Floats:
    """The learned model alone, shape (n, 6); for measurements."""
    return np.array([emotion_model().margins(text)[0] for text in texts], np.float32)
