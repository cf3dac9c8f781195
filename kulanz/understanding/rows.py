"""Labelled texts from JSONL files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput

Row = tuple[str, str]


def read_rows(path: Path, label: str) -> list[tuple[str, Any]]:
    """The rows `{"text", label}` of a file. Raises `InvalidInput` that names file and line."""
    rows = []
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    rows.append(_row(path, number, line, label))
    except OSError as error:
        raise InvalidInput(f"{path}: the file can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: the file is not UTF-8. Save it as UTF-8.") from error
    if not rows:
        raise InvalidInput(f"{path}: the file holds no rows.")
    return rows


def _row(path: Path, number: int, line: str, label: str) -> tuple[str, Any]:
    kind = bool if label == "wants_human" else str
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path}: line {number} is no JSON.") from error
    if not (isinstance(data, dict) and isinstance(data.get("text"), str) and isinstance(data.get(label), kind)):
        raise InvalidInput(f'{path}: line {number}: expected {{"text": …, "{label}": …}}.')
    return data["text"], data[label]


def split_rows(rows: list[Row], fold: int) -> tuple[list[Row], list[Row]]:
    """Every `fold`-th row to test on, the others to train on."""
    return [row for i, row in enumerate(rows) if i % fold], rows[::fold]


def first_of_each(rows: list[Row], most: int) -> list[Row]:
    """The first `most` rows of every label."""
    seen: Counter[str] = Counter()
    kept = []
    for text, label in rows:
        seen[label] += 1
        if seen[label] <= most:
            kept.append((text, label))
    return kept
