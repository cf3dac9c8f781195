"""What the team decides about an article besides its words: whom it is for, who cares for it, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import DESK
from kulanz.knowledge.indexing import index_words
from kulanz.knowledge.models import Article
from kulanz.trust.audit import record

MOST_TAGS = 20
MOST_TAG = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """`valid_until` is the last day; without dates an article is always valid."""

    audience: Audience
    owner: User | None = None
    tags: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None


def do_set(article: Article, actor: User, wanted: Settings) -> None:
    """In force at once. The tags of an imported article follow its file and stay."""
    if wanted.valid_from and wanted.valid_until and wanted.valid_from > wanted.valid_until:
        raise InvalidInput(_("The first day of validity lies after the last one."))
    tags = _checked(wanted.tags) if article.source == DESK else article.tags
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article.pk)
        renew = article.tags != tags and article.published_at is not None
        before = article.audience
        article.audience, article.owner, article.tags = wanted.audience.value, wanted.owner, tags
        article.valid_from, article.valid_until = wanted.valid_from, wanted.valid_until
        article.review_on = wanted.review_on
        article.save()
        if renew:  # the search reads tags, too
            index_words([article.pk])
        if before != article.audience:
            record(f"agent:{actor.pk}", "article_audience", article=str(article.pk), audience=article.audience)


def _checked(tags: tuple[str, ...]) -> list[str]:
    found = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(found) > MOST_TAGS or any(len(tag) > MOST_TAG for tag in found):
        raise InvalidInput(
            _("An article may have {n} tags of {length} characters.").format(n=MOST_TAGS, length=MOST_TAG)
        )
    return found
