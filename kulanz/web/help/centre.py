"""The help centre in one language: its topics, and its search."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from kulanz.core.knowledge import Passage
from kulanz.knowledge import help_centre
from kulanz.knowledge.help_centre import Topic
from kulanz.knowledge.queries import source_path
from kulanz.knowledge.search import search as find
from kulanz.nlp.vector import LazyVector
from kulanz.web.help.brand import brand
from kulanz.web.help.common import json_ld, page, too_many, unless_known

MOST_QUESTION = 300
RESULTS, AT_LEAST = 10, 5
FEW_TOPICS = 12
MOST_IN_A_MINUTE = 40
"""Searches by meaning from one address: each costs some 10 ms of a processor."""
UNSURE = 0.05
"""Where the best passage has a smaller chance, nothing is sure; to someone who looks around more is shown than would
be answered."""


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The help centre in the language that the browser prefers."""
    wanted = translation.get_language_from_request(request)
    response = HttpResponseRedirect(f"/help/{wanted if wanted in dict(settings.LANGUAGES) else 'en'}/")
    patch_vary_headers(response, ["Accept-Language"])
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def home(request: HttpRequest, language: str) -> HttpResponse:
    changed, count = help_centre.newest_change(language), help_centre.count_entries()

    def build() -> HttpResponse:
        address = f"{settings.BASE_URL}/help/{language}/"
        site = {
            "@type": "WebSite", "url": address, "name": brand().name or "Kulanz", "inLanguage": language,
            "potentialAction": {
                "@type": "SearchAction", "target": f"{address}search/?q={{search_term_string}}",
                "query-input": "required name=search_term_string",
            },
        }  # fmt: skip
        common, rare = _parted(help_centre.topics(language))
        return page(request, "home", language, topics=common, rare=rare, data=json_ld(site))

    return unless_known(request, build, language, changed, count)


def _parted(topics: list[Topic]) -> tuple[list[Topic], list[Topic]]:
    """(topics with their articles, topics by name alone): where there are many, those of a single article are short."""
    if len(topics) <= FEW_TOPICS:
        return topics, []
    common = [topic for topic in topics if topic.count > 1 or not topic.tag]
    return common, [topic for topic in topics if topic not in common]


@require_safe
def topic(request: HttpRequest, language: str, tag: str = "") -> HttpResponse:
    """All articles with a tag; those without any under the empty one."""
    articles = help_centre.under(tag, language)
    if not articles:
        raise Http404
    changed = max(article.updated_at for article in articles)

    def build() -> HttpResponse:
        return page(request, "topic", language, tag=tag, articles=articles)

    return unless_known(request, build, language, tag, [a.pk for a in articles], changed)


@require_safe
def search(request: HttpRequest, language: str) -> HttpResponse:
    """By meaning and words, with the same search as the assistant's: what customers may read, their language first.
    Where it is not sure of anything, or one address asks for very much, the titles that share words."""
    question = request.GET.get("q", "").strip()[:MOST_QUESTION]
    found: list[Passage] = []
    if question and not too_many(request, "search", MOST_IN_A_MINUTE, 60):
        found = find(question, LazyVector(question), language, limit=RESULTS)
    sure = bool(found) and found[0].confidence >= UNSURE
    results = [(p, _address(p)) for n, p in enumerate(found) if sure and (n < AT_LEAST or p.confidence >= UNSURE)]
    titles = [] if results else help_centre.suggest(question, language)
    context = {"question": question, "results": results, "titles": titles, "count": len(results) or len(titles)}
    response = page(request, "search", language, noindex=True, **context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _address(passage: Passage) -> str:
    return source_path(passage.article_id, passage.passage_id, passage.quote)


@require_safe
def suggest(request: HttpRequest, language: str) -> HttpResponse:
    """What fits what has been typed so far, as a list for the search field."""
    typed = request.GET.get("q", "")[: help_centre.MOST_TYPED]
    with translation.override(language):
        response = render(request, "help/_suggest.html", {"found": help_centre.suggest(typed, language)})
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
