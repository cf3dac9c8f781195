"""Topics of questions that got no good answer: how many, whether they grow, and whether an article helped. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
from rapidfuzz import fuzz

from kulanz.nlp.grouping import Floats, centre_of, clustered, joined

Cause = Literal["unanswered", "handed_over", "rated_badly"]
RECENT = timedelta(weeks=4)
WINDOW = timedelta(days=60)
"""How far back questions are grouped into topics."""
LEAST = 2
"""Questions that make a topic."""
ALIKE = 0.6
"""Cosine of the reading network from which a question belongs to another one. Measured on the opening messages of the
demo company's past conversations and on 3,000 messages of two public sets with 150 intents: of two questions in one
topic .96 and .64 had the same intent, and of all questions 98 and 88 in 100 stood with most of their intent. At .65 the
topics break into more pieces, at .55 different matters run together."""
JOINED = 0.65
"""Cosine from which the middles of two topics make one."""
FOLLOWED = 0.65
"""Cosine to the middle of a topic that got an article from which a question still belongs to it."""
_NUMBERED = re.compile(r"[\w-]*\d[\w-]*")
_LOOKED_AT = 200  # questions of a topic among which examples are sought
_SAME_WORDING = 80.0  # percent of common words


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asked in vain. `id` is the message's; `conversation` is None where readers found that an
    article did not help, `article` is set then and `id` is made of it."""

    id: str
    at: datetime
    text: str
    language: str
    causes: frozenset[Cause]
    conversation: UUID | None = None
    article: UUID | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions of one matter, the oldest first. `centre` (384,) is their middle; `nearest` are their places in
    `questions`, the one nearest to the middle first."""

    questions: tuple[Question, ...]
    centre: Floats
    nearest: tuple[int, ...]

    @property
    def id(self) -> str:
        """Stays the same while the oldest question is in sight."""
        return self.questions[0].id

    @property
    def causes(self) -> Counter[Cause]:
        return Counter(cause for question in self.questions for cause in question.causes)

    @property
    def conversations(self) -> tuple[UUID, ...]:
        """Each once, the newest first."""
        found = (question.conversation for question in reversed(self.questions))
        return tuple(dict.fromkeys(key for key in found if key))

    @property
    def language(self) -> str:
        """Most questions'."""
        return Counter(question.language for question in self.questions).most_common(1)[0][0]

    def examples(self, most: int = 3) -> list[Question]:
        """The questions that say best what it is about, no wording twice; other numbers make no other wording."""
        found: list[Question] = []
        for place in self.nearest[:_LOOKED_AT]:
            question = self.questions[place]
            if all(fuzz.token_set_ratio(_plain(question), _plain(other)) < _SAME_WORDING for other in found):
                found.append(question)
            if len(found) == most:
                break
        return found


@dataclass(frozen=True, slots=True)
class Trend:
    """Questions of the last 4 weeks and of the 4 before."""

    recent: int
    before: int

    @property
    def change(self) -> int:
        return self.recent - self.before


@dataclass(frozen=True, slots=True)
class Sorted:
    """`topics` by how much they matter now; `followed` holds the questions of each topic that got an article;
    `single` are alone with their matter, the newest first."""

    topics: tuple[Topic, ...]
    followed: Mapping[UUID, tuple[Question, ...]]
    single: tuple[Question, ...]


def _plain(question: Question) -> str:
    return _NUMBERED.sub(" ", question.text.casefold())


def sort(
    questions: Sequence[Question], vectors: Floats, followed: Mapping[UUID, Floats], now: datetime, alike: float = ALIKE
) -> Sorted:
    """Groups the questions of the last 60 days; `vectors` (n, 384) belong to `questions`, `followed` names the middles
    of the topics that got an article. 5,000 questions take a fifth of a second."""
    order = sorted(range(len(questions)), key=lambda row: (questions[row].at, questions[row].id))
    claimed = _claimed(vectors, followed)
    kept = {
        article: tuple(questions[row] for row in order if claimed.get(row) == article) for article in followed
    }  # fmt: skip
    rows = [row for row in order if row not in claimed and questions[row].at >= now - WINDOW]
    if not rows:
        return Sorted((), kept, ())
    free, joined_from = vectors[rows], max(JOINED, alike + 0.05)
    groups = joined(free, clustered(free, alike), joined_from)
    topics = [_topic([questions[rows[at]] for at in group], free[group]) for group in groups if len(group) >= LEAST]
    topics.sort(key=lambda topic: (-trend(topic.questions, now).recent, -len(topic.questions), topic.id))
    single = [questions[rows[group[0]]] for group in groups if len(group) < LEAST]
    return Sorted(tuple(topics), kept, tuple(sorted(single, key=lambda question: question.at, reverse=True)))


def _claimed(vectors: Floats, followed: Mapping[UUID, Floats]) -> dict[int, UUID]:
    """Row → article, for the questions of topics that got one: the topic nearest to each."""
    if not followed or not len(vectors):
        return {}
    articles = list(followed)
    cosines = vectors @ np.array([followed[article] for article in articles]).T
    best = cosines.argmax(axis=1)
    return {int(row): articles[best[row]] for row in np.flatnonzero(cosines.max(axis=1) >= FOLLOWED)}


def _topic(questions: list[Question], vectors: Floats) -> Topic:
    centre = centre_of(vectors)
    nearest = np.argsort(-(vectors @ centre), kind="stable")
    return Topic(tuple(questions), centre, tuple(int(place) for place in nearest))


def trend(questions: Iterable[Question], now: datetime) -> Trend:
    """The last 4 weeks against the 4 before."""
    moments = [question.at for question in questions]
    recent = sum(now - RECENT < at <= now for at in moments)
    return Trend(recent, sum(now - 2 * RECENT < at <= now - RECENT for at in moments))


def per_week(questions: Iterable[Question], start: datetime, end: datetime) -> float | None:
    """Questions a week between two moments; None where they are less than a day apart: that says nothing yet."""
    if end - start < timedelta(days=1):
        return None
    count = sum(start <= question.at < end for question in questions)
    return count / ((end - start) / timedelta(weeks=1))
