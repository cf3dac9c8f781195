"""What is decided about an article besides its words: settings, review, withdrawal, translation, history."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import DESK, access_article, do_restore, do_send_back, do_withdraw, in_work
from kulanz.knowledge.history import differences
from kulanz.knowledge.models import Article, Version
from kulanz.knowledge.settings import Settings, do_set
from kulanz.knowledge.translations import do_translate
from kulanz.web.desk.access import current_user
from kulanz.web.knowledge.common import LANGUAGES, acted, chips, page, said, writer


@require_POST
@writer
def settings(request: HttpRequest, article_id: UUID) -> HttpResponse:
    found = access_article(article_id)

    def act() -> str:
        do_set(found, current_user(request), _settings(request))
        return _("The settings are saved and in force.")

    return acted(request, act, found)


def _settings(request: HttpRequest) -> Settings:
    given = request.POST
    if given.get("audience") not in {audience.value for audience in Audience}:
        raise InvalidInput(_("Please choose whom the article is for."))
    owner = given.get("owner", "")
    return Settings(
        audience=Audience(given["audience"]),
        owner=User.objects.filter(pk=int(owner)).first() if owner.isdecimal() and len(owner) < 10 else None,
        tags=tuple(given.get("tags", "").split(",")),
        valid_from=_date(given.get("valid_from", "")),
        valid_until=_date(given.get("valid_until", "")),
        review_on=_date(given.get("review_on", "")),
    )


def _date(text: str) -> date | None:
    """As date fields send it (ISO 8601); empty is none."""
    if not text.strip():
        return None
    try:
        found = parse_date(text.strip())
    except ValueError:  # such as the 31st of February
        found = None
    if found is None:
        raise InvalidInput(_("{text} is no date: write it as 2030-12-31.").format(text=text[:20]))
    return found


@require_POST
@writer
def withdraw(request: HttpRequest, article_id: UUID) -> HttpResponse:
    found = access_article(article_id)

    def act() -> str:
        do_withdraw([found], current_user(request))
        return _("Withdrawn: no reader and no answer has it any more. Its versions stay.")

    return acted(request, act, found)


@require_POST
@writer
def send_back(request: HttpRequest, article_id: UUID) -> HttpResponse:
    found = access_article(article_id)

    def act() -> str:
        do_send_back(found)
        return _("The draft is back with its author.")

    return acted(request, act, found)


@require_POST
@writer
def translate(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """A draft in another language, beginning with this one's words; shown at once."""
    found, language = access_article(article_id), request.POST.get("language", "")
    try:
        if language not in LANGUAGES:
            raise InvalidInput(_("Please choose a language."))
        copy = do_translate(found, current_user(request), language)
        said(request, _("A draft with the original's words: please translate it."))
    except InvalidInput as error:
        messages.error(request, str(error))
        copy = found
    return HttpResponseRedirect(reverse("knowledge-article", args=[copy.pk]))


@require_safe
@writer
def history(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """Every version, and what changed between two of them: `?from=` and `?to=` are numbers."""
    found = access_article(article_id)
    versions = list(found.versions.select_related("author", "publisher").order_by("-number"))
    if not versions:
        raise NotFound("This article has no versions.")
    new = _numbered(versions, request.GET.get("to", "")) or versions[0]
    old = _numbered(versions, request.GET.get("from", "")) or _before(versions, new)
    working = in_work(found)
    return page(
        request, "history", article=found, versions=versions, old=old, new=new,
        lines=differences(f"{old.title}\n\n{old.body}", f"{new.title}\n\n{new.body}") if old else [],
        chips=list(chips(found, working.state if working else None)), restorable=found.source == DESK,
    )  # fmt: skip


def _numbered(versions: list[Version], number: str) -> Version | None:
    return next((version for version in versions if str(version.number) == number), None)


def _before(versions: list[Version], new: Version) -> Version | None:
    return next((version for version in versions if version.number < new.number), None)


@require_POST
@writer
def restore(request: HttpRequest, article_id: UUID, number: int) -> HttpResponse:
    found: Article = access_article(article_id)

    def act() -> str:
        do_restore(found, current_user(request), number)
        return _("The wording of version {n} is a new draft now.").format(n=number)

    return acted(request, act, found)
