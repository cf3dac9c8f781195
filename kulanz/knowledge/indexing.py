"""From an article's text to what the search reads: its passages, their vectors and their words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from uuid import UUID

import numpy as np
from django.contrib.postgres.search import SearchConfig, SearchVector
from django.db import connection
from django.db.models import Value
from django.db.models.expressions import CombinedExpression
from numpy.typing import NDArray

from kulanz.knowledge.centring import centred
from kulanz.knowledge.models import Article, Passage
from kulanz.knowledge.passages import Part, split
from kulanz.knowledge.words import DICTIONARIES, OTHER_DICTIONARY, dictionary
from kulanz.nlp.embedder import embedder

BATCH = 32
CONTEXT = 0.25
"""How much the rest of the article counts in the place of a passage. Values from half to double change recall by less
than one point."""
QUESTION = 0.5
"""How much a title that is a question counts: with it, real users' questions find their entry in a list of frequent
questions more often (recall@1 .40 → .43 German, .78 → .81 English); 0.3 to 0.6 differ little."""

Vectors = Mapping[str, NDArray[np.float32]]


def embedding_text(title: str, heading: str, text: str) -> str:
    """The exact string that is embedded for a passage."""
    return "\n".join(part for part in (title, heading, text) if part)


def embedded_texts(title: str, parts: Sequence[Part]) -> list[str]:
    """Every string that is embedded for an article, in order: its passages and, where it is a question, its title."""
    texts = [embedding_text(title, part.heading, part.text) for part in parts]
    return [*texts, title] if is_question(title) else texts


def is_question(title: str) -> bool:
    """Whether customers may ask with the very words of the title, as in a list of frequent questions."""
    return title.rstrip().endswith("?")


def _places(article: Article, vectors: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
    """Where each passage is looked for, shape (384,): its own vector, moved towards the mean of its article (a section
    is short, and what it is about often stands in the others) and towards the question in the title."""
    own = [centred(vector, "passage", article.language) for vector in vectors]
    question = own.pop() if is_question(article.title) else None
    moved = (1 - CONTEXT) * np.asarray(own) + CONTEXT * np.mean(own, axis=0)
    if question is not None:
        moved = (1 - QUESTION) * moved + QUESTION * question
    return list(moved.astype(np.float32))


def index(
    articles: Iterable[Article], vectors: Vectors | None = None, tick: Callable[[float], None] | None = None
) -> int:
    """Replaces the passages of these stored articles, inside the caller's transaction; the number of new ones.

    `vectors` maps embedded strings (see `embedding_text`) to known unit vectors of shape (384,), which saves computing
    them; `tick` is told the embedded share (0 to 1), for embedding is what takes the time.
    """
    parts = {article: _parts(article) for article in articles}
    forget(article.pk for article in parts)
    texts = {article: embedded_texts(article.title, parts[article]) for article in parts}
    computed = iter(_embed(list(chain(*texts.values())), {} if vectors is None else vectors, tick or (lambda _: None)))
    places = {article: _places(article, list(islice(computed, len(texts[article])))) for article in parts}
    passages = [
        Passage(article=article, position=position, heading=part.heading, text=part.text,
                language=article.language, embedding=places[article][position],
                words=_words(article, part))  # with the row: a later update would enter its vector twice
        for article in parts
        for position, part in enumerate(parts[article])
    ]  # fmt: skip
    Passage.objects.bulk_create(passages, batch_size=500)
    return len(passages)


def embedded(
    articles: Iterable[Article], known: Vectors, tick: Callable[[float], None]
) -> dict[str, NDArray[np.float32]]:
    """The vectors that `index` will need for these articles (stored or not) beyond the `known` ones; computed
    beforehand, they keep its transaction short, and passages of like length of many articles go together."""
    texts = [text for article in articles for text in embedded_texts(article.title, _parts(article))]
    missing = [text for text in texts if text not in known]
    return dict(zip(missing, _embed(missing, {}, tick), strict=True))


def _parts(article: Article) -> list[Part]:
    return split(article.body, article.title) or [Part("", article.title)]


def forget(articles: Iterable[UUID]) -> None:
    """Takes articles out of the search; it finds and quotes passages alone."""
    Passage.objects.filter(article__in=list(articles)).delete()


def _embed(texts: list[str], known: Vectors, tick: Callable[[float], None]) -> list[NDArray[np.float32]]:
    """Vectors in the order of `texts`; unknown ones in batches of like length."""
    missing = sorted({text for text in texts if text not in known}, key=len)
    computed: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        computed.update(zip(batch, embedder().passage(batch), strict=True))
        tick(0.99 * len(computed) / len(missing))
    return [known[text] if text in known else computed[text] for text in texts]


def _words(article: Article, part: Part) -> CombinedExpression:
    """What the full-text search reads of a passage, as PostgreSQL computes it when the row is written."""
    config = SearchConfig(dictionary(article.language))
    beside = f"{part.heading} {' '.join(article.tags)}"
    said = {"A": article.title, "B": beside, "C": part.text}
    title, heading, text = (SearchVector(Value(said[w]), weight=w, config=config) for w in said)
    return title + heading + text


_WORDS = """
update knowledge_passage p set words =
    setweight(to_tsvector(d.dictionary, a.title), 'A')
    || setweight(to_tsvector(d.dictionary, p.heading || ' ' || array_to_string(a.tags, ' ')), 'B')
    || setweight(to_tsvector(d.dictionary, p.text), 'C')
from knowledge_article a, lateral (select coalesce((%s::jsonb ->> a.language), %s)::regconfig as dictionary) d
where p.article_id = a.id and a.id = any(%s::uuid[])
"""


def index_words(articles: list[UUID]) -> None:
    """Writes the full-text words of these articles' stored passages anew, after a change of their tags."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [json.dumps(DICTIONARIES), OTHER_DICTIONARY, articles])
