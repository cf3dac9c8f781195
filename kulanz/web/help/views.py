"""One help article as customers read it, and its files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kulanz.accounts.models import Role
from kulanz.core.errors import NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.attachments import get_attachment
from kulanz.knowledge.models import Article, Attachment
from kulanz.knowledge.queries import article_html, get_article, other_languages, quoted_text, version_shown
from kulanz.knowledge.rendering import summary
from kulanz.web.help.brand import brand
from kulanz.web.help.common import LANGUAGES, PRIVATE, json_ld, page, shown_language, unless_known
from kulanz.web.help.rating import form_token
from kulanz.web.knowledge.common import may_write

FILE_POLICY = "default-src 'none'; sandbox"


@require_safe
def article(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """One article in its own language; `?quote=` names a passage of it to be marked and scrolled to."""
    try:
        found = get_article(article_id)
    except NotFound as error:
        raise Http404 from error
    others, quoted, back = other_languages(found), request.GET.get("quote", "")[:36], _back(request)

    def build() -> HttpResponse:
        return _page(request, found, others, quoted, back)

    facts = (found.pk, found.updated_at, [(a.pk, a.language) for a in others], quoted, back)
    return unless_known(request, build, *facts, changed=found.updated_at, cache=PRIVATE)


def _page(request: HttpRequest, found: Article, others: list[Article], quoted: str, back: str) -> HttpResponse:
    (version, changed), language = version_shown(found), shown_language(found.language)
    with translation.override(language):
        data = _for_search_engines(found, changed)
    return page(
        request, "article", language,
        article=found, html=article_html(found, quoted_text(found, quoted) if quoted else ""), back=back,
        others=[(a, LANGUAGES.get(a.language, a.language)) for a in others],
        topic=found.tags[0] if found.tags else "", listed=found.language in LANGUAGES,
        description=summary(found.body), data=data,
        changed=changed, token=form_token(found.pk, version),
    )  # fmt: skip


def _for_search_engines(found: Article, changed: datetime) -> SafeString:
    address = f"{settings.BASE_URL}/help/{found.pk}/"
    about: dict[str, Any] = {
        "@type": "Article", "headline": found.title[:110], "inLanguage": found.language, "url": address,
        "mainEntityOfPage": address, "dateModified": changed.isoformat(), "description": summary(found.body),
    }  # fmt: skip
    if found.published_at:
        about["datePublished"] = found.published_at.isoformat()
    if brand().name:
        about["publisher"] = {"@type": "Organization", "name": brand().name}
    home = f"{settings.BASE_URL}/help/{shown_language(found.language)}/"
    steps = [(_("Help centre"), home), (found.title, address)]
    path = [
        {"@type": "ListItem", "position": place, "name": name, "item": item}
        for place, (name, item) in enumerate(steps, start=1)
    ]
    return json_ld(about, {"@type": "BreadcrumbList", "itemListElement": path})


def _back(request: HttpRequest) -> str:
    """Where the reader came from, if that was here; in the demo else the shop."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return "" if request.path in referer else referer
    return "/" if settings.DEMO else ""


@require_safe
def file(request: HttpRequest, file_id: UUID, name: str) -> HttpResponse:  # noqa: ARG001 - the name is for people
    """A picture or PDF where its article is: for customers what a published text uses, for staff all of them."""
    try:
        found = get_attachment(file_id, Audience.CUSTOMERS)
    except NotFound:
        found = _for_staff(request, file_id)

    def build() -> HttpResponse:
        return _as_response(found)

    return unless_known(request, build, found.checksum, cache=PRIVATE)


def _for_staff(request: HttpRequest, file_id: UUID) -> Attachment:
    """Those who write see every file, agents what their articles use."""
    user = request.user
    if not user.is_authenticated or user.role not in Role.values:
        raise Http404
    try:
        return get_attachment(file_id, None if may_write(user) else Audience.AGENTS)
    except NotFound as error:
        raise Http404 from error


def _as_response(found: Attachment) -> HttpResponse:
    """Shown as what it is and nothing else; only pictures open in the browser."""
    response = HttpResponse(bytes(found.data), content_type=found.kind)
    way = "inline" if found.kind.startswith("image/") else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="{found.name.encode("ascii", "replace").decode()}"'
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
