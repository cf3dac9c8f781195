"""What every format gives: rows of named fields, before they are checked."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kulanz.core.errors import InvalidInput

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One article as it stands in a file. `where` names the place for a person: the file, or the file and the line."""

    where: str
    fields: dict[str, Any]


def text_of(data: bytes, label: str, *, declared: bool = False) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark; with `declared` also in what a `<meta charset>` says.

    Raises InvalidInput where it is neither, or no text at all.
    """
    mark, encoding = next(((m, name) for m, name in _MARKS if data.startswith(m)), (b"", "utf-8"))
    try:
        text = data.decode(encoding) if not mark else data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        named = _CHARSET.search(data[:4096]) if declared else None
        if named is None:
            raise InvalidInput(f"{label} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
        text = _decoded(data, named.group(1).decode(), label)
    if "\0" in text:
        raise InvalidInput(f"{label} is a binary file, not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, encoding: str, label: str) -> str:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise InvalidInput(f"{label} is not {encoding} text, as it says: save it as UTF-8.") from error


def table_row(row: Mapping[str, Any], where: str) -> Row:
    """A row of a table or of JSONL: question and answer, or title and text; without an id, one made of its title."""
    if "text" not in row and "answer" not in row:
        raise InvalidInput(f"{where}: 'text' (or 'answer') is missing.")
    title = row.get("title") or row.get("question") or ""
    body = row.get("text") or row.get("answer") or ""
    identifier = row.get("id")
    if identifier is None or identifier == "":
        identifier = hashlib.sha256(f"{title}\n{'' if title else body}".encode("utf-8", "replace")).hexdigest()[:16]
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        raise InvalidInput(f"{where}: 'id' must be text or a whole number.")
    return Row(where, {**row, "id": identifier, "title": title, "text": body})


def first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:120]
