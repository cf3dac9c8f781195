"""From an article's text to what the search reads: its passages, their vectors and their words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from kulanz.knowledge.centring import centred
from kulanz.knowledge.models import Article, Passage
from kulanz.knowledge.passages import Part, split
from kulanz.knowledge.words import DICTIONARIES, OTHER_DICTIONARY
from kulanz.nlp.embedder import embedder

BATCH = 32

Vectors = Mapping[str, NDArray[np.float32]]


def embedding_text(title: str, heading: str, text: str) -> str:
    """The exact string that is embedded for a passage."""
    return "\n".join(part for part in (title, heading, text) if part)


def index(
    articles: Iterable[Article], vectors: Vectors | None = None, tick: Callable[[float], None] | None = None
) -> int:
    """Replaces the passages of these stored articles, inside the caller's transaction; the number of new ones.

    `vectors` maps embedded strings (see `embedding_text`) to known unit vectors of shape (384,), which saves computing
    them; `tick` is told the embedded share (0 to 1), for embedding is what takes the time.
    """
    parts = {article: split(article.body, article.title) or [Part("", article.title)] for article in articles}
    forget(article.pk for article in parts)
    texts = [embedding_text(article.title, part.heading, part.text) for article in parts for part in parts[article]]
    embeddings = iter(_embed(texts, {} if vectors is None else vectors, tick or (lambda _: None)))
    passages = [
        Passage(article=article, position=position, heading=part.heading, text=part.text,
                language=article.language, embedding=centred(next(embeddings), "passage", article.language))
        for article in parts
        for position, part in enumerate(parts[article])
    ]  # fmt: skip
    Passage.objects.bulk_create(passages, batch_size=500)
    _index_words([article.pk for article in parts])
    return len(passages)


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


_WORDS = """
update knowledge_passage p set words =
    setweight(to_tsvector(d.dictionary, a.title), 'A')
    || setweight(to_tsvector(d.dictionary, p.heading || ' ' || array_to_string(a.tags, ' ')), 'B')
    || setweight(to_tsvector(d.dictionary, p.text), 'C')
from knowledge_article a, lateral (select coalesce((%s::jsonb ->> a.language), %s)::regconfig as dictionary) d
where p.article_id = a.id and a.id = any(%s::uuid[])
"""


def _index_words(articles: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [json.dumps(DICTIONARIES), OTHER_DICTIONARY, articles])
