"""The condition of the knowledge, for those who own the articles: what is expired, due for review, contradictory,
doubled or broken."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from kulanz.accounts.models import User
from kulanz.knowledge.lists import owned_by
from kulanz.knowledge.models import Article, Finding, Look
from kulanz.knowledge.visibility import today

MOST = 200
"""Rows of a kind that are shown."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What one owner, or everybody, should look at; `look` is the last look through all articles."""

    contradictions: list[Finding]
    expired: list[Article]
    due: list[Article]
    duplicates: list[Finding]
    broken: list[Finding]
    look: Look | None

    @property
    def count(self) -> int:
        kinds = (self.contradictions, self.expired, self.due, self.duplicates, self.broken)
        return sum(len(rows) for rows in kinds)


def condition(owner: str, reader: User) -> Condition:
    """`owner` is a user's id, "me", "none", or empty for everybody's; a pair is shown to both its owners."""
    findings = _findings(owner, reader)
    return Condition(
        list(findings.filter(kind=Finding.Kind.CONTRADICTION)[:MOST]),
        list(_expired(owner, reader).order_by("valid_until")[:MOST]),
        list(_due(owner, reader).order_by("review_on")[:MOST]),
        list(findings.filter(kind=Finding.Kind.DUPLICATE)[:MOST]),
        list(findings.filter(kind=Finding.Kind.BROKEN)[:MOST]),
        Look.objects.order_by("-began_at").first(),
    )


def count_for(reader: User) -> int:
    """How many of these concern articles that `reader` owns."""
    findings = _findings("me", reader).count()
    return findings + _expired("me", reader).count() + _due("me", reader).count()


def _published(owner: str, reader: User) -> QuerySet[Article]:
    found = Article.objects.filter(published_at__isnull=False).filter(owned_by(owner, reader))
    return found.select_related("owner").defer("body")


def _expired(owner: str, reader: User) -> QuerySet[Article]:
    return _published(owner, reader).filter(valid_until__lt=today())


def _due(owner: str, reader: User) -> QuerySet[Article]:
    return _published(owner, reader).filter(review_on__lte=today())


def _findings(owner: str, reader: User) -> QuerySet[Finding]:
    """Those that still hold: whatever was changed or withdrawn since is looked at anew by the next look."""
    found = Finding.objects.filter(article__published_at__isnull=False, article__updated_at__lt=F("found_at"))
    found = found.filter(
        Q(other__isnull=True) | Q(other__published_at__isnull=False, other__updated_at__lt=F("found_at"))
    )
    owned = owned_by(owner, reader)
    if owned:
        found = found.filter(owned_by(owner, reader, "article__") | owned_by(owner, reader, "other__"))
    return found.select_related("article__owner", "other__owner").order_by("pk")
