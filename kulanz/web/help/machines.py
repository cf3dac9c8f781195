"""What search engines ask for: the sitemap and robots.txt."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kulanz.knowledge import help_centre
from kulanz.web.help.common import LANGUAGES, unless_known

PART = 10_000
"""Addresses in one file; sitemaps.org allows 50,000."""


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All that customers may read, with its language versions; in parts where it is much."""
    count, changed = help_centre.count_entries(), help_centre.newest_change()
    part = request.GET.get("part", "")
    if part and not (part.isdecimal() and len(part) < 6 and 0 < int(part) <= -(-count // PART)):
        raise Http404

    def build() -> HttpResponse:
        context: dict[str, object] = {"base": settings.BASE_URL, "languages": list(LANGUAGES) if not part else []}
        if count > PART and not part:
            return _xml(request, "sitemap_index", {**context, "parts": range(1, -(-count // PART) + 1)})
        first = (int(part) - 1) * PART if part else 0
        return _xml(request, "sitemap", {**context, "entries": help_centre.entries(first, PART)})

    return unless_known(request, build, count, changed, part)


def _xml(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, f"help/{template}.xml", context, content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The help centre is for everybody; the desk and the API have nothing to be found."""
    closed = "".join(f"Disallow: {path}\n" for path in ("/desk/", "/api/", "/live/"))
    text = f"User-agent: *\n{closed}\nSitemap: {settings.BASE_URL}/sitemap.xml\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
