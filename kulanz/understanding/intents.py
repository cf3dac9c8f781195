"""Which of the known intents a message carries, or none of them.

A cascade: the n-gram model decides what it is sure of (about 0.15 ms). Only for the rest the text's vector is computed
(about 15 ms) and both models' scores are added with fitted weights, which multiplies their probabilities. How sure is
sure enough, and when a text is none of the intents, was measured in training on examples and whole intents held out.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from kulanz.core.reading import Evidence
from kulanz.nlp.vector import LazyVector
from kulanz.understanding.clean import WORD, evidence, same_length
from kulanz.understanding.corrected import Corrections, corrections_from
from kulanz.understanding.ngrams import Floats, NGramModel, ngram_model_from, softmax, words_of

NONE_OF_THEM = "oos"
"""The label of examples that stand for no intent."""

CANDIDATES = 5
_FAR = -8.0  # the score of "none of them" where no example of it was ever given


@dataclass(frozen=True, slots=True)
class Calibration:
    """What training measured. `mix`: weights of the n-gram margins and of the embedding's scores. `early`: logistic
    weights of "the n-gram model is right" and the probability from which it decides alone. `none`: logistic weights
    of "none of them" and the probability from which a text is rejected. `alone`: weight of the margins without
    embedding."""

    alone: float
    mix: tuple[float, float]
    early: Floats
    early_threshold: float
    none: Floats
    none_threshold: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best intents with their probabilities (given that it is one of them), and what speaks against all."""

    candidates: tuple[tuple[str, float], ...]
    none_of_them: float
    rejected: bool
    embedded: bool
    evidence: tuple[Evidence, ...] = ()


def _logit(probability: Floats) -> Floats:
    return np.log((probability + 1e-6) / (1 - probability + 1e-4))


def _two_best(scores: Floats) -> tuple[Floats, Floats]:
    best = np.partition(scores, -2, axis=-1)
    return best[..., -1], best[..., -1] - best[..., -2]


def early_features(margins: Floats, none: Floats, coverage: Floats, alone: float) -> Floats:
    """Shape (n, 6): what tells, before any embedding, whether the n-gram model is right. `margins` (n, intents),
    `none` (n,) the margin of `oos`."""
    best, gap = _two_best(margins)
    sure = _logit(softmax(alone * margins).max(axis=-1)) / 4
    return np.stack([sure, best, gap, coverage, np.maximum(none, -1) - best, np.ones_like(best)], -1)


def none_features(scores: Floats, margins: Floats, none: Floats, nearest: Floats, coverage: Floats) -> Floats:
    """Shape (n, 7): what tells a text that is none of the intents. `scores` (n, intents) are both models' together,
    `none` (n,) the same for `oos`, `nearest` (n,) the cosine to the nearest prototype."""
    best, gap = _two_best(margins)
    sure = _logit(softmax(scores).max(axis=-1)) / 4
    against = np.clip(none - scores.max(axis=-1), _FAR, -_FAR) / 4
    return np.stack([sure, best, gap, (nearest - 0.9) * 10, coverage, against, np.ones_like(best)], -1)


def logistic(features: Floats, weights: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(features @ weights, -30, 30))), np.float32)


def digest(text: str) -> int:
    """Eight bytes that stand for the words of a text: a known example is recognised whatever its punctuation."""
    words = " ".join(word for word in words_of(text) if word not in "!?")
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class _Early:
    """What the n-grams alone say: `margins` of every column, those of the labels, the share of words ever seen, and how
    certain it is that the best is right."""

    margins: Floats
    inside: Floats
    coverage: Floats
    certain: float


