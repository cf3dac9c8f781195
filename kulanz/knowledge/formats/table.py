"""A table as spreadsheets save it (CSV): its first line names the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row, first_line, table_row, text_of

SEPARATORS = ",;\t"
"""Tried in this order: commas are the rule, spreadsheets set to German write semicolons."""
_GERMAN = {"frage": "question", "antwort": "answer", "titel": "title", "sprache": "language"}
_ANSWERS = {"text", "answer"}
csv.field_size_limit(4_000_000)  # the module's own 131,072 characters are less than an article may have


def read(data: bytes, label: str) -> list[Row]:
    """One article a row. Empty cells say nothing; columns of other names are passed over."""
    text = text_of(data, label)
    for separator in SEPARATORS:
        names = _names(text, separator)
        if _ANSWERS & set(names):
            return list(_rows(text, separator, names, label))
    raise InvalidInput(f"{label}: the first line must name the columns, such as question,answer or id,title,text.")


def _names(text: str, separator: str) -> list[str]:
    first = next(iter(text.lstrip("\n").split("\n", 1)), "")[:10_000]
    cells = next(csv.reader([first], delimiter=separator), [])
    return [_GERMAN.get(name := cell.strip().lower(), name) for cell in cells]


def _rows(text: str, separator: str, names: list[str], label: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            where, line = f"{label}, line {line}", reader.line_num + 1
            if cells and any(map(str.strip, cells)) and not _is_head(cells, names):
                yield _row(cells, names, where)
    except csv.Error as error:
        raise InvalidInput(f"{label}, line {reader.line_num}: not valid CSV ({first_line(error)}).") from error


def _is_head(cells: list[str], names: list[str]) -> bool:
    return [_GERMAN.get(name := cell.strip().lower(), name) for cell in cells] == names


def _row(cells: list[str], names: list[str], where: str) -> Row:
    if len(cells) > len(names):
        raise InvalidInput(f"{where}: more cells than columns; put texts with separators in quotation marks.")
    known = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
    return table_row({"text": "", **known}, where)
