"""Files from outside: pictures and PDFs. What a file is, its content says; what nobody needs to see is not kept."""

from __future__ import annotations

import re
import struct
import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from django.utils.translation import gettext as _
from PIL import Image

from kulanz.core.errors import InvalidInput

MOST_BYTES = 10_000_000
"""Of one file."""
MOST_PIXELS = 50_000_000
"""Of one picture, as it is sent."""
LONGEST_SIDE = 2_000
"""Pixels; larger pictures are made smaller: nobody reads more on a page."""
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
PDF = "application/pdf"
SUFFIXES = {PDF: "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""How a camera was held (EXIF 2.3), to how its picture is turned upright."""
_UNSAFE = re.compile(r"[^\w.-]+")
_HEIC = re.compile(rb"\A.{4}ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)", re.DOTALL)
_AT_ONCE = threading.BoundedSemaphore(2)
"""A decoded picture takes up to 200 MB: no number of uploads at the same moment may fill the memory."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it may be kept: `kind` is its media type, `data` for pictures newly written."""

    kind: str
    data: bytes
    width: int | None = None
    height: int | None = None


def check_file(data: bytes) -> Checked:
    """Raises InvalidInput for whatever is not a PDF or a PNG, JPEG, WebP or GIF picture, judged by its content."""
    if not data:
        raise InvalidInput(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise InvalidInput(too_large())
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return Checked(PDF, data)
    if _HEIC.match(data):
        raise InvalidInput(_("This photo is in the HEIC format. Please send it as a JPEG."))
    with _AT_ONCE:
        return _picture(data)


def too_large() -> str:
    """What whoever sends too much reads."""
    return _("A file may have {n} MB.").format(n=MOST_BYTES // 1_000_000)


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
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than it is needed
            image.load()
            return _written(image)
    except (
        OSError, ValueError, TypeError, SyntaxError, struct.error, Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:  # fmt: skip
        raise InvalidInput(_("Only PDF files and PNG, JPEG, WebP or GIF pictures can be added.")) from error


def _written(image: Image.Image) -> Checked:
    """A moving GIF or WebP keeps its first picture alone: some readers can't bear moving ones."""
    kind = image.format or "PNG"
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    still = image.transpose(turn) if turn is not None else image.copy()
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
