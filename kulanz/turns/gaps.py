"""What the knowledge lacks: topics of questions without a good answer, drafts from agents' replies, whether an article
made its topic shrink, and topics that are none for an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.reading import Entity
from kulanz.inbox.models import Message
from kulanz.knowledge.articles import do_create
from kulanz.knowledge.drafting import Answered, Draft, best_replies, drafted, title_of
from kulanz.knowledge.gaps import ALIKE, RECENT, WINDOW, Cause, Question, Sorted, Topic, Trend, per_week, sort, trend
from kulanz.knowledge.models import Article, DismissedTopic, FollowedTopic, Version
from kulanz.knowledge.wording import word_draft
from kulanz.nlp.grouping import Floats
from kulanz.nlp.language_models.ask import configured
from kulanz.settings.language_models import Task
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
SHORTEST_REASON = 3
"""Characters of a reason for which a topic is dismissed."""
FULL_WEEK = timedelta(weeks=1)
"""After a publication, before an effect is said: fewer days without a question say nothing."""
_DISMISSED = UUID("6b9d0f0e-3c50-4f0e-9d0a-5b1f6c0d2a77")
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
    there is nothing to count yet; `early`: a week has not passed since."""

    article: Article
    published: datetime | None
    before: float | None
    after: float | None
    trend: Trend
    early: bool = False

    @property
    def shrank(self) -> bool | None:
        if self.before is None or self.after is None or self.early:
            return None
        return self.after < self.before


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A topic that is none for an article; `count` and `examples` are its questions of the last 60 days."""

    topic: DismissedTopic
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Everything the page shows. `waiting` questions have not been placed among the topics yet."""

    topics: tuple[Gap, ...]
    followed: tuple[Followed, ...]
    dismissed: tuple[Dismissed, ...]
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
        tuple(_dismissed(found, now)),
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
    """Of the topics that got an article lately and of those that are dismissed, as long as the network in use can
    compare them."""
    rows = FollowedTopic.objects.filter(started_at__gte=now - FOLLOW_FOR).order_by("pk")
    found = {row.article_id: row.centre for row in rows}
    found |= {_name(row): row.centre for row in DismissedTopic.objects.order_by("pk")}
    return {name: unpacked(centre) for name, centre in found.items() if readable(centre)}


def _name(topic: DismissedTopic) -> UUID:
    return uuid5(_DISMISSED, str(topic.pk))


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
        early = at is not None and now - at < FULL_WEEK
        yield Followed(article, at, before, after, trend(questions, now), early)


def _dismissed(found: Sorted, now: datetime) -> Iterable[Dismissed]:
    for topic in DismissedTopic.objects.select_related("dismissed_by").order_by("-dismissed_at"):
        questions = [q for q in found.followed.get(_name(topic), ()) if q.at >= now - WINDOW]
        latest = questions[: -EXAMPLES - 1 : -1]
        names = _Names(latest)
        yield Dismissed(topic, len(questions), tuple(names.example(question) for question in latest))


def do_start_draft(topic_id: str, author: User) -> Article:
    """A draft for a topic from the agents' best replies, in the language of most questions. A topic that got one
    already returns it. Where a language model is set it words the draft, if their replies support all of it: that takes
    seconds, so never call this inside a transaction. Raises NotFound where the topic is no longer there, InvalidInput
    where it has no words."""
    worded = _worded(topic_id, author)
    with transaction.atomic():
        found = _sorted_alone()
        for article in Article.objects.filter(pk__in=list(found.followed)):
            if any(question.id == topic_id for question in found.followed[article.pk]):
                return article
        topic = _topic_of(found, topic_id)
        draft, language = _draft(topic, author)
        body = worded.get(draft, draft.body)
        article_made = do_create(author, title=draft.title, body=body, language=language)
        FollowedTopic.objects.create(article=article_made, centre=packed(topic.centre), started_by=author)
        record(f"agent:{author.pk}", "gap_draft_started", article=str(article_made.pk), questions=len(topic.questions))
    return article_made


def _worded(topic_id: str, author: User) -> dict[Draft, str]:
    """What a language model makes of the draft that this topic would get now; empty without one."""
    if not configured(Task.GAP_DRAFT):
        return {}
    found, _waiting = _sorted(timezone.now())
    topic = next((topic for topic in found.topics if topic.id == topic_id), None)
    if topic is None:
        return {}
    draft, language = _draft(topic, author)
    body = word_draft(draft.title, draft.body.split("\n\n"), language) if draft.body else ""
    return {draft: body} if body else {}


def _sorted_alone() -> Sorted:
    """The topics, inside the caller's transaction: two curators at once start one draft, and dismiss a topic once."""
    with connection.cursor() as cursor:
        cursor.execute("lock table knowledge_followedtopic in share row exclusive mode")
    return _sorted(timezone.now())[0]


def _topic_of(found: Sorted, topic_id: str) -> Topic:
    topic = next((topic for topic in found.topics if topic.id == topic_id), None)
    if topic is None:
        raise NotFound(_("This topic is no longer there: its questions have been erased or are too old."))
    return topic


def do_dismiss(topic_id: str, actor: User, reason: str) -> DismissedTopic:
    """Says that a topic is none for an article, and why: its questions, later ones too, count no more until it is
    brought back. Raises NotFound where the topic is no longer there, InvalidInput without a reason."""
    reason = " ".join(reason.split())[:300]
    if len(reason) < SHORTEST_REASON:
        raise InvalidInput(_("Please say why this topic needs no article."))
    with transaction.atomic():
        topic = _topic_of(_sorted_alone(), topic_id)
        made = DismissedTopic.objects.create(centre=packed(topic.centre), reason=reason, dismissed_by=actor)
        record(f"agent:{actor.pk}", "gap_dismissed", topic=made.pk, questions=len(topic.questions), reason=reason)
    return made


def do_bring_back(key: int, actor: User) -> None:
    """The questions of a dismissed topic count again. Raises NotFound where it is not dismissed any more."""
    with transaction.atomic():
        deleted, _rows = DismissedTopic.objects.filter(pk=key).delete()
        if not deleted:
            raise NotFound(_("This topic is not dismissed."))
        record(f"agent:{actor.pk}", "gap_brought_back", topic=key)


def _draft(topic: Topic, author: User) -> tuple[Draft, str]:
    """The built-in draft and its language."""
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
    return draft, language


def do_sort_questions() -> int:
    """Places the questions that wait; returns how many."""
    now = timezone.now()
    return do_place(questions_since(now - (FOLLOW_FOR if _middles(now) else WINDOW)))
