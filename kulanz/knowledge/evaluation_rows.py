"""The files of `kulanz evaluate search`, checked row by row."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.documents import read_documents


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the file; `language` is empty where the file does not say it, and then recognised from the text."""

    text: str
    relevant: frozenset[str]
    language: str = ""


def read_search_documents(path: Path) -> list[dict[str, Any]]:
    """The rows `{"id", "title", "text", "language"?}`. Raises `InvalidInput` that names file, line and reason, for
    what an import of the file would refuse, too."""
    rows = []
    for number, row in _rows(path):
        if not _is_id(row.get("id")):
            raise InvalidInput(f"{path}: line {number}: 'id' is missing; it must be text or a number.")
        if not any(isinstance(row.get(name), str) and row[name].strip() for name in ("text", "title")):
            raise InvalidInput(f"{path}: line {number}: there is neither 'text' nor 'title'.")
        kept = {name: row[name] for name in ("title", "text", "language") if row.get(name) is not None}
        rows.append({"text": "", **kept, "id": str(row["id"])})
    with as_file(rows) as file:
        try:
            read_documents(file, file.name)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {error}") from error
    return rows


def read_search_queries(path: Path) -> list[Question]:
    """The rows `{"id"?, "text", "relevant": [ids], "language"?}`. Raises `InvalidInput` that names file and line."""
    found = []
    for number, row in _rows(path):
        text, relevant, language = row.get("text"), row.get("relevant"), row.get("language") or ""
        if not isinstance(text, str) or not text.strip():
            raise InvalidInput(f"{path}: line {number}: 'text' is missing; it must be the words of a question.")
        if not isinstance(relevant, list) or not relevant or not all(map(_is_id, relevant)):
            raise InvalidInput(f"{path}: line {number}: 'relevant' must be a list with at least one document id.")
        if not isinstance(language, str):
            raise InvalidInput(f"{path}: line {number}: 'language' must be a code like de or en.")
        found.append(Question(text, frozenset(map(str, relevant)), language.lower()[:2]))
    return found


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InvalidInput(f"{path}: the file can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: the file is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    rows = [(number, _row(path, number, line)) for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise InvalidInput(f"{path}: the file holds no rows.")
    return rows


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path}: line {number} is no JSON.") from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{path}: line {number}: expected an object {{…}}.")
    return row


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


@contextmanager
def as_file(rows: Sequence[dict[str, Any]]) -> Iterator[Path]:
    """The rows as a file for the time of a block."""
    with tempfile.TemporaryDirectory(prefix="kulanz-evaluate-") as folder:
        file = Path(folder) / "documents.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        yield file
