"""A linear model on word and character n-grams, run with plain numpy and explained by its own weights.

Training uses scikit-learn (a linear support vector machine, one against the rest); a worker only needs the arrays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]

MAX_WORDS = 120
_WORD = re.compile(r"[^\W_]+|[!?]")
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_DIGITS = re.compile(r"[0-9]+")


def words_of(text: str) -> list[str]:
    """Lower-case words; umlauts as two letters, since many customers type them so, and every number as `0`."""
    folded = unicodedata.normalize("NFKC", text[:4_000]).lower().translate(_FOLD)
    return _WORD.findall(_DIGITS.sub("0", folded))[:MAX_WORDS]


def features_of(words: Sequence[str]) -> Counter[str]:
    """Words, pairs of neighbours, and the 2 to 5 character n-grams inside each padded word, with their counts."""
    grams = Counter(f"w {word}" for word in words)
    grams.update(f"w {first} {second}" for first, second in pairwise(words))
    for word in words:
        padded = f"_{word[:40]}_"
        for size in (2, 3, 4, 5):
            grams.update([padded[i : i + size] for i in range(len(padded) - size + 1)])
    return grams


@lru_cache(maxsize=8)
def _grams_of(text: str) -> tuple[list[str], Counter[str]]:
    """One text is read by several models."""
    words = words_of(text)
    return words, features_of(words)


def softmax(scores: Floats) -> Floats:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class NGramModel:
    """`weights` (features, classes) in 8 bits with one scale a feature; `weights * scale` already holds the inverse
    document frequency. `known` maps an n-gram to its row."""

    known: dict[str, int]
    weights: NDArray[np.int8]
    scale: Floats
    idf: Floats
    bias: Floats

    def rows(self, text: str) -> tuple[NDArray[np.intp], Floats, float]:
        """The rows of the text's n-grams, their values, and the share of its words that were ever seen."""
        words, grams = _grams_of(text)
        known = self.known
        found = [(row, count) for gram, count in grams.items() if (row := known.get(gram)) is not None]
        rows = np.fromiter((row for row, _ in found), np.intp, len(found))
        counts = np.fromiter((count for _, count in found), np.float32, len(found))
        values = (1 + np.log(counts)) * self.idf[rows]
        letters = [word for word in words if word not in "!?"]
        seen = sum(f"w {word}" in known for word in letters)
        norm = float(np.linalg.norm(values)) or 1.0
        return rows, (values / norm).astype(np.float32), seen / len(letters) if letters else 0.0

    def margins(self, text: str) -> tuple[Floats, float]:
        """One margin a class, and the share of the text's words that were ever seen."""
        rows, values, coverage = self.rows(text)
        margins: Floats = ((values * self.scale[rows]) @ self.weights[rows] + self.bias).astype(np.float32)
        return margins, coverage

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        names = np.frombuffer("\n".join(self.known).encode(), np.uint8)
        return {
            f"{prefix}names": names,
            f"{prefix}weights": self.weights,
            f"{prefix}scale": self.scale,
            f"{prefix}idf": self.idf,
            f"{prefix}bias": self.bias,
        }


def ngram_model_from(arrays: dict[str, NDArray[Any]], prefix: str) -> NGramModel:
    """The inverse of `NGramModel.arrays`."""
    names = bytes(arrays[f"{prefix}names"]).decode().split("\n")
    known = {name: row for row, name in enumerate(names)}
    weights, scale, idf, bias = (arrays[f"{prefix}{name}"] for name in ("weights", "scale", "idf", "bias"))
    return NGramModel(known, weights, scale, idf, bias)


@dataclass(frozen=True, slots=True)
class Counted:
    """Texts as n-gram counts, made once and used by every fold of the training."""

    grams: list[Counter[str]]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Counted:
        return cls([features_of(words_of(text)) for text in texts])


def class_weights(labels: NDArray[np.intp]) -> dict[int, float]:
    """Rare classes weigh more, by the root of their rarity: halfway between one voice a class and one a text."""
    counts = np.bincount(labels)
    return {i: float((counts[counts > 0].mean() / count) ** 0.5) for i, count in enumerate(counts) if count}


def train_ngrams(
    counted: Counted, labels: NDArray[np.intp], *, max_features: int = 60_000, cost: float = 1.0, balanced: bool = False
) -> NGramModel:
    """Fits the model; `labels` (n,) holds class numbers from 0. With two classes both get a column of their own."""
    from sklearn.svm import LinearSVC

    known, idf = _vocabulary(counted, max_features)
    matrix = _matrix(counted, known, idf)
    machine = LinearSVC(C=cost, class_weight=class_weights(labels) if balanced else None, tol=1e-3, random_state=0)
    machine.fit(matrix, labels)
    coefficients, bias = machine.coef_, machine.intercept_
    if len(bias) == 1:
        coefficients, bias = np.vstack([-coefficients, coefficients]), np.array([-bias[0], bias[0]])
    weights = np.ascontiguousarray(coefficients.T, dtype=np.float32)
    scale = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    packed = np.rint(weights / scale[:, None]).astype(np.int8)
    return NGramModel(known, packed, scale.astype(np.float32), idf, bias.astype(np.float32))


def _vocabulary(counted: Counted, max_features: int) -> tuple[dict[str, int], Floats]:
    """The n-grams of at least two texts (of one, where there are few texts), the most frequent first."""
    frequency: Counter[str] = Counter()
    for grams in counted.grams:
        frequency.update(grams.keys())
    least = 2 if len(counted.grams) > 1_000 else 1
    names = [name for name, count in frequency.most_common(max_features) if count >= least]
    counts = np.array([frequency[name] for name in names], np.float32)
    return {name: row for row, name in enumerate(names)}, np.log((1 + len(counted.grams)) / (1 + counts)) + 1


def _matrix(counted: Counted, known: dict[str, int], idf: Floats) -> csr_matrix:
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    starts, columns, values = [0], [], []
    for grams in counted.grams:
        for name, count in grams.items():
            if (column := known.get(name)) is not None:
                columns.append(column)
                values.append(float(count))
        starts.append(len(columns))
    data = (1 + np.log(np.array(values, np.float32))) * idf[columns]
    matrix = csr_matrix((data, np.array(columns, np.int32), starts), shape=(len(counted.grams), len(known)))
    return normalize(matrix, copy=False)
