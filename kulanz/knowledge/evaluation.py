"""Measures the search on labelled files; what `kulanz evaluate search` prints.

The documents are imported and searched exactly as the product does it, into the database of this process: give it one
of its own.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.evaluation_rows import Question, as_file
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Article
from kulanz.knowledge.search import search
from kulanz.nlp.languages import text_language
from kulanz.nlp.vector import LazyVector

Progress = Callable[[int, int], None]

DEPTH = 10
_SOURCE = "evaluation"
_NAMED = 5  # unknown ids in a message


def evaluate_search(
    documents: Sequence[dict[str, Any]],
    questions: Sequence[Question],
    importing: Progress = lambda *_: None,
    asking: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Imports the documents into the database of this process and asks every question one by one.

    A relevant id that no document has counts as not found, and is counted in `unknown_relevant`. Raises InvalidInput
    where no question has a relevant document among these."""
    known = {str(row["id"]) for row in documents}
    unknown = sorted({name for question in questions for name in question.relevant - known})
    if not any(question.relevant & known for question in questions):
        named = ", ".join(unknown[:_NAMED])
        raise InvalidInput(f"No document has an id that the queries name ({named} …). Are these files of one set?")
    began = time.perf_counter()
    with as_file(documents) as file:
        do_import([file], source=_SOURCE, progress=importing)
    seconds = time.perf_counter() - began
    places, took = zip(*_asked(questions, asking), strict=True)
    return {
        **figures(places, [len(question.relevant) for question in questions]),
        "index_seconds": round(seconds, 2),
        "ms_per_query": {name: round(float(np.percentile(took, at)), 2) for name, at in (("p50", 50), ("p95", 95))},
        "documents": len(documents),
        "queries": len(questions),
        "unknown_relevant": len(unknown),
    }


def _asked(questions: Sequence[Question], progress: Progress) -> Iterator[tuple[list[int], float]]:
    """The places (from 0) of the relevant documents among the first ten, and the milliseconds, of each question."""
    names = {str(pk): name.split("#", 1)[1] for pk, name in
             Article.objects.filter(source=_SOURCE).values_list("pk", "external_id")}  # fmt: skip
    ask(Question("warm up, nothing else", frozenset()))
    for number, question in enumerate(questions, start=1):
        began = time.perf_counter()
        found = ask(question)
        took = 1000 * (time.perf_counter() - began)
        yield [place for place, pk in enumerate(found) if names[pk] in question.relevant], took
        progress(number, len(questions))


def ask(question: Question) -> list[str]:
    """Ids of the articles found, best first, as the assistant would find them."""
    language = question.language or text_language(question.text)
    found = search(question.text, LazyVector(question.text), language, audience=Audience.AGENTS, limit=DEPTH)
    return [passage.article_id for passage in found]


def figures(places: Sequence[Sequence[int]], relevant: Sequence[int]) -> dict[str, float]:
    """Recall, hits, mean reciprocal rank and normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) of
    the places (from 0) at which relevant documents were found; `relevant` is how many there are for each question."""

    def mean(values: Iterator[float]) -> float:
        return round(sum(values) / len(places), 4)

    pairs = list(zip(places, relevant, strict=True))
    recall = {
        f"recall_at_{depth}": mean(sum(place < depth for place in found) / number for found, number in pairs)
        for depth in (1, 5, DEPTH)
    }
    best = [sum(1 / math.log2(place + 2) for place in range(min(number, DEPTH))) for number in relevant]
    gains = (sum(1 / math.log2(place + 2) for place in found) / top for found, top in zip(places, best, strict=True))
    return {
        **recall,
        "hit_at_5": mean(float(any(place < 5 for place in found)) for found in places),
        "mrr_at_10": mean(1 / (min(found) + 1) if found else 0.0 for found in places),
        "ndcg_at_10": mean(gains),
    }
