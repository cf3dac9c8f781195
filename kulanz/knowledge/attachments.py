"""Files of articles: pictures and PDFs (see `kulanz.trust.uploads` for what may be kept)."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import IN_WORK
from kulanz.knowledge.models import Article, Attachment, State
from kulanz.knowledge.visibility import shown
from kulanz.trust.uploads import check_file, safe_name

MOST_IN_ARTICLE = 60_000_000
"""Bytes of all files of one article."""


def do_attach(article: Article, author: User, name: str, data: bytes) -> Attachment:
    """Keeps a file; the same file twice is kept once. Readers see it as soon as a published text uses it."""
    checked = check_file(data)
    digest = hashlib.sha256(checked.data).hexdigest()
    if known := article.attachments.filter(checksum=digest).first():
        return known
    held = article.attachments.aggregate(bytes=Sum("size"))["bytes"] or 0
    if held + len(checked.data) > MOST_IN_ARTICLE:
        raise InvalidInput(_("The files of an article may have {n} MB.").format(n=MOST_IN_ARTICLE // 1_000_000))
    return Attachment.objects.create(
        article=article, author=author, name=safe_name(name, checked.kind), kind=checked.kind, size=len(checked.data),
        width=checked.width, height=checked.height, checksum=digest, data=checked.data,
    )  # fmt: skip


def do_detach(article: Article, attachment_id: UUID | str) -> None:
    """Deletes a file for good. InvalidInput while the published text or the one in work uses it."""
    try:
        attachment_id = UUID(str(attachment_id))
    except ValueError as error:
        raise NotFound("There is no such file.") from error
    states = [*IN_WORK, State.PUBLISHED]
    if article.versions.filter(state__in=states, body__contains=str(attachment_id)).exists():
        raise InvalidInput(_("The text still uses this file: take it out there first."))
    article.attachments.filter(pk=attachment_id).delete()


def get_attachment(attachment_id: UUID, audience: Audience | None) -> Attachment:
    """The file if its article is shown to `audience` and the published text uses it; staff who edit see all (None).
    NotFound otherwise."""
    allowed = Attachment.objects.filter(pk=attachment_id)
    if audience is not None:
        allowed = allowed.filter(shown(audience, "article__"), article__body__contains=str(attachment_id))
    found = allowed.first()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def address(attachment: Attachment) -> str:
    """Where the file is, for Markdown: the same for readers and in the editor."""
    return f"/help/files/{attachment.pk}/{attachment.name}"


def markdown(attachment: Attachment) -> str:
    """How a text shows the picture or leads to the file."""
    stem = PurePath(attachment.name).stem.replace("-", " ")
    picture = attachment.kind.startswith("image/")
    return f"![{stem}]({address(attachment)})" if picture else f"[{stem} (PDF)]({address(attachment)})"
