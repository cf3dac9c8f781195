"""An article's way to its readers: draft, review, published, withdrawn. Every wording is kept as a version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.knowledge.indexing import forget, index
from kulanz.knowledge.models import Article, State, Version
from kulanz.knowledge.words import refresh_lexemes
from kulanz.trust.audit import record

DESK = "desk"
"""The source of articles written here; those of any other source follow their files."""
IN_WORK = (State.DRAFT, State.REVIEW)
MOST_TITLE = 300
MOST_BODY = 200_000
"""Characters of an article that is written here."""


class EditedMeanwhile(InvalidInput):
    """Somebody has saved another wording since this one was opened; nothing was written."""


def access_article(article_id: UUID | str) -> Article:
    """An article in any state, for staff; NotFound where there is none."""
    try:
        return Article.objects.get(pk=UUID(str(article_id)))
    except (ValueError, Article.DoesNotExist) as error:
        raise NotFound("There is no such article.") from error


def in_work(article: Article) -> Version | None:
    """The wording that is being worked on, if there is one."""
    return article.versions.filter(state__in=IN_WORK).select_related("author", "translates").first()


def edition(article: Article, version: Version | None = None) -> str:
    """Names what an editor has before them; it changes with every save. `version` is the one in work, if known."""
    version = version or in_work(article)
    return f"{version.number}.{version.saves}" if version else str(_next_number(article) - 1)


def do_create(author: User, *, title: str, body: str, language: str, key: str = "") -> Article:
    """A new article as a draft; nobody but staff sees it. It may have no text yet."""
    _check_lengths(title, body)
    with transaction.atomic():
        article = Article.objects.create(
            source=DESK, external_id=str(uuid4()), key=key, title=title, body=body, language=language, owner=author
        )
        Version.objects.create(article=article, number=1, title=title, body=body, author=author)
    return article


def do_save(
    article: Article, author: User, *, title: str, body: str, edition: str | None = None, keep: bool = False
) -> Version:
    """Keeps a wording as the article's draft; what readers see stays as it is.

    `edition` is what the author began with: EditedMeanwhile where that is no longer the newest, unless the same words
    are saved already. A draft of somebody else, or any with `keep`, stays in the history beside the new one.
    """
    _check_lengths(title, body)
    check_written_here(article)
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article.pk)
        version = in_work(article)
        if version and (version.title, version.body) == (title, body):
            return version
        check_edition(article, edition)
        version = _draft_of(article, author, version, keep)
        version.title, version.body, version.author, version.state = title, body, author, State.DRAFT
        version.save()
        if article.published_at is None:
            Article.objects.filter(pk=article.pk).update(title=title, body=body, updated_at=timezone.now())
    return version


def _draft_of(article: Article, author: User, version: Version | None, keep: bool) -> Version:
    """The row that takes a new wording: the author's own draft again, else a new one."""
    if version and version.author_id == author.pk and not keep:
        version.saves += 1
        return version
    if version:
        Version.objects.filter(pk=version.pk).update(state=State.PAST)
    follows = version.translates if version else _newest(article, "translates")
    return Version(article=article, number=_next_number(article), translates=follows)


def do_restore(article: Article, author: User, number: int) -> Version:
    """An earlier wording as a new draft; a draft that exists stays in the history."""
    old = article.versions.filter(number=number).first()
    if old is None:
        raise NotFound("There is no such version.")
    return do_save(article, author, title=old.title, body=old.body, keep=True)


def do_submit(article: Article) -> None:
    """Puts the draft into the review list."""
    version = article.versions.filter(state=State.DRAFT).first()
    if version is None:
        raise InvalidInput(_("There is no draft to review: save one first."))
    _check_complete(version)
    article.versions.filter(pk=version.pk, state=State.DRAFT).update(state=State.REVIEW)


def do_send_back(article: Article) -> None:
    """From the review list to its author again."""
    article.versions.filter(state=State.REVIEW).update(state=State.DRAFT)


def do_publish(article: Article, publisher: User, edition: str | None = None) -> None:
    """The version in work is what readers and the search see from now on; the one before is kept. `edition` is what
    the publisher has read: EditedMeanwhile where that is no longer the newest."""
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article.pk)
        version = in_work(article)
        if version is None:
            raise InvalidInput(_("There is no draft to publish: save one first."))
        check_edition(article, edition)
        _check_complete(version)
        article.versions.filter(state=State.PUBLISHED).update(state=State.PAST)
        version.state, version.publisher, version.published_at = State.PUBLISHED, publisher, timezone.now()
        version.save()
        article.title, article.body, article.published_at = version.title, version.body, version.published_at
        article.save()
        index([article])
        record(f"agent:{publisher.pk}", "article_published", article=str(article.pk), version=version.number)
    refresh_lexemes()


def do_withdraw(articles: Iterable[Article], actor: User | None = None) -> None:
    """Takes articles away from readers and from the search at once; their versions stay. `actor` is empty where a
    file has vanished."""
    found = [article.pk for article in articles]
    with transaction.atomic():
        Version.objects.filter(article__in=found, state=State.PUBLISHED).update(state=State.PAST)
        Article.objects.filter(pk__in=found).update(published_at=None)
        forget(found)
        for pk in found if actor else ():
            record(f"agent:{actor.pk if actor else ''}", "article_withdrawn", article=str(pk))


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


def check_written_here(article: Article) -> None:
    if article.source != DESK:
        raise InvalidInput(_("This article comes from a file: change it there and import it again."))


def check_edition(article: Article, wanted: str | None) -> None:
    if wanted is not None and wanted != edition(article):
        raise EditedMeanwhile(_("Somebody has saved another wording since you opened this one."))


def _newest(article: Article, field: str) -> Version | None:
    version = article.versions.select_related(field).order_by("-number").first()
    found: Version | None = getattr(version, field) if version else None
    return found


def _next_number(article: Article) -> int:
    return (article.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _check_lengths(title: str, body: str) -> None:
    if not title.strip():
        raise InvalidInput(_("An article needs a title."))
    if len(title) > MOST_TITLE or len(body) > MOST_BODY:
        raise InvalidInput(_("An article may have {n} characters: please divide it.").format(n=MOST_BODY))


def _check_complete(version: Version) -> None:
    if not version.title.strip() or not version.body.strip():
        raise InvalidInput(_("An article needs a title and a text."))
