"""An answer put together from what the articles say, word for word: every statement with its passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from kulanz.core.knowledge import Audience, Passage
from kulanz.core.message import Source
from kulanz.knowledge.context import in_context, lacks_matter
from kulanz.knowledge.models import Article
from kulanz.knowledge.models import Passage as PassageRow
from kulanz.knowledge.orders import gives_orders
from kulanz.knowledge.queries import source_path
from kulanz.knowledge.quote import has_choice, quote
from kulanz.knowledge.search import search
from kulanz.knowledge.sentences import sentences
from kulanz.knowledge.spoken import Link, links_of, spoken
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

UNSURE = 0.25
"""The chance below which nothing was found for a part of a question."""
UNLIKE = 0.82
"""Cosine of a question and the nearest sentence of an article below which the article is about something else, so that
it can't hold the answer in words of its own."""
MOST_COMPARED = 28
"""Sentences of the quoted articles that an open part is compared with, at about 1 ms each."""

_QUESTION = (
    r"(?:wie|was|wann|wo|woher|wohin|wer|wen|wem|warum|wieso|welche\w*|kann|könn\w+|darf|dürf\w+|muss|müss\w+|gibt|ist|sind"
    r"|bekomm\w+|how|what|when|where|who|why|which|can|could|may|must|do|does|is|are|will|should)\b"
    r"|\w+en\s+(?-i:Sie)\b|(?:have|has|did|would)\s+(?:you|i|it|they|we)\b"
)
"""How a question begins: an interrogative, or a verb before its subject."""
_PARTS = re.compile(rf"\?\s+(?=\w)|(?:,?\s+(?:und|sowie|oder|and|or)|,)\s+(?={_QUESTION})", re.IGNORECASE)
_ASKS = re.compile(rf"(?:(?:und|oder|and|or|also)\s+)*(?={_QUESTION})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """Neighbouring sentences of one passage, word for word, and where they stand. `links` are those of its article."""

    text: str
    passage: Passage
    url: str
    links: tuple[Link, ...] = ()

    @property
    def spoken(self) -> str:
        """The same for a message: without the marks of tables, with the addresses of links."""
        return spoken(self.text, self.links)

    @property
    def source(self) -> Source:
        return Source(
            self.passage.article_id, self.passage.passage_id, self.passage.title, self.text, self.passage.language,
            self.url,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Composed:
    """What is said in answer to a question; `language` is the reader's (ISO 639-1). `open_parts` are the questions in
    it that nothing was found for, in the asker's words."""

    statements: tuple[Statement, ...]
    language: str
    open_parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For the reader: the statements as paragraphs, each run in another language led in by a sentence saying so."""
        parts: list[str] = []
        before = self.language
        for statement in self.statements:
            spoken = statement.passage.language
            if spoken not in {self.language, before}:
                parts.append(only_in(spoken, self.language))
            parts.append(statement.spoken)
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
    two parts costs one or two searches a part."""
    chosen, open_parts = [passage], tuple[str, ...]()
    if answer_from < 1.0:
        chosen, open_parts = _for_both_parts(question, passage, others, _Reader(language, answer_from, audience))
    if audience is Audience.CUSTOMERS:
        chosen = [p for p in chosen if may_be_said(p)]
    inner = _internal([p.article_id for p in chosen]) if audience is Audience.AGENTS else frozenset[str]()
    links = _links([p.article_id for p in chosen])
    return Composed(tuple(_statement(question, found, inner, links) for found in chosen), language, open_parts)


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


def _statement(
    question: str, passage: Passage, inner: frozenset[str], links: Mapping[str, tuple[Link, ...]]
) -> Statement:
    text, found = best_sentences(question, passage.text), links.get(passage.article_id, ())
    if passage.article_id in inner:
        return Statement(text, passage, desk_path(passage.article_id), found)
    return Statement(text, passage, source_path(passage.article_id, passage.passage_id, text), found)


def _links(article_ids: Sequence[str]) -> dict[str, tuple[Link, ...]]:
    """The links of these articles; none where they are not stored."""
    try:
        found = Article.objects.filter(pk__in=article_ids, body__iregex=r"https?://|mailto:").values_list("pk", "body")
        return {str(key): tuple(links_of(body)) for key, body in found}
    except ValidationError:  # an id that is no UUID
        return {}


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    answer_from: float
    audience: Audience


def _for_both_parts(
    question: str, passage: Passage, others: Sequence[Passage], reader: _Reader
) -> tuple[list[Passage], tuple[str, ...]]:
    """`passage` and at most one for a part of the question that it is not about, in the order of the parts; and the
    parts that nothing was found for."""
    parts = list(dict.fromkeys(question_parts(question)))
    if not 1 < len(parts) <= MOST_PARTS:  # one question, or a story
        return [passage], ()
    found = [_looked_up(part, parts[:index], reader) for index, part in enumerate(parts)]
    chosen = _with_second(parts, found, passage, others, reader)
    left = [part for part, passages in zip(parts, found, strict=True) if _is_open(part, passages, chosen)]
    return chosen, tuple(_ASKS.sub("", part, count=1) for part in left) if len(left) < len(parts) else ()


def _looked_up(part: str, before: Sequence[str], reader: _Reader) -> list[Passage]:
    """The best passage for the part alone and, where it lacks its matter, with what was asked before it."""
    ways = dict.fromkeys((part, in_context(part, before)))
    return [
        best for way in ways
        for best in search(way, LazyVector(way), reader.language, audience=reader.audience, limit=1)
    ]  # fmt: skip


def _with_second(
    parts: Sequence[str], found: Sequence[Sequence[Passage]], passage: Passage, others: Sequence[Passage],
    reader: _Reader,
) -> list[Passage]:  # fmt: skip
    meant = {other.article_id for other in others if other.confidence >= ALSO_FROM}
    for index, part in enumerate(parts):
        for best in found[index]:
            if best.confidence < reader.answer_from or best.passage_id == passage.passage_id:
                continue
            same = best.article_id == passage.article_id
            if _adds(part, best, passage) if same else best.article_id in meant:
                return [passage, best] if index else [best, passage]
    return [passage]


def _is_open(part: str, found: Sequence[Passage], chosen: Sequence[Passage]) -> bool:
    """Whether a part asks something that names its matter, and neither the search nor the quoted articles know it."""
    if not _ASKS.match(part) or lacks_matter(part) or any(best.confidence >= UNSURE for best in found):
        return False
    rows = PassageRow.objects.filter(article__in=[p.article_id for p in chosen]).order_by("article", "position")
    near = [said for text in rows.values_list("text", flat=True) for said in sentences(text)][:MOST_COMPARED]
    return not near or float((embedder().passage(near) @ LazyVector(part).value).max()) < UNLIKE


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
