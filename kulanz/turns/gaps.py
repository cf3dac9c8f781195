"""What the knowledge lacks: topics of questions without a good answer, drafts from agents' replies, and whether an
article made its topic shrink."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.reading import Entity
from kulanz.inbox.models import Message
from kulanz.knowledge.articles import do_create
from kulanz.knowledge.drafting import Answered, best_replies, drafted, title_of
from kulanz.knowledge.gaps import ALIKE, RECENT, WINDOW, Cause, Question, Sorted, Topic, Trend, per_week, sort, trend
from kulanz.knowledge.models import Article, FollowedTopic, Version
from kulanz.nlp.grouping import Floats
from kulanz.trust.audit import record
from kulanz.turns.questions import do_place, known_vectors, questions_since
from kulanz.understanding.entities import find_entities
from kulanz.understanding.masking import mask
from kulanz.understanding.proposals import same_matter
from kulanz.understanding.vectors import packed, readable, unpacked

MOST_TOPICS = 30
MOST_SINGLE = 20
EXAMPLES = 3
REPLIES = 2
NEAREST = 8
"""Examples that a title is chosen from."""
FOLLOW_FOR = timedelta(days=180)
"""How long an article's effect is watched."""
_SPEAKS = frozenset({"de", "en"})


@dataclass(frozen=True, slots=True)
class Example:
    """A customer's question, masked."""

    text: str
    language: str
    at: datetime
    conversation: UUID | None
    article: UUID | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A topic as the page shows it; `title` is what a draft would be called, `replies` are agents' best ones, masked
    and cleaned."""

    id: str
    title: str
    count: int
    causes: dict[Cause, int]
    trend: Trend
    examples: tuple[Example, ...]
    replies: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A topic that got an article. `before` and `after` are questions a week around its first publication, None where
    there is nothing to count yet."""

    article: Article
    published: datetime | None
    before: float | None
    after: float | None
    trend: Trend

    @property
    def shrank(self) -> bool | None:
        if self.before is None or self.after is None:
            return None
        return self.after < self.before


@dataclass(frozen=True, slots=True)
class Gaps:
    """Everything the page shows. `waiting` questions have not been placed among the topics yet."""

    topics: tuple[Gap, ...]
    followed: tuple[Followed, ...]
    single: tuple[Example, ...]
    waiting: int
    more: int


def gaps(now: datetime | None = None) -> Gaps:
    """The gaps of the last 60 days."""
    now = now or timezone.now()
    found, waiting = _sorted(now)
    shown = found.topics[:MOST_TOPICS]
    names = _Names(question for topic in shown for question in topic.examples(NEAREST))
    single = found.single[:MOST_SINGLE]
    names.add(single)
    replies = _replies([key for topic in shown for key in topic.conversations])
    return Gaps(
        tuple(_gap(topic, names, replies, now) for topic in shown),
        tuple(_followed(found, now)),
        tuple(names.example(question) for question in single),
        waiting,
        len(found.topics) - len(shown),
    )


def _sorted(now: datetime) -> tuple[Sorted, int]:
    """The topics, and how many questions wait for their place."""
    middles = _middles(now)
    questions = questions_since(now - (FOLLOW_FOR if middles else WINDOW))
    placed, vectors = known_vectors(questions)
    waiting = sum(question.at >= now - WINDOW for question in questions) - sum(
        question.at >= now - WINDOW for question in placed
    )
    return sort(placed, vectors, middles, now, max(ALIKE, same_matter(ALIKE))), waiting


def _middles(now: datetime) -> dict[UUID, Floats]:
    """Of the topics that got an article lately, as long as the network in use can compare them."""
    rows = FollowedTopic.objects.filter(started_at__gte=now - FOLLOW_FOR).order_by("pk")
    return {row.article_id: unpacked(row.centre) for row in rows if readable(row.centre)}


def _gap(topic: Topic, names: _Names, replies: dict[UUID, list[_Reply]], now: datetime) -> Gap:
    said = [reply for key in topic.conversations for reply in replies.get(key, ())]
    best = best_replies((Answered(reply.text, reply.names) for reply in said), REPLIES)
    examples = topic.examples(NEAREST)
    title = title_of([Answered(question.text, names.of(question)) for question in examples])
    return Gap(
        topic.id,
        title or mask(examples[0].text, _found(examples[0].text), names.of(examples[0])),
        len(topic.questions),
        dict(topic.causes),
        trend(topic.questions, now),
        tuple(names.example(question) for question in examples[:EXAMPLES]),
        tuple(mask(text, _found(text)) for text in best),
        topic.language,
    )


