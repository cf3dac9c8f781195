"""One article: read, written, previewed, and on its way to the readers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kulanz.core.errors import InvalidInput
from kulanz.knowledge import attachments, ratings, translations
from kulanz.knowledge.articles import (
    DESK,
    MOST_BODY,
    EditedMeanwhile,
    access_article,
    do_publish,
    do_save,
    do_submit,
    edition,
    in_work,
)
from kulanz.knowledge.history import differences
from kulanz.knowledge.models import AUDIENCES, Article, Attachment, Version
from kulanz.knowledge.origin import origin
from kulanz.knowledge.queries import version_shown
from kulanz.knowledge.rendering import html
from kulanz.trust import uploads
from kulanz.web.desk.access import current_user, staff
from kulanz.web.knowledge.common import LANGUAGES, acted, chips, language_name, may_write, page, readable, writer
from kulanz.web.knowledge.lists import owners
from kulanz.web.uploads import too_large


@require_safe
@staff
def article(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """The editor for those who write, the text for all others and for what follows a file."""
    found = readable(request, article_id)
    version = in_work(found) if may_write(current_user(request)) else None
    return _shown(request, found, version)


def _shown(request: HttpRequest, found: Article, version: Version | None, **more: Any) -> HttpResponse:
    title, body = (version.title, version.body) if version else (found.title, found.body)
    editable = may_write(current_user(request)) and found.source == DESK
    context = {
        "article": found, "version": version, "title": title, "body": body, "editable": editable,
        "edition": edition(found, version), "chips": list(chips(found, version.state if version else None)),
        "preview": html(body, title), "most": MOST_BODY, "language_name": language_name(found.language), **more,
    }  # fmt: skip
    if may_write(current_user(request)):
        context |= _beside(found)
    return page(request, "article", **context)


def _beside(found: Article) -> dict[str, Any]:
    """What stands beside the text: settings, language versions, files, what readers say."""
    siblings = translations.siblings(found)
    taken = {found.language, *(s.article.language for s in siblings)}
    number, _moment = version_shown(found)
    yes, no = ratings.counts(found).get(number, (0, 0))
    return {
        "siblings": [(s, language_name(s.article.language)) for s in siblings],
        "behind": next((s for s in siblings if s.newer), None),
        "missing": [(code, name) for code, name in LANGUAGES.items() if code not in taken],
        "files": files_of(found), "owners": owners(), "audiences": AUDIENCES,
        "yes": yes, "no": no, "comments": ratings.comments(found, 5),
        "origin": origin(found),
        "last": found.versions.select_related("author", "publisher").order_by("-number").first(),
    }  # fmt: skip


def files_of(found: Article) -> list[tuple[Attachment, str]]:
    """Each file with the Markdown that shows it; without their data."""
    stored = found.attachments.defer("data").order_by("created_at")
    return [(file, attachments.markdown(file)) for file in stored]


@require_POST
@writer
def save(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """Saves the wording, and submits or publishes it where that was wanted. Who comes second is shown the difference
    and decides; what the other one wrote stays in the history."""
    found = access_article(article_id)
    given = request.POST
    title, body = _words(request)
    try:
        version = _saved(request, found, title, body)
    except EditedMeanwhile:
        return _second(request, found, title, body)
    except InvalidInput as error:
        return _shown(request, found, in_work(found), problem=str(error), title=title, body=body,
                      edition=given.get("edition", ""))  # fmt: skip
    return acted(request, lambda: _onwards(request, found, version), found)


def _words(request: HttpRequest) -> tuple[str, str]:
    """Title and text; browsers send line ends as CRLF."""
    given = request.POST
    return " ".join(given.get("title", "").split()), given.get("body", "").replace("\r\n", "\n")


def _saved(request: HttpRequest, found: Article, title: str, body: str) -> Version | None:
    """The draft with these words; None where nothing differs from what is published and no draft exists."""
    given = request.POST
    if found.published_at and in_work(found) is None and (title, body) == (found.title, found.body):
        return None
    version = do_save(
        found,
        current_user(request),
        title=title,
        body=body,
        edition=given.get("edition"),
        keep=given.get("keep") == "1",
    )
    if given.get("in_step") == "1":
        translations.do_follow(found)
    return version


def _onwards(request: HttpRequest, found: Article, version: Version | None) -> str:
    """What the pressed button wants besides saving; a chosen file comes along with any of them."""
    act, doomed = request.POST.get("act", "save"), request.POST.get("remove", "")
    if doomed:
        attachments.do_detach(found, doomed)
        return _("The file is deleted.")
    if act == "attach" or request.FILES or too_large(request):
        attached = _attached(request, found)
        if act in {"attach", "save"}:
            return attached
    if act == "publish":
        do_publish(found, current_user(request), edition(found, version) if version else None)
        return _("Published. Readers, the search and the assistant have it from now on.")
    if act == "submit":
        do_submit(found)
        return _("The draft waits for its review.")
    return _("Saved as a draft. Readers see what is published.")


def _attached(request: HttpRequest, found: Article) -> str:
    upload = request.FILES.get("file")
    if too_large(request):
        raise InvalidInput(uploads.too_large())
    if not isinstance(upload, UploadedFile):
        raise InvalidInput(_("Please choose a file."))
    file = attachments.do_attach(found, current_user(request), upload.name or "", upload.read())
    return _("{name} is added. Put its line into the text where it belongs.").format(name=file.name)


def _second(request: HttpRequest, found: Article, title: str, body: str) -> HttpResponse:
    """What the second of two editors sees: their own words, and how they differ from the other's."""
    theirs = in_work(found)
    found.refresh_from_db()
    other_title, other_body = (theirs.title, theirs.body) if theirs else (found.title, found.body)
    lines = differences(f"{other_title}\n\n{other_body}", f"{title}\n\n{body}")
    return _shown(
        request, found, theirs, title=title, body=body, preview=html(body, title), keep=True, lines=lines,
        other=theirs.author if theirs else None,
    )  # fmt: skip


@require_POST
@writer
def autosave(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """Keeps what is being typed as a draft, so that a closed tab loses nothing. JSON: `said`, `edition` where it was
    kept, `stopped` where somebody else has saved meanwhile."""
    found = access_article(article_id)
    title, body = _words(request)
    try:
        version = _saved(request, found, title, body)
    except EditedMeanwhile as error:
        return JsonResponse({"said": str(error), "stopped": True})
    except InvalidInput as error:
        return JsonResponse({"said": str(error)})
    at = date_format(timezone.localtime(), "TIME_FORMAT")
    return JsonResponse({"edition": edition(found, version), "said": _("Draft saved, {time}").format(time=at)})


@require_POST
@writer
def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers would see it, by the same rendering."""
    title, body = _words(request)
    return render(request, "knowledge/_preview.html", {"title": title, "preview": html(body[:MOST_BODY], title)})


@require_POST
@writer
def attach(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """A file from the editor, while one writes: the list of files anew, with why it could not be kept."""
    found = access_article(article_id)
    done = problem = ""
    try:
        done = _attached(request, found)
    except InvalidInput as error:
        problem = str(error)
    context = {"article": found, "files": files_of(found), "done": done, "problem": problem}
    return render(request, "knowledge/_files.html", context)
