"""Files of articles: pictures and PDFs. What a file is, its content says; what nobody needs to see is not kept."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import IN_WORK
from kulanz.knowledge.models import Article, Attachment, State
from kulanz.knowledge.visibility import shown

MOST_BYTES = 8_000_000
"""Of one file."""
MOST_IN_ARTICLE = 60_000_000
"""Bytes of all files of one article."""
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2_000
"""Pixels; larger pictures are made smaller: nobody reads more on a page."""
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
PDF = "application/pdf"
SUFFIXES = {PDF: "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it may be kept: `kind` is its content type, `data` for pictures newly written."""

    kind: str
    data: bytes
    width: int | None = None
    height: int | None = None


def check_file(data: bytes) -> Checked:
    """Raises InvalidInput for whatever is not a PDF or a PNG, JPEG, WebP or GIF picture, judged by its content."""
    if not data:
        raise InvalidInput(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise InvalidInput(_("A file may have {n} MB.").format(n=MOST_BYTES // 1_000_000))
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return Checked(PDF, data)
    return _picture(data)


def _picture(data: bytes) -> Checked:
    """Decoded and written anew: what was hidden behind or beside the pixels (scripts, places, names) is gone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=list(FORMATS))
            if image.width * image.height > MOST_PIXELS:
                raise InvalidInput(
                    _("The picture is too large: {n} megapixels at most.").format(n=MOST_PIXELS // 10**6)
                )
            image.load()
            return _written(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(_("Only PDF files and PNG, JPEG, WebP or GIF pictures can be added.")) from error


def _written(image: Image.Image) -> Checked:
    """A moving GIF or WebP keeps its first picture alone: help articles are read, and some readers can't bear it."""
    kind = image.format or "PNG"
    still = ImageOps.exif_transpose(image)
    still.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if kind == "JPEG":
        still = still.convert("RGB")
    elif still.mode not in {"RGB", "RGBA", "L", "P"}:
        still = still.convert("RGBA")
    clean = Image.new(still.mode, still.size)  # nothing but pixels comes along
    if still.mode == "P":
        clean = still.convert("RGBA")
    else:
        clean.paste(still)
    out = BytesIO()
    clean.save(out, kind, **({"quality": 85} if kind in {"JPEG", "WEBP"} else {"optimize": kind == "PNG"}))
    return Checked(FORMATS[kind], out.getvalue(), *clean.size)


def safe_name(name: str, kind: str) -> str:
    """A name that is safe in an address and ends as its content does."""
    stem = _UNSAFE.sub("-", PurePath(name.replace("\\", "/")).stem).strip("-.")[:80] or "file"
    return f"{stem}.{SUFFIXES[kind]}"


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
