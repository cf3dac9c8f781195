"""What the public help centre shows: only what customers may read today, in one language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import connection
from django.db.models import Max

from kulanz.core.knowledge import Audience
from kulanz.knowledge.models import Article
from kulanz.knowledge.visibility import SHOWN, shown, today
from kulanz.knowledge.words import dictionary

MOST_TOPICS = 60
SUGGESTIONS = 8
MOST_TYPED = 100
"""Characters of a search that are looked at while somebody types."""
LOOKED_AT = 500
"""Passages ranked at most: two letters begin words in nearly all of them, and any of those is as good."""
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """A tag with how many articles carry it, and the titles of some of them."""

    tag: str
    count: int
    articles: tuple[tuple[UUID, str], ...] = ()


def topics(language: str, examples: int = 4) -> list[Topic]:
    """The tags of what customers may read in this language, most used first, each with its first `examples` titles;
    articles without a tag come last, under ""."""
    sql = f"""
        select tag, number, id, title from (
            select t.tag, a.id, a.title, count(*) over (partition by t.tag) as number,
                row_number() over (partition by t.tag order by a.title, a.id) as place
            from knowledge_article a
            cross join lateral unnest(case when a.tags = '{{}}' then array['']::varchar[] else a.tags end) t(tag)
            where a.language = %(language)s and {SHOWN.format(article="a")}
        ) listed where place <= %(most)s order by tag = '', number desc, tag, place
    """  # noqa: S608 - only constants are filled in here
    with connection.cursor() as cursor:
        cursor.execute(sql, {"language": language, "most": examples, **_customers()})
        rows = cursor.fetchall()
    grouped = ((head, [row[2:] for row in rows]) for head, rows in groupby(rows, key=lambda row: row[:2]))
    found = [Topic(tag, number, tuple(titles)) for (tag, number), titles in grouped]
    return found[:MOST_TOPICS] if not found or found[-1].tag else [*found[:-1][:MOST_TOPICS], found[-1]]


def under(tag: str, language: str) -> list[Article]:
    """All articles of a topic by title; of "" those without any tag."""
    found = Article.objects.filter(shown(Audience.CUSTOMERS), language=language).defer("body")
    return list((found.filter(tags__contains=[tag]) if tag else found.filter(tags=[])).order_by("title", "pk"))


def suggest(typed: str, language: str) -> list[tuple[UUID, str]]:
    """(id, title) of up to SUGGESTIONS articles whose words begin as those typed, titles before texts. Words alone,
    without meaning: that costs a few milliseconds, so it can be asked at every pause of the keyboard."""
    words = _WORD.findall(typed[:MOST_TYPED])
    if not words or len(typed.strip()) < 2:
        return []
    quoted = ["'" + word.replace("'", "''") + "':*" for word in words]
    sql = f"""
        select a.id, a.title from knowledge_article a
        left join (
            select p.article_id, max(ts_rank('{{0, 0.1, 0.3, 1}}', p.words, p.query)) as score from (
                select p.article_id, p.words, q.query
                from knowledge_passage p, to_tsquery(%(dictionary)s, %(typed)s) as q(query)
                where p.words @@ q.query and p.language = %(language)s limit {LOOKED_AT}
            ) p group by p.article_id
        ) s on s.article_id = a.id
        where (s.score is not null or strpos(lower(a.title), lower(%(whole)s)) > 0)
            and a.language = %(language)s and {SHOWN.format(article="a")}
        order by strpos(lower(a.title), lower(%(whole)s)) > 0 desc, s.score desc nulls last, a.title limit %(most)s
    """  # noqa: S608 - only constants are filled in here
    values: dict[str, str | int | date] = {
        "typed": " & ".join(quoted), "whole": typed[:MOST_TYPED].strip(), "language": language,
        "dictionary": dictionary(language), "most": SUGGESTIONS, **_customers(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _customers() -> dict[str, str | date]:
    return {"audience": Audience.CUSTOMERS.value, "today": today()}


def newest_change(language: str = "") -> datetime | None:
    """When something that customers read in this language (in any) was last changed."""
    found = Article.objects.filter(shown(Audience.CUSTOMERS), **({"language": language} if language else {}))
    newest: datetime | None = found.aggregate(newest=Max("updated_at"))["newest"]
    return newest


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as the sitemap names it; `versions` are (language, id) of all its language versions, itself too."""

    id: UUID
    language: str
    changed: datetime
    versions: tuple[tuple[str, UUID], ...] = ()


def entries(first: int, most: int) -> Iterator[Entry]:
    """What customers may read, from the `first` on, oldest id first."""
    listed = Article.objects.filter(shown(Audience.CUSTOMERS)).order_by("pk")
    rows = list(listed.values_list("pk", "language", "updated_at", "key")[first : first + most])
    linked: dict[str, list[tuple[str, UUID]]] = {}
    others = Article.objects.filter(shown(Audience.CUSTOMERS), key__in={row[3] for row in rows} - {""})
    for key, language, pk in others.order_by("language", "pk").values_list("key", "language", "pk"):
        linked.setdefault(key, []).append((language, pk))
    for pk, language, changed, key in rows:
        versions = tuple(linked.get(key, ()))
        yield Entry(pk, language, changed, versions if len(versions) > 1 else ())


def count_entries() -> int:
    return Article.objects.filter(shown(Audience.CUSTOMERS)).count()