def _found(text: str) -> tuple[Entity, ...]:
    return tuple(find_entities(text))


class _Names:
    """Masks questions by the names of those who asked them, all loaded at once."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self._names: dict[str, str] = {}
        self.add(list(questions))

    def add(self, questions: Sequence[Question]) -> None:
        keys = [question.id for question in questions if question.conversation]
        rows = Message.objects.filter(pk__in=keys).values_list("pk", "conversation__customer__name")
        self._names |= {str(key): name for key, name in rows}

    def of(self, question: Question) -> tuple[str, ...]:
        return (self._names.get(question.id, ""),)

    def example(self, question: Question) -> Example:
        text = mask(question.text, _found(question.text), self.of(question))
        return Example(text, question.language, question.at, question.conversation, question.article)


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    language: str
    names: tuple[str, ...]


def _replies(conversations: Sequence[UUID]) -> dict[UUID, list[_Reply]]:
    """What agents wrote in these conversations, in order."""
    rows = Message.objects.filter(conversation__in=conversations, author="agent").order_by("conversation_id", "seq")
    found: dict[UUID, list[_Reply]] = {}
    for key, text, language, customer, agent in rows.values_list(
        "conversation_id", "text", "conversation__language", "conversation__customer__name", "agent__name"
    ):
        found.setdefault(key, []).append(_Reply(text, language, (customer, agent or "")))
    return found


def _followed(found: Sorted, now: datetime) -> Iterable[Followed]:
    articles = Article.objects.filter(pk__in=list(found.followed)).defer("body").order_by("-updated_at")
    first = dict(
        Version.objects.filter(article__in=articles, published_at__isnull=False)
        .values_list("article")
        .annotate(Min("published_at"))
    )
    for article in articles:
        questions, at = found.followed[article.pk], first.get(article.pk)
        before = per_week(questions, max(at - RECENT, now - FOLLOW_FOR), at) if at else None
        after = per_week(questions, max(at, now - 2 * RECENT), now) if at else None
        yield Followed(article, at, before, after, trend(questions, now))


def do_start_draft(topic_id: str, author: User) -> Article:
    """A draft for a topic from the agents' best replies, in the language of most questions. A topic that got one
    already returns it. Raises NotFound where the topic is no longer there, InvalidInput where it has no words."""
    with transaction.atomic():
        with connection.cursor() as cursor:  # two curators at once start one draft
            cursor.execute("lock table knowledge_followedtopic in share row exclusive mode")
        found, _waiting = _sorted(timezone.now())
        for article, questions in found.followed.items():
            if any(question.id == topic_id for question in questions):
                return Article.objects.get(pk=article)
        topic = next((topic for topic in found.topics if topic.id == topic_id), None)
        if topic is None:
            raise NotFound(_("This topic is no longer there: its questions have been erased or are too old."))
        article_made = _draft(topic, author)
        FollowedTopic.objects.create(article=article_made, centre=packed(topic.centre), started_by=author)
        record(f"agent:{author.pk}", "gap_draft_started", article=str(article_made.pk), questions=len(topic.questions))
    return article_made


def _draft(topic: Topic, author: User) -> Article:
    language = topic.language if topic.language in _SPEAKS else author.language
    examples = [question for question in topic.examples(NEAREST) if question.language == language]
    names = _Names(examples)
    replies = [reply for found in _replies(topic.conversations).values() for reply in found]
    draft = drafted(
        [Answered(question.text, names.of(question)) for question in examples or topic.examples(1)],
        (Answered(reply.text, reply.names) for reply in replies if reply.language == language),
    )
    if not draft.title:
        raise InvalidInput(_("These questions hold nothing but personal data: please write the article yourself."))
    return do_create(author, title=draft.title, body=draft.body, language=language)


def do_sort_questions() -> int:
    """Places the questions that wait; returns how many."""
    now = timezone.now()
    return do_place(questions_since(now - (FOLLOW_FOR if _middles(now) else WINDOW)))
