"""One JSON object a line."""

from __future__ import annotations

import json

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row, first_line, table_row, text_of


def read(data: bytes, label: str) -> list[Row]:
    """One article a line: `{"id", "title", "text"}` or `{"question", "answer"}`, and what front matter may say."""
    lines = enumerate(text_of(data, label).split("\n"), start=1)
    return [_row(line, f"{label}, line {number}") for number, line in lines if line.strip()]


def _row(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where}: not valid JSON ({first_line(error)}).") from error
    if not isinstance(row, dict):
        raise InvalidInput(f"{where}: expected an object like {{'id': …, 'title': …, 'text': …}}.")
    return table_row(row, where)
