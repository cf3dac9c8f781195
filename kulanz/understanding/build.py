"""Builds the classifiers that ship: `python -m kulanz.understanding.build --data DIR`.

`DIR` holds the public sets (docs/measurements.md). Only what may ship is learnt from, and never a set's `dev` part; of
Banking77 and the FAQ bot every fifth row is left out as well, since our figures come from those.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from kulanz.core.reading import Emotion
from kulanz.nlp.embedder import reader, was_taught
from kulanz.nlp.vector import KnownVector
from kulanz.understanding.clean import same_length
from kulanz.understanding.emotion import EMOTIONS, SENTIMENT_OF, feeling_scores, logit, sentiment_of
from kulanz.understanding.fitting import examples_of, fit_classifier
from kulanz.understanding.human_request import OTHER, WISH
from kulanz.understanding.intents import IntentClassifier
from kulanz.understanding.language import detect_language
from kulanz.understanding.ngrams import softmax
from kulanz.understanding.risks import NO_RISK, telling
from kulanz.understanding.shipped import Name, do_ship
from kulanz.understanding.signals import find_signals

WORDINGS = Path(__file__).with_name("wordings")
DEMO = Path(__file__).parents[1] / "demo" / "intents.jsonl"

Row = tuple[str, str]

_BATCH = 512
_PARTS = 5
_SERVICE = ("banking77_en", "clinc150_en", "massive_de", "faqbot_de", "faqbot_en")
_OF_SENTIMENT = {"negative": "frustrated", "neutral": "neutral", "positive": "pleased"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _service(data: Path, each: int) -> Iterator[str]:
    """Texts of customers who want something: calm ones, and hardly one that asks for a person."""
    for name in _SERVICE:
        rows = [row for i, row in enumerate(_rows(data / f"intents/{name}.train.jsonl")) if i % 5]
        rows.sort(key=lambda row: hashlib.sha256(row["text"].encode()).digest())
        yield from (row["text"] for row in rows[:each])


def feelings(data: Path) -> list[Row]:
    """English comments with their emotions, German feedback to a dialogue system, German texts written by hand, and
    calm service messages."""
    rows = [(row["text"], row["emotion"]) for row in _rows(data / "emotion/goemotions_en.train.jsonl")]
    feedback = _rows(data / "emotion/dialogue_feedback_de.jsonl")
    rows += [(row["text"], _OF_SENTIMENT[row["sentiment"]]) for row in feedback]
    rows += 2 * [(row["text"], row["emotion"]) for row in _rows(WORDINGS / "feelings.train.jsonl")]
    return rows + [(text, "neutral") for text in _service(data, 400)]


def human_request(data: Path) -> list[Row]:
    """Wordings written by hand, and service messages as more of what is no wish for a person."""
    written = [row for part in ("train", "more") for row in _rows(WORDINGS / f"human_request.{part}.jsonl")]
    rows = [(row["text"], WISH if row["wants_human"] else OTHER) for row in written]
    return rows + [(text, OTHER) for text in _service(data, 300)]


def risks(data: Path) -> list[Row]:
    """Wordings written by hand; service messages and ordinary turns of a conversation as more of what is no risk."""
    rows = [(row["text"], row["risk"]) for row in _rows(WORDINGS / "risks.train.jsonl")]
    turns = [row["text"] for row in _rows(DEMO)] + [text for text, _ in human_request(data)]
    known = {text for text, _ in rows}
    return rows + [(text, NO_RISK) for text in turns if text not in known and not telling(text)]


def _vectors(texts: list[str], name: str) -> NDArray[np.float32]:
    parts = [texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH)]
    return np.concatenate([reader().vectors(part) for part in tqdm(parts, desc=name)])


def sureness(rows: list[Row], vectors: NDArray[np.float32]) -> dict[str, dict[str, tuple[float, float]]]:
    """Slope and shift of `emotion.sureness` for emotion and sentiment in each language, from texts that neither the
    reader nor the classifier knew: the whole recipe runs anew for each part of them, without it. Few parts would
    measure a poorer classifier than the one that ships."""
    texts = [text for text, _ in rows]
    part = np.array([hashlib.sha256(text.encode()).digest()[0] % _PARTS for text in texts])
    fresh, judged = ~was_taught(texts), []
    for number in range(_PARTS):
        inside, outside = (np.flatnonzero(rows_of) for rows_of in (~fresh | (part != number), fresh & (part == number)))
        known = examples_of([texts[row] for row in inside], [rows[row][1] for row in inside], vectors[inside])
        model, _ = fit_classifier(known, closed=True)
        once = {texts[row]: row for row in outside}  # own wordings stand twice in `rows`
        judged += [_judged(model, *rows[row], vectors[row]) for row in once.values()]
    return {
        what: {code: _platt([one[what] for one in judged if one["language"] == code]) for code in ("de", "en")}
        for what in ("emotion", "sentiment")
    }


def _judged(model: IntentClassifier, text: str, label: str, vector: NDArray[np.float32]) -> dict[str, Any]:
    """The text's language; what the best emotion and the best sentiment get, and whether they are right."""
    view = same_length(text)
    language = detect_language(view).value
    shares = softmax(feeling_scores(view, KnownVector(view, vector), language, find_signals(view), model))
    sentiment, share = sentiment_of(shares)
    return {
        "language": language,
        "emotion": (float(shares.max()), EMOTIONS[int(shares.argmax())] == label),
        "sentiment": (share, sentiment == SENTIMENT_OF[cast(Emotion, label)]),
    }


def _platt(judged: list[tuple[float, bool]]) -> tuple[float, float]:
    shares, right = np.array(judged).T
    machine = LogisticRegression().fit(logit(shares)[:, None], right)
    return round(float(machine.coef_[0, 0]), 3), round(float(machine.intercept_[0]), 3)


SETS: dict[Name, Callable[[Path], list[Row]]] = {"feelings": feelings, "human_request": human_request, "risks": risks}


def build(name: Name, rows: list[Row]) -> None:
    """Fits and ships one classifier."""
    texts = [text for text, _ in rows]
    vectors = _vectors(texts, name)
    classifier, figures = fit_classifier(examples_of(texts, [label for _, label in rows], vectors), closed=True)
    more = {"sureness": sureness(rows, vectors)} if name == "feelings" else {}
    do_ship(name, classifier, examples=len(rows), held_out=figures, **more)
    sys.stdout.write(json.dumps({"name": name, "examples": len(rows), **figures}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Builds the classifiers that ship.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", choices=sorted(SETS))
    given = parser.parse_args()
    for name, rows in SETS.items():
        if given.only in {None, name}:
            build(name, rows(given.data))


if __name__ == "__main__":
    main()
