"""Word documents (DOCX): headings, paragraphs, lists and tables. Macros, pictures and comments are not read."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.parsers.expat import ExpatError
from xml.sax import SAXException  # nosec: only the exception; parsing is defusedxml's
from xml.sax.handler import ContentHandler  # nosec

import defusedxml.sax
import mammoth
from defusedxml.common import DefusedXmlException

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row
from kulanz.knowledge.html_text import html_to_markdown

MAX_MEMBER = 12_000_000
"""Bytes of one unpacked XML part; the text of the longest article is far below."""
MAX_UNPACKED = 400_000_000
"""Bytes of all parts, pictures among them, as the file declares them; `zipfile` gives no more than is declared."""
MAX_MEMBERS = 5_000
_TITLE = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ExpatError, SAXException, LookupError, ValueError, AttributeError, TypeError,
    NotImplementedError, RecursionError, EOFError, OSError, RuntimeError,
)  # fmt: skip
"""What the libraries raise on files that are not what they claim to be; RuntimeError is a zip with a password."""


def read(data: bytes, label: str) -> list[Row]:
    """One article. Raises InvalidInput for anything but a Word document of bounded size."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # the container of old Word files and of encrypted new ones
        raise InvalidInput(f"{label} is protected by a password or an old .doc: save it as DOCX without a password.")
    try:
        _check(data, label)
        html = mammoth.convert_to_html(
            io.BytesIO(data), style_map=_TITLE, convert_image=_no_picture, include_embedded_style_map=False
        ).value
    except DefusedXmlException as error:
        raise InvalidInput(f"{label} declares XML entities, which no word processor writes: not read.") from error
    except _BROKEN as error:
        raise InvalidInput(f"{label} is not a Word document that can be read ({type(error).__name__}).") from error
    title, body = html_to_markdown(html)
    return [Row(label, {"title": title, "text": body})]


def _check(data: bytes, label: str) -> None:
    """Looks at the sizes before anything is unpacked, then at the XML before anything builds trees of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = file.infolist()
        parts = [member for member in members if member.filename.lower().endswith((".xml", ".rels"))]
        unpacked = sum(member.file_size for member in members)
        largest = max((part.file_size for part in parts), default=0)
        if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or largest > MAX_MEMBER:
            raise InvalidInput(
                f"{label} unpacks to {unpacked // 1_000_000:,} MB in {len(members)} parts, the largest text being "
                f"{largest // 1_000_000:,} MB: more than {MAX_MEMBER // 1_000_000} MB of text is not read."
            )
        for part in parts:
            with file.open(part) as opened:
                defusedxml.sax.parse(opened, ContentHandler(), forbid_dtd=True)


def _no_picture(_: object) -> list[object]:
    return []
