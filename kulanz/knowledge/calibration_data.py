"""Questions whose answers are known, searched for in throw-away copies of the knowledge tables."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from kulanz.knowledge.candidates import Candidate, clean_question, find_candidates
from kulanz.knowledge.importing import do_import
from kulanz.knowledge.models import Article
from kulanz.nlp.embedder import embedder

Row = dict[str, object]
FOREIGN = 120
"""Questions about something quite different, for each corpus and language."""
PER_INTENT = 3
MOST_QUERIES = 300


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    language: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Corpus:
    name: str
    documents: list[Row]
    queries: list[Query]


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what was found; `documents` maps article ids to the ids in the data."""

    corpus: str
    query: Query
    candidates: list[Candidate]
    documents: dict[str, str] = field(default_factory=dict)

    def is_right(self, candidate: Candidate) -> bool:
        return self.documents[candidate.article_id] in self.query.relevant

    @property
    def answerable(self) -> bool:
        return any(self.is_right(candidate) for candidate in self.candidates)


class QueryVectors:
    """Vectors of questions, computed in batches and remembered for the run."""

    def __init__(self) -> None:
        self._known: dict[str, NDArray[np.float32]] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        missing = sorted({text for text in texts if text not in self._known}, key=len)
        for start in range(0, len(missing), 32):
            batch = missing[start : start + 32]
            self._known.update(zip(batch, embedder().query(batch), strict=True))

    def __getitem__(self, text: str) -> NDArray[np.float32]:
        return self._known[text]


def cases(data: Path) -> Iterator[Case]:
    """Every question of every corpus: with all documents, with a half of them, and with as few as a company begins
    with."""
    vectors = QueryVectors()
    foreign = _foreign(data)
    for corpus in corpora(data):
        with throw_away_tables():
            yield from _searched(corpus, foreign, vectors)


def _searched(corpus: Corpus, foreign: list[Query], vectors: QueryVectors) -> Iterator[Case]:
    languages = {query.language for query in corpus.queries}
    asked = corpus.queries + [query for query in foreign if query.language in languages]
    vectors.prepare(query.text for query in asked)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "documents.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in corpus.documents))
        do_import([file], source=corpus.name)
    names = {str(pk): name.split("#", 1)[1] for pk, name in Article.objects.values_list("pk", "external_id")}
    for query in asked:
        yield _case(corpus.name, query, vectors, names)
    for left, share in (("half", 0.5), ("few", 0.05)):
        gone = [pk for pk, name in names.items() if chance(f"gone {name}") > share]
        Article.objects.filter(pk__in=gone).delete()
        for query in corpus.queries:
            yield _case(f"{corpus.name} ({left})", query, vectors, names)


def _case(name: str, query: Query, vectors: QueryVectors, names: dict[str, str]) -> Case:
    text = clean_question(query.text)
    candidates = find_candidates(text, vectors[query.text], query.language) if text else []
    return Case(name, query, candidates, {c.article_id: names[c.article_id] for c in candidates})


@contextmanager
def throw_away_tables() -> Iterator[None]:
    """Temporary tables that hide the real ones from this connection, so that nothing real is touched."""
    tables = ("knowledge_article", "knowledge_passage", "knowledge_lexeme")
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"create temporary table {table} (like public.{table} including all)")
        try:
            yield
        finally:
            transaction.set_rollback(True)


def corpora(data: Path) -> Iterator[Corpus]:
    search = data / "search"
    for language in ("de", "en"):
        documents = read_rows(search / f"covid_faq_{language}.documents.jsonl")
        yield Corpus(f"covid_{language}", documents, _queries(search, "covid_faq", language))
        documents = read_rows(search / f"faqbot_{language}.documents.jsonl")
        yield Corpus(f"faqbot_{language}", documents, _bot_queries(data, language, documents))
        documents = read_rows(search / f"xquad_{language}.documents.jsonl")
        yield Corpus(f"xquad_{language}", documents, _queries(search, "xquad", language))
    english = [{**row, "language": "en"} for row in read_rows(search / "xquad_en.documents.jsonl")]
    german = [{**row, "language": "de"} for row in read_rows(search / "xquad_de.documents.jsonl")]
    yield Corpus("xquad_de_to_en", english, _queries(search, "xquad", "de"))
    either = [g if chance(f"language {g['id']}") < 0.5 else e for g, e in zip(german, english, strict=True)]
    yield Corpus("xquad_mixed", either, _queries(search, "xquad", "de") + _queries(search, "xquad", "en"))
    yield Corpus("faqbot_mixed", *_bot_mixed(data))


def _bot_mixed(data: Path) -> tuple[list[Row], list[Query]]:
    """Each answer in one language only, German and English by turns; questions in both."""
    chosen: dict[str, Row] = {}
    for language in ("de", "en"):
        for row in read_rows(data / "search" / f"faqbot_{language}.documents.jsonl"):
            if chance(f"language {row['id']}") < 0.5 or row["id"] not in chosen:
                chosen[str(row["id"])] = row
    documents = list(chosen.values())
    return documents, [q for language in ("de", "en") for q in _bot_queries(data, language, documents)]


def _queries(folder: Path, name: str, language: str) -> list[Query]:
    rows = read_rows(folder / f"{name}_{language}.queries.jsonl")
    rows.sort(key=lambda row: chance(f"query {row['id']}"))
    return [Query(str(r["text"]), language, frozenset(r["relevant"])) for r in rows[:MOST_QUERIES]]  # type: ignore[call-overload]


def _bot_queries(data: Path, language: str, documents: list[Row]) -> list[Query]:
    known = {str(row["id"]) for row in documents}
    taken: dict[str, list[str]] = {}
    rows = read_rows(data / "intents" / f"faqbot_{language}.train.jsonl")
    for row in sorted(rows, key=lambda row: chance(str(row["text"]))):
        if row["intent"] in known and len(taken.setdefault(str(row["intent"]), [])) < PER_INTENT:
            taken[str(row["intent"])].append(str(row["text"]))
    found = [Query(text, language, frozenset([intent])) for intent, texts in taken.items() for text in texts]
    return sorted(found, key=lambda query: chance(query.text))[:MOST_QUERIES]


def _foreign(data: Path) -> list[Query]:
    english = [r for r in read_rows(data / "intents" / "clinc150_en.train.jsonl") if r["intent"] == "oos"]
    german = read_rows(data / "intents" / "massive_de.dev.jsonl")
    found: list[Query] = []
    for language, rows in (("en", english), ("de", german)):
        rows.sort(key=lambda row: chance(str(row["text"])))
        found += [Query(str(row["text"]), language, frozenset()) for row in rows[:FOREIGN]]
    return found


def chance(name: str) -> float:
    """A number from 0 to 1 that depends on nothing but the name: the same choice in every run."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
