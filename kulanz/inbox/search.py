"""Search over everything that was ever said: words in German and English, names, addresses, numbers.

Full text of PostgreSQL over one row a conversation (`search_models`). A word matches in all its forms, and the last one
also as a beginning, so that `ML-102` finds ML-10234; words that belong together (`ML-10234`, an address, anything in
quotation marks) are a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Left

from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.search_models import ConversationWords

RANKED = 500  # conversations; of more, the newest are ranked
MOST_WORDS = 12
SHORTEST_BEGINNING = 3  # characters; shorter ones are the beginning of too much
CONFIGURATIONS: Final = ("german", "english", "simple")
AROUND = 90  # characters shown before and behind the first word found
READ = 4_000  # characters of a message in which its words are shown
RECENT = 30 * 86_400.0  # seconds in which a conversation loses half of what speaks for the newest
_CHUNK = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_ENDING = 4  # letters that a word may have behind the part that is looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: chunks of words that stand together; the last word may be a beginning."""

    chunks: tuple[tuple[str, ...], ...]
    beginning: bool

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for chunk in self.chunks for word in chunk)

    @property
    def query(self) -> SearchQuery:
        """In both languages, and as written (for names)."""
        text = self._text()
        first, *others = (SearchQuery(text, config=name, search_type="raw") for name in CONFIGURATIONS)
        for other in others:
            first = first | other
        return first

    def _text(self) -> str:
        chunks = [" <-> ".join(chunk) for chunk in self.chunks]
        return " & ".join(f"({chunk})" for chunk in [*chunks[:-1], chunks[-1] + (":*" if self.beginning else "")])


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence; `found` where it is one of the words looked for."""

    text: str
    found: bool = False


def wanted(text: str) -> Wanted | None:
    """What is looked for with this text (100 characters count); None where no word is in it."""
    clean = unicodedata.normalize("NFC", text.replace("\0", "")).encode("utf-8", "ignore").decode()[:100]
    chunks, left, quoted = [], MOST_WORDS, False
    for found in _CHUNK.finditer(clean):
        words = tuple(word.lower() for word in _WORD.findall(found[0]))[:left]
        if words:
            chunks.append(words)
            left, quoted = left - len(words), found[1] is not None
    if not chunks:
        return None
    return Wanted(tuple(chunks), not quoted and len(chunks[-1][-1]) >= SHORTEST_BEGINNING)


def best(conversations: QuerySet[Conversation], looked_for: Wanted, now: datetime) -> list[UUID]:
    """The conversations of these that match, best first, at most 500: where the words stand, how often, how recently.

    Whether few match is found out first: few are all ranked, by the index of the words; of many (a word that stands in
    every tenth conversation) the newest, which are found quickly from the end.
    """
    query = looked_for.query
    words = ConversationWords.objects.filter(words=query)
    with transaction.atomic():
        _prefer("seqscan", "indexscan")
        some = list(words.values_list("pk", flat=True)[: RANKED + 1])
        few = len(some) <= RANKED
        _prefer(*([] if few else ["seqscan", "bitmapscan", "sort"]))
        within = ConversationWords.objects.filter(pk__in=some) if few else words.order_by("-at")
        within = within.filter(conversation__in=conversations.order_by())
        ranked = within.annotate(rank=SearchRank(F("words"), query)).values_list("pk", "rank", "at")[:RANKED]
        found = [(rank * _freshness(now, at), at, pk) for pk, rank, at in ranked]
        _prefer()
    return [pk for *_, pk in sorted(found, reverse=True)]


def _prefer(*avoided: str) -> None:
    """Which ways of finding rows the planner avoids in this transaction: its guess about rare words is often wrong."""
    ways = ("seqscan", "indexscan", "bitmapscan", "sort")
    with connection.cursor() as cursor:
        cursor.execute(
            "select " + ", ".join("set_config(%s, %s, true)" for _ in ways),
            [value for way in ways for value in (f"enable_{way}", "off" if way in avoided else "on")],
        )


def _freshness(now: datetime, at: datetime) -> float:
    age = max(0.0, (now - at).total_seconds())
    return 0.5 + 0.5 / (1 + age / RECENT)


def sentences(conversations: Sequence[UUID], looked_for: Wanted) -> dict[UUID, tuple[Piece, ...]]:
    """For each conversation the message that holds most of the words, cut to where they stand: one query."""
    stems = _stems(looked_for)
    said = Message.objects.filter(conversation__in=conversations).exclude(author="system").order_by("-seq")
    best_of: dict[UUID, tuple[int, str]] = {}
    for pk, text in said.values_list("conversation_id", Left("text", READ)):
        folded = [word.group() for word in _WORD.finditer(text)]
        score = len({stem for word in folded for stem in stems if _is(word, stem)})
        if score > best_of.get(pk, (0, ""))[0]:
            best_of[pk] = score, text
    return {pk: shown(text, stems) for pk, (_, text) in best_of.items()}


def _stems(looked_for: Wanted) -> tuple[str, ...]:
    """The parts of the words that stay the same in all their forms, in each language."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct lexeme from unnest(%s::text[]) word, unnest(%s::regconfig[]) language,"
            " unnest(to_tsvector(language, word))",
            [list(looked_for.words), ["german", "english"]],
        )
        stems = {fold(stem) for (stem,) in cursor.fetchall()}
    return tuple(stems | {fold(word) for word in looked_for.words if word.isdigit()})


def fold(word: str) -> str:
    """Without case and without marks over letters, as the German stemmer leaves them out."""
    plain = unicodedata.normalize("NFD", word.lower().replace("ß", "ss"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _is(word: str, stem: str) -> bool:
    if word[0].lower() != stem[0] and word[0].isascii():
        return False  # nearly all words end here
    plain = fold(word)
    return plain.startswith(stem) and (word.isdigit() or len(plain) <= len(stem) + _ENDING)


def shown(text: str, stems: Iterable[str]) -> tuple[Piece, ...]:
    """The text around the first of these words, in pieces."""
    text = " ".join(text.split())
    found = [word.span() for word in _WORD.finditer(text) if any(_is(word.group(), stem) for stem in stems)]
    if not found:
        return (Piece(text[: 2 * AROUND]),)
    start = max(0, found[0][0] - AROUND)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = min(len(text), found[0][1] + AROUND)
    spans = [(a, b) for a, b in found if b <= end]
    cuts = sorted({start, end, *(place for span in spans for place in span)})
    pieces = [Piece(text[a:b], (a, b) in spans) for a, b in pairwise(cuts)]
    return (*([Piece("… ")] if start else []), *pieces, *([Piece(" …")] if end < len(text) else []))
