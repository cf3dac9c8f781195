"""Help articles as customers read them: no account, no cookie, no script."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from kulanz.core.errors import NotFound
from kulanz.knowledge.queries import article_html, get_article, other_languages


@require_safe
def article(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """One article in its own language."""
    try:
        found = get_article(article_id)
    except NotFound as error:
        raise Http404 from error
    language = found.language if found.language in dict(settings.LANGUAGES) else "en"
    with translation.override(language):
        context = {
            "article": found,
            "html": article_html(found),
            "others": [(a, _language_name(a.language)) for a in other_languages(found)],
            "back": _back(request),
        }
        response = render(request, "help/article.html", context)
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _language_name(code: str) -> str:
    return dict(settings.LANGUAGES).get(code, code)


def _back(request: HttpRequest) -> str:
    """Where the reader came from, if that was here; in the demo else the shop."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return "" if referer.endswith(request.path) else referer
    return "/" if settings.DEMO else ""
