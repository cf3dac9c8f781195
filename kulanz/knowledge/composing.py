"""An answer put together from what the articles say, word for word: every statement with its passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from kulanz.core.knowledge import Audience, Passage
from kulanz.core.message import Source
from kulanz.knowledge.context import in_context
from kulanz.knowledge.models import Article
from kulanz.knowledge.orders import gives_orders
from kulanz.knowledge.queries import source_path
from kulanz.knowledge.quote import has_choice, quote
from kulanz.knowledge.search import search
from kulanz.knowledge.sentences import sentences
from kulanz.knowledge.visibility import shown
from kulanz.nlp.embedder import embedder
from kulanz.nlp.vector import LazyVector

MOST_SENTENCES = 14
"""Sentences whose meaning is compared, at about 1 ms each; of a longer passage shared words alone choose."""
ALSO_FROM = 0.15
"""The chance that a second article has for the whole question: a part alone ("do I get my money back?") finds more than
was meant."""
ADDS = 0.03
"""How much nearer in meaning (cosine) to its part of the question a second passage of the same article lies."""
MOST_PARTS = 4
SHORTEST_PART = 3
"""Words that a part of a question has at least: "und warum?" asks for no other article."""

_PARTS = re.compile(
    r"\?\s+(?=\w)|(?:,?\s+(?:und|sowie|oder|and|or)|,)\s+(?=(?:wie|was|wann|wo|woher|wohin|wer|wen|wem|warum|wieso|welche\w*"
    r"|kann|könn\w+|darf|dürf\w+|muss|müss\w+|gibt|ist|sind|bekomm\w+|how|what|when|where|who|why|which|can|could|may|must"
    r"|do|does|is|are|will|should)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Neighbouring sentences of one passage, word for word, and where they stand."""

    text: str
    passage: Passage
    url: str

    @property
    def source(self) -> Source:
        return Source(
            self.passage.article_id, self.passage.passage_id, self.passage.title, self.text, self.passage.language,
            self.url,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said in answer to a question; `language` is the reader's (ISO 639-1)."""

    statements: tuple[Statement, ...]
    language: str

    @property
    def text(self) -> str:
        """For the reader: the statements as paragraphs, each run in another language led in by a sentence saying so."""
        parts: list[str] = []
        before = self.language
        for statement in self.statements:
            spoken = statement.passage.language
            if spoken not in {self.language, before}:
                parts.append(only_in(spoken, self.language))
            parts.append(statement.text)
            before = spoken
        return "\n\n".join(parts)

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(statement.source for statement in self.statements)


def compose(
    question: str,
    passage: Passage,
    language: str,
    *,
    others: Sequence[Passage] = (),
    answer_from: float = 1.0,
    audience: Audience = Audience.CUSTOMERS,
) -> Composed:
    """The sentences of `passage` that answer `question`, and those of a second passage where the question has a second
    part that this one answers with a chance of at least `answer_from` (at 1.0 none is looked for). `others` are what
    was found for the whole question.

    To customers nothing is said from a passage that gives orders to an assistant ("promise every customer …"): whatever
    it holds was written to be repeated. The answer may then be empty.

    Of a passage beyond a few sentences the vectors of question and sentences are computed (about 10 ms); a question in
    two parts costs two to four searches more."""
    chosen = [passage]
    if answer_from < 1.0:
        chosen = _for_both_parts(question, passage, others, _Reader(language, answer_from, audience))
    if audience is Audience.CUSTOMERS:
        chosen = [p for p in chosen if may_be_said(p)]
    inner = _internal([p.article_id for p in chosen]) if audience is Audience.AGENTS else frozenset[str]()
    return Composed(tuple(_statement(question, found, inner) for found in chosen), language)


def may_be_said(passage: Passage) -> bool:
    """Whether a passage may be quoted to a customer."""
    return not gives_orders(f"{passage.title}\n{passage.text}")


def only_in(language: str, reader: str) -> str:
    """That the article is there in another language only, for a reader of `reader`."""
    with override(reader):
        try:
            name = get_language_info(language)["name_translated"]
        except KeyError:
            return _("There is only an article in another language on this:")
        return _("There is only an article in {language} on this:").format(language=name)


def best_sentences(question: str, text: str) -> str:
    """`quote` by meaning and shared words."""
    return quote(question, text, _likeness(question) if has_choice(text) else None)


def _likeness(question: str) -> Callable[[Sequence[str]], Sequence[float]]:
    def near(sentences: Sequence[str]) -> list[float]:
        if len(sentences) > MOST_SENTENCES:
            return [0.0] * len(sentences)
        vectors = embedder().passage(list(sentences))
        return [float(cosine) for cosine in vectors @ LazyVector(question).value]

    return near


def _statement(question: str, passage: Passage, inner: frozenset[str]) -> Statement:
    text = best_sentences(question, passage.text)
    if passage.article_id in inner:
        return Statement(text, passage, desk_path(passage.article_id))
    return Statement(text, passage, source_path(passage.article_id, passage.passage_id, text))


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    answer_from: float
    audience: Audience


def _for_both_parts(question: str, passage: Passage, others: Sequence[Passage], reader: _Reader) -> list[Passage]:
    """`passage` and at most one for a part of the question that it is not about, in the order of the parts."""
    parts = list(dict.fromkeys(question_parts(question)))
    if len(parts) > MOST_PARTS:  # a story, not a question in two parts
        return [passage]
    meant = {other.article_id for other in others if other.confidence >= ALSO_FROM}
    for index, part in enumerate(parts if len(parts) > 1 else []):
        for asked in dict.fromkeys((part, in_context(part, parts[:index]))):
            found = search(asked, LazyVector(asked), reader.language, audience=reader.audience, limit=1)
            if not found or found[0].confidence < reader.answer_from or found[0].passage_id == passage.passage_id:
                continue
            same = found[0].article_id == passage.article_id
            if _adds(part, found[0], passage) if same else found[0].article_id in meant:
                return [passage, found[0]] if index else [found[0], passage]
    return [passage]


def _adds(part: str, second: Passage, first: Passage) -> bool:
    """Whether another passage of the same article is clearly nearer to this part of the question."""
    near = _likeness(part)
    return max(near(sentences(second.text))) >= max(near(sentences(first.text))) + ADDS


def question_parts(question: str) -> list[str]:
    """The questions in a message, in order; a single one where it asks for one thing."""
    parts: list[str] = []
    for piece in _PARTS.split(question):
        if parts and len(piece.split()) < SHORTEST_PART:
            parts[-1] = f"{parts[-1]} {piece}"
        elif piece.strip():
            parts.append(piece.strip())
    return parts


def addressed(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The same, where an article for agents only opens at the desk."""
    inner = _internal([passage.article_id for passage in passages])
    return tuple(replace(p, url=desk_path(p.article_id)) if p.article_id in inner else p for p in passages)


def desk_path(article_id: str) -> str:
    """Where staff open an article."""
    return f"/desk/knowledge/{article_id}/"


def closed_to_customers(article_ids: Collection[str]) -> frozenset[str]:
    """Those of these articles that a customer can't open today: for agents only, withdrawn, not valid."""
    if not article_ids:
        return frozenset()
    found = Article.objects.filter(pk__in=article_ids).exclude(shown(Audience.CUSTOMERS)).values_list("pk", flat=True)
    return frozenset(map(str, found))


def _internal(article_ids: Collection[str]) -> frozenset[str]:
    found = Article.objects.filter(pk__in=article_ids, audience=Audience.AGENTS.value).values_list("pk", flat=True)
    return frozenset(map(str, found))
