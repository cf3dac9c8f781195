"""Articles and the passages they are searched by."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HnswIndex, VectorField

from kulanz.core.ids import uuid7
from kulanz.nlp.embedder import DIMENSIONS


class Article(models.Model):
    """One help article in one language. `source` and `external_id` name where it came from, so that a new import
    replaces it instead of doubling it; `key` links its language versions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=200)
    external_id = models.CharField(max_length=300)
    key = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300)
    body = models.TextField()
    language = models.CharField(max_length=5)
    checksum = models.CharField(max_length=64)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="article_once")]
        indexes = [models.Index(fields=["key", "language"], name="article_versions")]

    def __str__(self) -> str:
        return self.title


class Passage(models.Model):
    """A part of an article short enough to be quoted and embedded."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=5)
    words = SearchVectorField(null=True)
    embedding = VectorField(dimensions=DIMENSIONS)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "position"], name="passage_order")]
        indexes = [
            GinIndex(fields=["words"], name="passage_words"),
            HnswIndex(
                fields=["embedding"],
                name="passage_embedding",
                opclasses=["vector_ip_ops"],
                m=16,
                ef_construction=64,
            ),
        ]


class Lexeme(models.Model):
    """In how many passages a word stem occurs, so that rare words count more than common ones (inverse document
    frequency). The row with the empty word counts all passages of the dictionary. Renewed by every import."""

    dictionary = models.CharField(max_length=20)
    word = models.TextField()
    passages = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dictionary", "word"], name="lexeme_once")]

    def __str__(self) -> str:
        return self.word
