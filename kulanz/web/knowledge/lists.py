"""The list of articles, and a new one."""

from __future__ import annotations

from dataclasses import fields

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import do_create
from kulanz.knowledge.lists import PAGE, STATES, Wanted, articles, languages, tags
from kulanz.knowledge.models import AUDIENCES, Article
from kulanz.knowledge.visibility import shown
from kulanz.web.desk.access import current_user, staff
from kulanz.web.knowledge.common import LANGUAGES, chips, language_name, may_write, page, writer

MOST_FILTER = 100


@require_safe
@staff
def article_list(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    given = {field.name: request.GET.get(field.name, "")[:MOST_FILTER] for field in fields(Wanted)}
    found = articles(Wanted(**given), user)
    if not may_write(user):
        found = found.filter(shown(Audience.AGENTS))
    shown_page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(article, list(chips(article, working_of(article))), language_name(article.language))
            for article in shown_page]  # fmt: skip
    return page(
        request, "list", wanted=given, rows=rows, shown=shown_page, states=STATES, audiences=AUDIENCES,
        languages=[(code, language_name(code)) for code in languages()], tags=tags(), owners=owners(),
        query=urlencode({name: value for name, value in given.items() if value}), tab="articles",
    )  # fmt: skip


def working_of(article: Article) -> str | None:
    """The state of the version in work, which the list's query has brought along."""
    state: str | None = article.working  # type: ignore[attr-defined]
    return state


def owners() -> list[User]:
    """Staff who can care for an article."""
    return list(User.objects.filter(is_active=True).order_by("name"))


@require_http_methods(["GET", "HEAD", "POST"])
@writer
def new(request: HttpRequest) -> HttpResponse:
    """A new article; from its title on it is a draft that keeps itself."""
    user = current_user(request)
    title, language = request.POST.get("title", ""), request.POST.get("language", user.language)
    problem = ""
    if request.method == "POST":
        try:
            if language not in LANGUAGES:
                raise InvalidInput(_("Please choose a language."))
            article = do_create(user, title=title.strip(), body="", language=language)
            return HttpResponseRedirect(reverse("knowledge-article", args=[article.pk]))
        except InvalidInput as error:
            problem = str(error)
    status = 422 if problem else 200
    return page(
        request, "new", status, title=title, language=language, problem=problem, choices=list(LANGUAGES.items())
    )
