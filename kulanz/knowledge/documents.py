"""From files to documents: what a format has read, checked field by field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.formats import docx, html, jsonl, markdown, pdf, table
from kulanz.knowledge.formats.rows import Row

MAX_PAGE = 10_000_000
"""Bytes of a file that holds one article as text."""
MAX_FILE = 50_000_000
"""Bytes of one file of another kind."""
MAX_ARTICLE = 500_000
"""Characters of one article; larger ones are books and should come in chapters."""
MAX_TITLE = 300
MAX_ID = 300
MAX_KEY = 120
OWN = "id:"
"""Begins the name of an article that brings an id of its own; all others are named by their files."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-zA-Z]{2,4})?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of file is read. `most` is in bytes; `many` tells that a file holds many articles."""

    read: Callable[[bytes, str], list[Row]]
    most: int = MAX_PAGE
    many: bool = False


FORMATS = {
    ".md": Format(markdown.read),
    ".markdown": Format(markdown.read),
    ".txt": Format(markdown.read_plain),
    ".html": Format(html.read),
    ".htm": Format(html.read),
    ".jsonl": Format(jsonl.read, MAX_FILE, many=True),
    ".ndjson": Format(jsonl.read, MAX_FILE, many=True),
    ".csv": Format(table.read, MAX_FILE, many=True),
    ".tsv": Format(table.read, MAX_FILE, many=True),
    ".pdf": Format(pdf.read, MAX_FILE),
    ".docx": Format(docx.read, MAX_FILE),
    ".docm": Format(docx.read, MAX_FILE),
}
SUFFIXES = frozenset(FORMATS)
UNREAD = frozenset({".doc", ".rtf", ".odt", ".pages", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".epub", ".json"})
"""Formats that may well hold knowledge: named in a folder instead of passed over."""


@dataclass(frozen=True, slots=True)
class Document:
    """One article as read from a file. `language` is empty where the file does not name it; `said` holds what it says
    of `audience`, `owner` (an e-mail address), `valid_from`, `valid_until` and `review_on`, and nothing for what it is
    silent on."""

    external_id: str
    title: str
    body: str
    language: str = ""
    key: str = ""
    tags: tuple[str, ...] = ()
    said: Mapping[str, str | date] = field(default_factory=dict)


def read_documents(path: Path, name: str) -> list[Document]:
    """The documents of one file; `name` is its stable name inside the source. The size is looked at before reading.

    Raises InvalidInput with a sentence that names the file (and the line, for tables) and what to change.
    """
    kind = path.suffix.lower()
    if kind in UNREAD:
        raise InvalidInput(f"{path.name}: {kind} files can't be read: save it as DOCX, PDF or CSV.")
    try:
        check_size(path.stat().st_size, kind, path.name)
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path.name} can't be read: {error.strerror}.") from error
    return documents_of(data, kind, name, path.name)


def check_size(size: int, kind: str, label: str) -> None:
    """Raises InvalidInput where a file of this kind may not have `size` bytes."""
    if size > FORMATS[kind].most:
        raise InvalidInput(f"{label} is larger than {FORMATS[kind].most // 1_000_000} MB: split it.")


def documents_of(data: bytes, kind: str, name: str, label: str) -> list[Document]:
    """The documents in the bytes of a file of this kind (".html"); `name` is stable, `label` is for people.

    Raises InvalidInput as `read_documents` does.
    """
    found = FORMATS[kind]
    check_size(len(data), kind, label)
    rows = found.read(data, label)
    if found.many:
        return _many(rows, name)
    row = rows[0]
    if not str(row.fields["text"]).strip():
        raise InvalidInput(f"{label}: there is no text.")
    return [_document(row.where, {**row.fields, "title": row.fields["title"] or _stem(label)}, _own(row, name))]


def _many(rows: list[Row], name: str) -> list[Document]:
    documents: dict[str, Document] = {}
    for row in rows:
        document = _document(row.where, row.fields, f"{name}#{_field(row.where, row.fields, 'id')}")
        if document.external_id in documents:
            raise InvalidInput(f"{row.where}: this id was used before in the file.")
        documents[document.external_id] = document
    return list(documents.values())


def _own(row: Row, name: str) -> str:
    """An article's own id outlives the renaming of its file; languages may share one."""
    own, language = _field(row.where, row.fields, "id"), _field(row.where, row.fields, "language")
    return f"{OWN}{own} {language}".rstrip() if own else name


def _document(where: str, fields: dict[str, Any], identifier: str) -> Document:
    body = _field(where, fields, "text")
    title = " ".join(_field(where, fields, "title").split())
    if not body.strip() and not title:
        raise InvalidInput(f"{where}: there is neither title nor text.")
    if len(body) > MAX_ARTICLE:
        raise InvalidInput(f"{where}: longer than {MAX_ARTICLE:,} characters; split it into several articles.")
    language = _field(where, fields, "language").lower()
    if language and not _LANGUAGE.match(language):
        raise InvalidInput(f"{where}: 'language' must be a code like de or en, not {language[:20]!r}.")
    return Document(
        external_id=bounded(identifier, MAX_ID),
        title=title[:MAX_TITLE],
        body=body.strip(),
        language=re.split("[-_]", language)[0],
        key=bounded(_field(where, fields, "key"), MAX_KEY),
        tags=tuple(_tags(where, fields)),
        said=dict(_said(where, fields)),
    )


def _said(where: str, fields: dict[str, Any]) -> Iterator[tuple[str, str | date]]:
    audience = fields.get("audience")
    if audience is not None:
        if audience not in list(Audience):
            raise InvalidInput(f"{where}: 'audience' must be customers or agents, not {str(audience)[:20]!r}.")
        yield "audience", str(audience)
    if owner := _field(where, fields, "owner").strip().lower():
        yield "owner", owner
    for name in ("valid_from", "valid_until", "review_on"):
        if fields.get(name) is not None:
            yield name, _date(where, name, fields[name])


def _date(where: str, name: str, value: object) -> date:
    """YAML gives a date, all others its text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise InvalidInput(f"{where}: '{name}' must be a date like 2026-12-31, not {str(value)[:20]!r}.") from error


def _field(where: str, fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidInput(f"{where}: '{name}' must be text.")
    return _CONTROL.sub("", str(value))


def _tags(where: str, fields: dict[str, Any]) -> Iterator[str]:
    value = fields.get("tags") or []
    tags = value.split(",") if isinstance(value, str) else value
    if not isinstance(tags, list):
        raise InvalidInput(f"{where}: 'tags' must be a list of words.")
    names = (_CONTROL.sub("", str(tag)).strip()[:60] for tag in tags)
    yield from (name for name in names if name)


def bounded(text: str, limit: int) -> str:
    """A name short enough for its column and still unlike every other."""
    if len(text) <= limit:
        return text
    return text[: limit - 17] + "~" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _stem(label: str) -> str:
    path = PurePosixPath(label)
    return re.sub(r"[-_]+", " ", path.stem).strip() or path.name