@dataclass(frozen=True, slots=True)
class IntentClassifier:
    """`labels` are the intents, one a column of the models; the models' last column is `oos` where `has_none`.
    `feelings` travel with a company's intents: what its people have corrected of the classifier that ships."""

    labels: tuple[str, ...]
    has_none: bool
    ngrams: NGramModel
    embedding: Floats
    embedding_bias: Floats
    prototypes: Floats
    known: Mapping[int, int]
    calibration: Calibration
    name: str = ""
    feelings: Corrections | None = None

    def classify(self, text: str, vector: LazyVector) -> Verdict:
        """Reads `text`; asks `vector` for its value only where the n-grams don't suffice. Any text is fine."""
        text = same_length(text)
        if (known := self.known.get(digest(text))) is not None:
            return self._known(text, known)
        early = self._early(text)
        if early.certain >= self.calibration.early_threshold:
            shares = softmax(self.calibration.alone * early.inside)
            return self._verdict(text, shares, min(1 - early.certain, 0.5), embedded=False)
        value = vector.reading
        scores, none_score = self.split(self._mixed_with(early, value))
        nearest = (self.prototypes @ value).max()
        features = none_features(scores, early.inside, none_score, nearest, early.coverage)
        return self._verdict(text, softmax(scores), float(logistic(features, self.calibration.none)), embedded=True)

    def shares(self, text: str, vector: LazyVector) -> Floats:
        """The probabilities of all labels (n,), for a classifier whose labels cover everything."""
        early = self._early(text)
        if early.certain >= self.calibration.early_threshold:
            return softmax(self.calibration.alone * early.inside)
        return softmax(self.split(self._mixed_with(early, vector.reading))[0])

    def _early(self, text: str) -> _Early:
        margins, coverage = self.ngrams.margins(text)
        inside, none = self.split(margins)
        cover = np.array(coverage, np.float32)
        features = early_features(inside, none, cover, self.calibration.alone)
        return _Early(margins, inside, cover, float(logistic(features, self.calibration.early)))

    def _mixed_with(self, early: _Early, value: Floats) -> Floats:
        return self.mixed(early.margins, self.embedding.T @ value + self.embedding_bias, early.coverage)

    def split(self, scores: Floats) -> tuple[Floats, Floats]:
        """The scores of the intents (…, intents), and the one of `oos` (…), far below where there is none."""
        if self.has_none:
            return scores[..., :-1], scores[..., -1]
        return scores, np.full(scores.shape[:-1], _FAR * 4, np.float32)

    def mixed(self, margins: Floats, embedded: Floats, coverage: Floats) -> Floats:
        """Both models' scores: words never seen (another language, say) take weight off the n-grams."""
        ngrams, embedding = self.calibration.mix
        return ngrams * np.asarray(coverage)[..., None] * margins + embedding * embedded

    def _known(self, text: str, label: int) -> Verdict:
        if label >= len(self.labels):
            return Verdict((), 0.99, rejected=True, embedded=False)
        shares = np.full(len(self.labels), 0.01 / max(1, len(self.labels) - 1), np.float32)
        shares[label] = 0.99
        verdict = self._verdict(text, shares, 0.01, embedded=False)
        return replace(verdict, evidence=(evidence(text, 0, len(text)),))  # every word of it is known

    def _verdict(self, text: str, shares: Floats, against: float, *, embedded: bool) -> Verdict:
        best = np.argsort(-shares)[:CANDIDATES]
        candidates = tuple((self.labels[i], round(float(shares[i]), 4)) for i in best)
        rejected = embedded and against >= self.calibration.none_threshold
        words = telling_words(self.ngrams, text, int(best[0]))
        return Verdict(candidates, round(against, 4), rejected, embedded, words)

    def arrays(self) -> dict[str, NDArray[Any]]:
        c = self.calibration
        return {
            **self.ngrams.arrays("ngrams_"),
            "embedding": self.embedding.astype(np.float16),
            "embedding_bias": self.embedding_bias,
            "prototypes": self.prototypes.astype(np.float16),
            "known": np.array(list(self.known), np.uint64),
            "known_labels": np.array(list(self.known.values()), np.int32),
            "calibration": np.array([c.alone, *c.mix, c.early_threshold, c.none_threshold], np.float64),
            "early": c.early,
            "none": c.none,
            **(self.feelings.arrays() if self.feelings else {}),
        }


DAMAGED = (KeyError, ValueError, OSError, EOFError, BadZipFile)
"""What `classifier_from` raises for arrays that are cut off or are not those of a model."""


def classifier_from(data: bytes, manifest: Mapping[str, Any]) -> IntentClassifier:
    """Loads what training stored: an .npz file without pickles, and its manifest."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if not name.startswith("kept_")}
    alone, ngrams, embedding, early_threshold, none_threshold = arrays["calibration"].tolist()
    return IntentClassifier(
        labels=tuple(manifest["intents"]),
        has_none=bool(manifest["has_none"]),
        ngrams=ngram_model_from(arrays, "ngrams_"),
        embedding=arrays["embedding"].astype(np.float32),
        embedding_bias=arrays["embedding_bias"],
        prototypes=arrays["prototypes"].astype(np.float32),
        known=dict(zip(arrays["known"].tolist(), arrays["known_labels"].tolist(), strict=True)),
        calibration=Calibration(
            alone, (ngrams, embedding), arrays["early"], early_threshold, arrays["none"], none_threshold
        ),
        name=str(manifest["version"]),
        feelings=corrections_from(arrays),
    )


def stored(classifier: IntentClassifier, *, packed: bool = False, **kept: NDArray[Any]) -> bytes:
    """The .npz file of a classifier; `kept` arrays travel along, but are not loaded by `classifier_from`. `packed`:
    smaller, but slower to load."""
    file = io.BytesIO()
    arrays = {**classifier.arrays(), **{f"kept_{name}": array for name, array in kept.items()}}
    (np.savez_compressed if packed else np.savez)(file, allow_pickle=False, **arrays)
    return file.getvalue()


def telling_words(model: NGramModel, text: str, column: int, most: int = 3) -> tuple[Evidence, ...]:
    """The words whose n-grams speak loudest for the class `column`, in their order; offsets hold for `text`."""
    scored = []
    for match in list(WORD.finditer(text))[:60]:
        rows, values, _ = model.rows(match[0])
        weight = float((values * model.scale[rows]) @ model.weights[rows, column])
        if weight > 0:
            scored.append((weight, match))
    scored.sort(key=lambda pair: -pair[0])
    strong = [match for weight, match in scored[:most] if weight >= 0.4 * scored[0][0]]
    return tuple(Evidence(m[0], m.start(), m.end()) for m in sorted(strong, key=lambda m: m.start()))
