"""What pages read: an article in the languages that a reader may see, and its text as safe HTML."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote as escaped
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from kulanz.core.errors import NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.models import Article, Passage, State
from kulanz.knowledge.rendering import html
from kulanz.knowledge.visibility import shown

FRAGMENT_WORDS = 5
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]+")


def get_article(article_id: UUID | str, audience: Audience = Audience.CUSTOMERS) -> Article:
    """The article; NotFound where there is none that `audience` may read today, or where `article_id` is no UUID."""
    try:
        return Article.objects.get(shown(audience), pk=UUID(str(article_id)))
    except (ValueError, Article.DoesNotExist) as error:
        raise NotFound("There is no such article.") from error


def other_languages(article: Article, audience: Audience = Audience.CUSTOMERS) -> list[Article]:
    """The same article in other languages, by language code."""
    if not article.key:
        return []
    return list(
        Article.objects.filter(shown(audience), key=article.key).exclude(language=article.language).order_by("language")
    )


def version_shown(article: Article) -> tuple[int, datetime]:
    """(number, moment of publishing) of the wording that readers see; (0, last change) where no version is kept."""
    found = article.versions.filter(state=State.PUBLISHED).values_list("number", "published_at").first()
    return (found[0], found[1] or article.updated_at) if found else (0, article.updated_at)


def article_html(article: Article, quoted: str = "") -> SafeString:
    """The article's body as HTML; `quoted` is the text of a passage to be marked."""
    return html(article.body, article.title, quoted)


def quoted_text(article: Article, passage_id: str) -> str:
    """The text of a passage of this article; empty where there is none any more: a new wording has new passages."""
    try:
        return Passage.objects.filter(article=article, pk=passage_id).values_list("text", flat=True).first() or ""
    except (ValueError, ValidationError):
        return ""


def source_path(article_id: UUID | str, passage_id: UUID | str, quote: str = "") -> str:
    """Where a source opens: its article, scrolled to the marked passage; browsers that know text fragments show the
    quoted words themselves, also after the article has changed around them."""
    lines = [line.split() for line in _LIST_MARK.sub("", quote).splitlines() if line.strip()]
    parts = [" ".join(lines[0][:FRAGMENT_WORDS]), " ".join(lines[-1][-FRAGMENT_WORDS:])] if lines else []
    if len(lines) == 1 and len(lines[0]) <= FRAGMENT_WORDS:
        parts = parts[:1]
    directive = ",".join(escaped(part, safe="").replace("-", "%2D") for part in parts)
    return f"/help/{article_id}/?quote={passage_id}#quote" + (f":~:text={directive}" if directive else "")
