"""A look through all published articles for what contradicts, doubles or is broken, and through their readers' ratings;
the findings are kept until the next look."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from kulanz.core.knowledge import Audience
from kulanz.knowledge.comparing import (
    Contradiction,
    Floats,
    Place,
    contradictions,
    near,
    says_the_same,
    variants,
    versions_differ,
)
from kulanz.knowledge.models import Article, Attachment, Finding, Look, Passage, Rating, State
from kulanz.knowledge.visibility import shown
from kulanz.nlp.embedder import DIMENSIONS

_LINK = re.compile(r"/help/(files/)?([0-9a-f]{8}-[0-9a-f-]{27})\b")
_SHOWN = 300  # characters of a passage on the page
_MOST_LINKS = 5
LEAST_NO = 3
"""Readers of one wording who say that it did not help, from which it is badly rated, if no more say that it did."""

Kind = Finding.Kind


def do_look() -> int:
    """Replaces all findings; returns how many. A second look at the same time waits, then does it again."""
    began, clock = timezone.now(), time.perf_counter()
    articles = {a.pk: a for a in Article.objects.filter(shown(Audience.AGENTS)).order_by("pk")}
    places, vectors = _passages(articles)
    found = [
        *_pairs(articles, places, vectors, began),
        *_versions(articles, places, began),
        *_broken(articles, {place.article for place in places}, began),
    ]
    with transaction.atomic():
        _alone()
        there = set(Article.objects.filter(pk__in=articles).values_list("pk", flat=True))
        kept = [f for f in found if f.article_id in there and (f.other_id is None or f.other_id in there)]
        Finding.objects.exclude(kind=Kind.RATED).delete()
        Finding.objects.bulk_create(kept, batch_size=500)
        Look.objects.all().delete()
        Look.objects.create(began_at=began, articles=len(articles), seconds=time.perf_counter() - clock)
    return len(kept)


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("lock table knowledge_look in exclusive mode")


def do_look_at_ratings() -> int:
    """Replaces the findings of articles that are of no help to their readers as they are worded now; how many."""
    now = timezone.now()
    rows = Rating.objects.filter(
        article__versions__state=State.PUBLISHED, article__versions__number=F("version"),
        article__published_at__isnull=False,
    )  # fmt: skip
    counts = rows.values("article").annotate(
        yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False))
    )
    with transaction.atomic():
        _alone()
        found = [
            Finding(
                kind=Kind.RATED, article_id=row["article"], facts={"yes": row["yes"], "no": row["no"]}, found_at=now
            )
            for row in counts.filter(no__gte=LEAST_NO).filter(no__gte=F("yes"))
        ]
        Finding.objects.filter(kind=Kind.RATED).delete()
        Finding.objects.bulk_create(found)
    return len(found)


def is_due() -> bool:
    """Whether an article has changed since the last look, or none was taken."""
    last = Look.objects.order_by("-began_at").first()
    return last is None or Article.objects.filter(updated_at__gte=last.began_at).exists()


def _passages(articles: Mapping[UUID, Article]) -> tuple[list[Place], Floats]:
    """The passages and their vectors (n, 384) of unit length."""
    places: list[Place] = []
    vectors: list[Floats] = []
    rows = Passage.objects.filter(article__in=list(articles)).order_by("article", "position")
    for key, language, text, vector in rows.values_list("article_id", "language", "text", "embedding").iterator():
        places.append(Place(key, articles[key].key, language, text))
        vectors.append(np.asarray(vector, np.float32))
    found = np.array(vectors, np.float32).reshape(len(vectors), DIMENSIONS)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return places, found / np.maximum(lengths, np.float32(1e-6))


def _pairs(
    articles: Mapping[UUID, Article], places: Sequence[Place], vectors: Floats, now: datetime
) -> Iterator[Finding]:
    """At most one finding of two articles: what contradicts is worse than what is said twice."""
    whole = _texts(places)
    doubled: dict[frozenset[UUID], Finding] = {}
    against: dict[frozenset[UUID], Finding] = {}
    for row, other, cosine in near(vectors, places):
        one, two = places[row], places[other]
        pair = frozenset((one.article, two.article))
        same = says_the_same(one.text, two.text, cosine)
        clash = None if pair in against else next(contradictions(one.text, two.text, same=same), None)
        if not (clash or (same and pair not in doubled)) or _of_two_things(articles, whole, one, two):
            continue
        if clash:
            against[pair] = _finding(Kind.CONTRADICTION, one, two, _sides(clash), now)
        else:
            facts = {"sentence": one.text[:_SHOWN], "other": two.text[:_SHOWN]}
            doubled[pair] = _finding(Kind.DUPLICATE, one, two, {**facts, "alike": round(cosine, 3)}, now)
    yield from against.values()
    yield from (finding for pair, finding in doubled.items() if pair not in against)


def _sides(clash: Contradiction) -> dict[str, object]:
    negated = "not" in (clash.here, clash.there)
    return {"sentence": clash.sentence, "other": clash.other, "negated": negated}


def _of_two_things(articles: Mapping[UUID, Article], whole: Mapping[UUID, str], one: Place, two: Place) -> bool:
    return variants(articles[one.article].title, whole[one.article], articles[two.article].title, whole[two.article])


def _texts(places: Iterable[Place]) -> dict[UUID, str]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for place in places:
        found[place.article].append(place.text)
    return {key: "\n\n".join(texts) for key, texts in found.items()}


def _finding(kind: str, one: Place, two: Place, facts: Mapping[str, object], now: datetime) -> Finding:
    return Finding(kind=kind, article_id=one.article, other_id=two.article, facts=facts, found_at=now)


def _versions(articles: Mapping[UUID, Article], places: Sequence[Place], now: datetime) -> Iterator[Finding]:
    """Language versions of one article that name other prices, times or percentages."""
    whole = _texts(places)
    by_key: dict[str, list[Article]] = defaultdict(list)
    for article in articles.values():
        if article.key and article.pk in whole:
            by_key[article.key].append(article)
    for versions in by_key.values():
        first = min(versions, key=lambda article: (article.published_at or now, article.pk))
        for article in versions:
            differ = versions_differ(whole[article.pk], whole[first.pk]) if article.language != first.language else None
            if differ:
                facts = {**_sides(differ), "versions": True}
                yield Finding(
                    kind=Kind.CONTRADICTION, article_id=article.pk, other_id=first.pk, facts=facts, found_at=now
                )


def _broken(articles: Mapping[UUID, Article], with_passages: set[UUID], now: datetime) -> Iterator[Finding]:
    """Links to articles or files that are not there for the readers, and articles that no search can find."""
    links = {key: _links(article.body) for key, article in articles.items()}
    files = {str(key) for key in Attachment.objects.values_list("pk", flat=True)}
    for key, article in articles.items():
        broken = [
            link
            for link, is_file, target in links[key]
            if (target not in files if is_file else not _readable(article, target, articles))
        ]
        facts: dict[str, object] = {"links": broken[:_MOST_LINKS]} if broken else {}
        if key not in with_passages:
            facts["not_found"] = True
        if facts:
            yield Finding(kind=Kind.BROKEN, article_id=key, facts=facts, found_at=now)


def _links(body: str) -> list[tuple[str, bool, str]]:
    """(as written, whether to a file, its id) of each link inside the help centre, once."""
    return list(dict.fromkeys((match.group(), bool(match[1]), match[2]) for match in _LINK.finditer(body)))


def _readable(article: Article, target: str, articles: Mapping[UUID, Article]) -> bool:
    """Whether those who read `article` can open the other one: customers can't open what is for agents."""
    try:
        other = articles.get(UUID(target))
    except ValueError:
        return False
    customers = Audience.CUSTOMERS.value
    return other is not None and (article.audience != customers or other.audience == customers)
