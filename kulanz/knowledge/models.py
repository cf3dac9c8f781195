"""Articles, their versions, and the passages they are searched by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _
from pgvector.django import HnswIndex, VectorField

from kulanz.core.ids import uuid7
from kulanz.core.knowledge import Audience
from kulanz.nlp.embedder import DIMENSIONS

AUDIENCES = [(Audience.CUSTOMERS.value, _("Customers")), (Audience.AGENTS.value, _("Agents only"))]


class Article(models.Model):
    """One article in one language. `source` and `external_id` name where it came from, so that a new import
    replaces it instead of doubling it; `key` links its language versions.

    `title` and `body` are what readers see while `published_at` is set, else what the newest version says. Only a
    published article has passages, and only passages are found and quoted. `origin` is what the web page it was read
    from said of its state (ETag, Last-Modified), so that the next import asks for changes alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=200)
    external_id = models.CharField(max_length=300)
    key = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300)
    body = models.TextField()
    language = models.CharField(max_length=5)
    audience = models.CharField(max_length=10, choices=AUDIENCES, default=Audience.CUSTOMERS.value)
    tags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_articles"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    checksum = models.CharField(max_length=64)
    origin = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="article_once")]
        indexes = [
            models.Index(fields=["key", "language"], name="article_versions"),
            models.Index(fields=["valid_until"], name="article_expired", condition=Q(valid_until__isnull=False)),
            models.Index(fields=["review_on"], name="article_due", condition=Q(review_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title


class State(models.TextChoices):
    """Where a version is on its way to the readers."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    PAST = "past", _("Past version")


class Version(models.Model):
    """One wording of an article. At most one is being worked on (draft or in review), at most one is published; all
    others are kept as they were. `author` is empty for what an import brought.

    `saves` counts how often the wording was saved, so that of two people who edit at once the second is told.
    `translates` is the wording in another language that this one follows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    publisher = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)
    saves = models.PositiveIntegerField(default=1)
    translates = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="version_number"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state__in=["draft", "review"]), name="version_in_work_once"
            ),
            models.UniqueConstraint(fields=["article"], condition=Q(state="published"), name="version_published_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class Attachment(models.Model):
    """A file of an article, kept in the database so that any process can serve it. `kind` is the content type found
    in the data itself, never what the sender called it; `size` is in bytes, `width` and `height` in pixels (images)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    checksum = models.CharField(max_length=64)
    data = models.BinaryField()
    author = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Rating(models.Model):
    """Whether one version of an article helped a reader. Nothing here leads to the reader: `token` is the random
    number of the form that was sent, so that a form counts once."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="ratings")
    version = models.PositiveIntegerField()
    helpful = models.BooleanField()
    comment = models.CharField(max_length=1000, blank=True)
    token = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["article", "created_at"], name="rating_of_article")]


class FollowedTopic(models.Model):
    """A matter that customers asked about in vain and that got an article. `centre` is the middle of the questions'
    vectors (packed: 384 numbers in 16 bits), so that later questions of the matter are known again; of the questions
    themselves nothing is here."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="topic")
    centre = models.BinaryField()
    started_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)


class DismissedTopic(models.Model):
    """A matter that customers ask about and that is none for an article. `centre` as in FollowedTopic; of the
    questions themselves nothing is here."""

    centre = models.BinaryField()
    reason = models.CharField(max_length=300)
    dismissed_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    dismissed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reason


class ImportedSource(models.Model):
    """When a source was last imported to its end, whatever had changed."""

    name = models.CharField(max_length=200, unique=True)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class QuestionVector(models.Model):
    """Where a customer's question lies among wishes (packed: 384 numbers in 16 bits), computed once; gone with its
    message."""

    message = models.OneToOneField("inbox.Message", primary_key=True, on_delete=models.CASCADE, related_name="+")
    vector = models.BinaryField()


class Finding(models.Model):
    """Something that is wrong with an article, found when all of them were looked through: that it says nearly the
    same as `other`, that it says otherwise, that it is broken, or that it does not help its readers. `facts` holds the
    places or the numbers, for the page."""

    class Kind(models.TextChoices):
        CONTRADICTION = "contradiction"
        DUPLICATE = "duplicate"
        BROKEN = "broken"
        RATED = "rated"

    kind = models.CharField(max_length=14, choices=Kind.choices)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="findings")
    other = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+")
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind"], name="finding_kind")]


class ToldOwner(models.Model):
    """What a member of staff was last told of by e-mail: `keys` names what was wrong then (see `care.keys`)."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="+")
    keys = models.JSONField(default=list)
    sent_at = models.DateTimeField()


class Look(models.Model):
    """A look through all articles, the newest one alone: when it began and how many it saw."""

    began_at = models.DateTimeField()
    articles = models.PositiveIntegerField()
    seconds = models.FloatField()


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
        indexes = [models.Index(F("dictionary"), Reverse("word"), name="lexeme_endings")]

    def __str__(self) -> str:
        return self.word
