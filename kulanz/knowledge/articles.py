"""An article's way to its readers: draft, review, published, withdrawn. Every wording is kept as a version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.knowledge.indexing import forget, index
from kulanz.knowledge.models import Article, State, Version
from kulanz.knowledge.words import refresh_lexemes

DESK = "desk"
"""The source of articles written here; those of any other source follow their files."""
IN_WORK = (State.DRAFT, State.REVIEW)


def access_article(article_id: UUID | str) -> Article:
    """An article in any state, for staff; NotFound where there is none."""
    try:
        return Article.objects.get(pk=UUID(str(article_id)))
    except (ValueError, Article.DoesNotExist) as error:
        raise NotFound("There is no such article.") from error


def do_create(author: User, *, title: str, body: str, language: str, key: str = "") -> Article:
    """A new article as a draft; nobody but staff sees it."""
    _check(title, body)
    with transaction.atomic():
        article = Article.objects.create(
            source=DESK, external_id=str(uuid4()), key=key, title=title, body=body, language=language, owner=author
        )
        Version.objects.create(article=article, number=1, title=title, body=body, author=author)
    return article


def do_save(article: Article, author: User, *, title: str, body: str) -> Version:
    """Keeps a wording as the article's draft; what readers see stays as it is."""
    _check(title, body)
    if article.source != DESK:
        raise InvalidInput("This article comes from a file: change it there and import it again.")
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        version = article.versions.filter(state__in=IN_WORK).first()
        version = version or Version(article=article, number=_next_number(article))
        version.title, version.body, version.author, version.state = title, body, author, State.DRAFT
        version.save()
        if article.published_at is None:
            Article.objects.filter(pk=article.pk).update(title=title, body=body)
    return version


def do_submit(article: Article) -> None:
    """Puts the draft into the review list."""
    if not article.versions.filter(state=State.DRAFT).update(state=State.REVIEW):
        raise InvalidInput("There is no draft to review: save one first.")


def do_publish(article: Article, publisher: User) -> None:
    """The version in work is what readers and the search see from now on; the one before is kept."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article.pk)
        version = article.versions.filter(state__in=IN_WORK).first()
        if version is None:
            raise InvalidInput("There is no draft to publish: save one first.")
        article.versions.filter(state=State.PUBLISHED).update(state=State.PAST)
        version.state, version.publisher, version.published_at = State.PUBLISHED, publisher, timezone.now()
        version.save()
        article.title, article.body, article.published_at = version.title, version.body, version.published_at
        article.save()
        index([article])
    refresh_lexemes()


def do_withdraw(articles: Iterable[Article]) -> None:
    """Takes articles away from readers and from the search at once; their versions stay."""
    found = [article.pk for article in articles]
    Version.objects.filter(article__in=found, state=State.PUBLISHED).update(state=State.PAST)
    Article.objects.filter(pk__in=found).update(published_at=None)
    forget(found)


def do_add_published(articles: Sequence[Article]) -> None:
    """Keeps what an import has just published as each article's newest version."""
    found = [article.pk for article in articles]
    Version.objects.filter(article__in=found, state=State.PUBLISHED).update(state=State.PAST)
    last = dict(Version.objects.filter(article__in=found).values_list("article").annotate(Max("number")))
    now = timezone.now()
    Version.objects.bulk_create(
        Version(article=article, number=last.get(article.pk, 0) + 1, title=article.title, body=article.body,
                state=State.PUBLISHED, published_at=now)
        for article in articles
    )  # fmt: skip


def _next_number(article: Article) -> int:
    return (article.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _check(title: str, body: str) -> None:
    if not title.strip() or not body.strip():
        raise InvalidInput("An article needs a title and a text.")
