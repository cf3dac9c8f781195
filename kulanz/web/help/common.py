"""What the help pages share: no account, no cookie, no script needed; asking again for the same costs little."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.safestring import SafeString, mark_safe

from kulanz.core.ids import uuid7
from kulanz.knowledge.visibility import today
from kulanz.web.help.brand import brand
from kulanz.web.middleware import POLICY

LANGUAGES = dict(settings.LANGUAGES)
LOCALES = {"de": "de_DE", "en": "en_GB"}
"""As Open Graph writes languages."""
PRIVATE, SHARED = "private, no-cache", "no-cache"
"""Kept, but asked about each time: what is withdrawn is gone at once."""
_SOURCES = [*(settings.PACKAGE / "web" / "templates").glob("help/*"), *Path(settings.LOCALE_PATHS[0]).rglob("*.mo")]
_BUILT = str(max((source.stat().st_mtime_ns for source in _SOURCES), default=uuid7().int))
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def shown_language(language: str) -> str:
    """The language of the page around an article."""
    return language if language in LANGUAGES else "en"


def page(request: HttpRequest, template: str, language: str, **context: Any) -> HttpResponse:
    """A help page in one language, whatever the browser prefers."""
    with translation.override(language):
        shared = {"brand": brand(), "language": language, "base": settings.BASE_URL, "languages": settings.LANGUAGES,
                  "locale": LOCALES.get(language, language)}  # fmt: skip
        response = render(request, f"help/{template}.html", {**shared, **context})
    response.headers["Content-Language"] = language
    if brand().origin:
        response.headers["Content-Security-Policy"] = POLICY.replace("img-src", f"img-src {brand().origin}")
    return response


def unless_known(
    request: HttpRequest,
    build: Callable[[], HttpResponse],
    *facts: object,
    changed: datetime | None = None,
    cache: str = SHARED,
) -> HttpResponse:
    """The page, or 304 where the browser has it already. `facts` are all that the page depends on besides the
    program, the brand and the day."""
    text = "\0".join(map(str, (_BUILT, brand().version, today(), *facts)))
    etag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    seconds = int(changed.timestamp()) if changed else None
    known = get_conditional_response(request, etag=etag, last_modified=seconds)
    response = known or build()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache
    if seconds:
        response.headers["Last-Modified"] = http_date(seconds)
    return response


def too_many(request: HttpRequest, what: str, most: int, seconds: int) -> bool:
    """Whether this address has done `what` more than `most` times in `seconds`: counted in this process's memory only,
    under a hash."""
    address = hashlib.sha256(f"{what}{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
    cache.add(f"help:{address}", 0, seconds)
    return bool(cache.incr(f"help:{address}") > most)


def json_ld(*things: dict[str, Any]) -> SafeString:
    """Data for search engines, to stand inside a script element: it can't end that element."""
    data = {"@context": "https://schema.org", "@graph": list(things)}
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - escaped just now
