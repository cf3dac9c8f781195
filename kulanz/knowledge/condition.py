"""The condition of the knowledge, for those who own the articles: what is expired, due for review, contradictory,
doubled, broken or of no help to its readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from kulanz.accounts.models import Role, User
from kulanz.knowledge.lists import owned_by
from kulanz.knowledge.models import Article, Finding, Look
from kulanz.knowledge.visibility import today

MOST = 200
"""Rows of a kind that are shown."""
MINE = "mine"
"""As an owner: what waits for the reader, so their own articles and, for those who look after them, nobody's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to look at. `kind` is a Finding's, "expired" or "due"; `key` names it as long as it lasts, whenever it
    is found again."""

    kind: str
    key: str
    article: Article
    other: Article | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What one owner, or everybody, should look at; `look` is the last look through all articles."""

    contradictions: list[Finding]
    expired: list[Article]
    due: list[Article]
    duplicates: list[Finding]
    broken: list[Finding]
    rated: list[Finding]
    look: Look | None

    @property
    def count(self) -> int:
        kinds = (self.contradictions, self.expired, self.due, self.duplicates, self.broken, self.rated)
        return sum(len(rows) for rows in kinds)

    def entries(self) -> Iterator[Entry]:
        """All of it, what is worst first."""
        yield from map(_entry, self.contradictions)
        for article in self.expired:
            yield Entry("expired", f"expired {article.pk} {article.valid_until}", article)
        for article in self.due:
            yield Entry("due", f"due {article.pk} {article.review_on}", article)
        for findings in (self.rated, self.duplicates, self.broken):
            yield from map(_entry, findings)


def _entry(found: Finding) -> Entry:
    """Named by its articles alone: a new look may find the pair in another order, and by another sentence."""
    pair = sorted(str(key) for key in (found.article_id, found.other_id) if key)
    return Entry(found.kind, " ".join([found.kind, *pair]), found.article, found.other)


def condition(owner: str, reader: User) -> Condition:
    """`owner` is a user's id, "me", MINE, "none", or empty for everybody's; a pair is shown to both its owners."""
    findings = _findings(owner, reader)
    return Condition(
        list(findings.filter(kind=Finding.Kind.CONTRADICTION)[:MOST]),
        list(_expired(owner, reader).order_by("valid_until")[:MOST]),
        list(_due(owner, reader).order_by("review_on")[:MOST]),
        list(findings.filter(kind=Finding.Kind.DUPLICATE)[:MOST]),
        list(findings.filter(kind=Finding.Kind.BROKEN)[:MOST]),
        list(findings.filter(kind=Finding.Kind.RATED)[:MOST]),
        Look.objects.order_by("-began_at").first(),
    )


def count_for(reader: User) -> int:
    """How many of these wait for `reader`; three short queries, for every page of the desk shows it."""
    findings = _findings(MINE, reader).count()
    return findings + _expired(MINE, reader).count() + _due(MINE, reader).count()


def owns_any(reader: User) -> bool:
    return Article.objects.filter(owner=reader).exists()


def looks_after_nobodys(reader: User) -> bool:
    """Whether what nobody owns is theirs to look after: every curator's; the administrators' where there is none."""
    if reader.role == Role.ADMINISTRATOR:
        return not User.objects.filter(role=Role.CURATOR, is_active=True, is_demo=False).exists()
    return reader.role == Role.CURATOR


def _published(owner: str, reader: User) -> QuerySet[Article]:
    owned = owned_by("me" if owner == MINE else owner, reader)
    if owner == MINE and looks_after_nobodys(reader):
        owned |= Q(owner__isnull=True)
    found = Article.objects.filter(published_at__isnull=False).filter(owned)
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
    found = found.filter(_of_either(owner, reader))
    return found.select_related("article__owner", "other__owner").order_by("pk")


def _of_either(owner: str, reader: User) -> Q:
    """Findings in which one of the articles is theirs; nobody's, for those who look after them, where both are."""
    known = "me" if owner == MINE else owner
    if not owned_by(known, reader):
        return Q()
    owned = owned_by(known, reader, "article__") | owned_by(known, reader, "other__")
    if owner == MINE and looks_after_nobodys(reader):
        owned |= Q(article__owner__isnull=True, other__owner__isnull=True)
    return owned
