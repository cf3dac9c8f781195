"""Language versions of an article: they share its key, and each knows which wording of the original it follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.ids import uuid7
from kulanz.knowledge.articles import do_create
from kulanz.knowledge.models import Article, State, Version


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another language version as its editor sees it; `newer` means that it has changed since this one followed it."""

    article: Article
    newer: bool = False
    original: bool = False


def siblings(article: Article) -> list[Sibling]:
    """The other language versions in any state, by language."""
    if not article.key:
        return []
    others = list(Article.objects.filter(key=article.key).exclude(pk=article.pk).order_by("language", "pk"))
    counting = _counting(others)
    mine = article.versions.select_related("translates").order_by("-number").first()
    return [_sibling(other, counting.get(other.pk), mine) for other in others]


def is_behind(article: Article) -> bool:
    """Whether another language version has changed since this one followed it."""
    return any(sibling.newer for sibling in siblings(article))


def do_translate(article: Article, author: User, language: str) -> Article:
    """A draft in another language that starts with this article's words, files and settings."""
    if article.language == language or (
        article.key and Article.objects.filter(key=article.key, language=language).exists()
    ):
        raise InvalidInput(_("This article exists in that language already."))
    with transaction.atomic():
        if not article.key:
            article.key = f"article-{article.pk}"
            Article.objects.filter(pk=article.pk).update(key=article.key)
        source = article.versions.filter(state=State.PUBLISHED).first() or article.versions.order_by("-number").first()
        title, body = (source.title, source.body) if source else (article.title, article.body)
        copy = do_create(author, title=title, body=body, language=language, key=article.key)
        body = _copy_files(article, copy, body)
        copy.versions.update(body=body, translates=source)
        copy.body, copy.audience, copy.tags = body, article.audience, article.tags
        copy.valid_from, copy.valid_until, copy.review_on = article.valid_from, article.valid_until, article.review_on
        copy.save()
    return copy


def do_follow(article: Article) -> None:
    """Says that this article is in step with its other language versions as they are now."""
    newer = [sibling.article for sibling in siblings(article) if sibling.newer]
    mine = article.versions.order_by("-number").first()
    if mine is None:
        return
    for version in _counting(newer[:1]).values():
        article.versions.filter(pk=mine.pk).update(translates=version)


def _counting(articles: list[Article]) -> dict[UUID, Version]:
    """Of each article the wording that counts: the published one, else the newest."""
    found: dict[UUID, Version] = {}
    versions = Version.objects.filter(article__in=articles).select_related("translates").order_by("number")
    for version in versions:
        held = found.get(version.article_id)
        if held is None or held.state != State.PUBLISHED:
            found[version.article_id] = version
    return found


def _sibling(other: Article, theirs: Version | None, mine: Version | None) -> Sibling:
    """Known by which wording this one follows; where nobody has said so (imported files), by the day of publishing."""
    if theirs is None or mine is None:
        return Sibling(other)
    followed = mine.translates
    if followed is not None and followed.article_id == other.pk:
        return Sibling(other, newer=theirs.number > followed.number and theirs.state == State.PUBLISHED, original=True)
    if theirs.translates and theirs.translates.article_id == mine.article_id:
        return Sibling(other)
    if theirs.published_at and mine.published_at:
        return Sibling(other, newer=theirs.published_at.date() > mine.published_at.date())
    return Sibling(other)


def _copy_files(article: Article, copy: Article, body: str) -> str:
    """Copies the files that the text uses, and the text with their new addresses."""
    used = set(re.findall(r"/help/files/([0-9a-f-]{36})/", body))
    for file in article.attachments.filter(pk__in=used):
        old, file.pk, file.article = str(file.pk), uuid7(), copy
        file._state.adding = True
        file.save()
        body = body.replace(f"/help/files/{old}/", f"/help/files/{file.pk}/")
    return body
