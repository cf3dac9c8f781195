"""From files to documents: Markdown, HTML, plain text and JSONL."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from kulanz.core.errors import InvalidInput
from kulanz.core.knowledge import Audience
from kulanz.knowledge.html_text import html_to_markdown

MAX_FILE = 50_000_000
"""Bytes of one file."""
MAX_ARTICLE = 500_000
"""Characters of one article; larger ones are books and should come in chapters."""
MAX_TITLE = 300
MAX_ID = 300
MAX_KEY = 120

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIRST_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-zA-Z]{2,4})?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """One article as read from a file. `language` is empty where the file does not name it; `said` holds what it says
    of `audience`, `valid_from`, `valid_until` and `review_on`, and nothing for what it is silent on."""

    external_id: str
    title: str
    body: str
    language: str = ""
    key: str = ""
    tags: tuple[str, ...] = ()
    said: Mapping[str, str | date] = field(default_factory=dict)


def read_documents(path: Path, name: str) -> list[Document]:
    """The documents of one file; `name` is its stable name inside the source.

    Raises InvalidInput with a sentence that names the file (and the line, for JSONL) and what to change.
    """
    text = _read_text(path)
    kind = path.suffix.lower()
    if kind in {".jsonl", ".ndjson"}:
        return _rows(text, path, name)
    if kind in {".html", ".htm"}:
        title, body = html_to_markdown(text)
        return _single(path, {"id": name, "title": title or _stem(path), "text": body})
    return _single(path, _markdown(text, path, name))


SUFFIXES = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".jsonl", ".ndjson"})


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE:
            raise InvalidInput(f"{path.name} is larger than {MAX_FILE // 1_000_000} MB: split it.")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    except OSError as error:
        raise InvalidInput(f"{path.name} can't be read: {error.strerror}.") from error
    if "\0" in text:
        raise InvalidInput(f"{path.name} is a binary file, not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _single(path: Path, fields: dict[str, Any]) -> list[Document]:
    if not str(fields["text"]).strip():
        raise InvalidInput(f"{path.name}: there is no text.")
    return [_document(path.name, fields)]


def _markdown(text: str, path: Path, name: str) -> dict[str, Any]:
    fields, body = _front_matter(text, path) if path.suffix.lower() != ".txt" else ({}, text)
    if not fields.get("title"):
        first = _FIRST_HEADING.match(body)
        fields["title"] = first.group(1) if first else _stem(path)
    return {**fields, "id": name, "text": body}


def _front_matter(text: str, path: Path) -> tuple[dict[str, Any], str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        fields = yaml.safe_load(match.group(1))
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path.name}: the front matter is not valid YAML ({_first_line(error)}).") from error
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        raise InvalidInput(f"{path.name}: the front matter must be a list of `name: value` lines.")
    return fields, text[match.end() :]


def _rows(text: str, path: Path, name: str) -> list[Document]:
    documents: dict[str, Document] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        document = _document(where, _json_row(line, where, name))
        if document.external_id in documents:
            raise InvalidInput(f"{where}: this id was used before in the file.")
        documents[document.external_id] = document
    return list(documents.values())


def _json_row(line: str, where: str, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not valid JSON ({_first_line(error)}).") from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{where}: expected an object like {{'id': …, 'title': …, 'text': …}}.")
    if "text" not in row and "answer" not in row:
        raise InvalidInput(f"{where}: 'text' (or 'answer') is missing.")
    title = row.get("title") or row.get("question") or ""
    body = row.get("text") or row.get("answer") or ""
    identifier = row.get("id")
    if identifier is None or identifier == "":
        identifier = hashlib.sha256(f"{title}\n{'' if title else body}".encode("utf-8", "replace")).hexdigest()[:16]
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        raise InvalidInput(f"{where}: 'id' must be text or a whole number.")
    return {**row, "id": f"{name}#{identifier}", "title": title, "text": body}


def _document(where: str, fields: dict[str, Any]) -> Document:
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
        external_id=_bounded(_field(where, fields, "id"), MAX_ID),
        title=title[:MAX_TITLE],
        body=body.strip(),
        language=re.split("[-_]", language)[0],
        key=_bounded(_field(where, fields, "key"), MAX_KEY),
        tags=tuple(_tags(where, fields)),
        said=dict(_said(where, fields)),
    )


def _said(where: str, fields: dict[str, Any]) -> Iterator[tuple[str, str | date]]:
    audience = fields.get("audience")
    if audience is not None:
        if audience not in list(Audience):
            raise InvalidInput(f"{where}: 'audience' must be customers or agents, not {str(audience)[:20]!r}.")
        yield "audience", str(audience)
    for name in ("valid_from", "valid_until", "review_on"):
        if fields.get(name) is not None:
            yield name, _date(where, name, fields[name])


def _date(where: str, name: str, value: object) -> date:
    """YAML gives a date, JSON its text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
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
    yield from (_CONTROL.sub("", str(tag)).strip() for tag in tags)


def _bounded(text: str, limit: int) -> str:
    """A name short enough for its column and still unlike every other."""
    if len(text) <= limit:
        return text
    return text[: limit - 17] + "~" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _stem(path: Path) -> str:
    return re.sub(r"[-_]+", " ", path.stem).strip() or path.name


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:120]
