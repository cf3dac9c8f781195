"""What the knowledge pages share: who may read and write, the words for states, the way back after an act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kulanz.accounts.models import Role, User
from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import access_article
from kulanz.knowledge.condition import count_for, owns_any
from kulanz.knowledge.models import Article, State
from kulanz.knowledge.queries import get_article
from kulanz.knowledge.visibility import today
from kulanz.web.desk.access import current_user, staff

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
WRITERS = {Role.CURATOR, Role.SUPERVISOR, Role.ADMINISTRATOR}
LANGUAGES = dict(settings.LANGUAGES)


def may_write(user: User) -> bool:
    return user.role in WRITERS


def writer(view: View[P]) -> View[P]:
    """Opens a view to those who write articles."""

    @staff
    @wraps(view)
    def checked(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_write(current_user(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def readable(request: HttpRequest, article_id: UUID) -> Article:
    """The article in any state for those who write or own it, what is shown to agents for everybody else."""
    user = current_user(request)
    if may_write(user) or Article.objects.filter(pk=article_id, owner=user).exists():
        return access_article(article_id)
    return get_article(article_id, Audience.AGENTS)


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    user = current_user(request)
    shared = {"section": "knowledge", "may_write": may_write(user), "languages": LANGUAGES}
    if "tab" in context:
        shared |= {"mine": count_for(user), "owns": owns_any(user)}
    return render(request, f"knowledge/{template}.html", {**shared, **context}, status=status)


def acted(request: HttpRequest, act: Callable[[], str], article: Article, view: str = "") -> HttpResponse:
    """Does it, says so (or why not) on the article's page or another one of it."""
    try:
        said(request, act())
    except InvalidInput as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse(view or "knowledge-article", args=[article.pk]))


def said(request: HttpRequest, done: str) -> None:
    messages.success(request, done, extra_tags="curator")


def chips(article: Article, working: str | None) -> Iterator[tuple[str, str]]:
    """(class, words) of all that one should know about an article at a glance."""
    if article.published_at:
        yield "good", _("Published")
    elif not working:
        yield "", _("Withdrawn")
    if working == State.DRAFT:
        yield "", _("Draft")
    elif working == State.REVIEW:
        yield "unanswered", _("In review")
    if article.audience == Audience.AGENTS.value:
        yield "agents", _("Agents only")
    yield from _dates(article)


def _dates(article: Article) -> Iterator[tuple[str, str]]:
    now = today()
    if article.valid_until and article.valid_until < now:
        yield "late", _("Expired")
    if article.valid_from and article.valid_from > now:
        yield "mood-worried", _("Not valid yet")
    if article.review_on and article.review_on <= now:
        yield "mood-worried", _("Review due")


def language_name(code: str) -> str:
    return LANGUAGES.get(code, code)
