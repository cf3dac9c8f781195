"""What pages read: an article, and its text as safe HTML."""

from __future__ import annotations

from uuid import UUID

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from kulanz.core.errors import NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.models import Article
from kulanz.knowledge.visibility import shown

_TAGS = frozenset(
    "h2 h3 h4 h5 h6 p ul ol li strong em code pre blockquote a br hr table thead tbody tr th td s del".split()  # noqa: SIM905
)
_markdown = (
    MarkdownIt("commonmark", {"html": False, "breaks": False}).enable(["table", "strikethrough"]).disable("code")
)


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


def article_html(article: Article) -> SafeString:
    """The article's body as HTML: HTML in the text is shown as text, links open only http, https and mailto, a
    first heading that repeats the title is left to the page, and headings start at h2."""
    tokens = _markdown.parse(article.body)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"} and token.tag == "h1":
            token.tag = "h2"
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[1].content.strip() == article.title:
        tokens = tokens[3:]
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it
