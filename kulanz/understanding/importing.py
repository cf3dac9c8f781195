"""Reads intent examples from a JSONL file: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kulanz.core.errors import InvalidInput
from kulanz.understanding.models import IntentExample

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes there are."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """`rows` in the file, how many of them were `added`, and how many were `known` already or stood there twice."""

    rows: int
    added: int
    known: int
    intents: int

    def to_json(self) -> dict[str, int]:
        return asdict(self)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    intent: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
    language: str = Field(default="", max_length=5)


def do_import_intents(path: Path, progress: Progress | None = None) -> ImportSummary:
    """Adds the examples of a JSONL file, one `{"text", "intent", "language"?}` a line, in one transaction.

    The same example again adds nothing. Raises `InvalidInput`, naming file and line, for anything else than that; then
    nothing at all was imported.
    """
    rows = list(dict.fromkeys(_read(path, progress)))
    count = len(rows)
    with transaction.atomic():
        before = IntentExample.objects.count()
        for start in range(0, count, _BATCH):
            IntentExample.objects.bulk_create(
                [IntentExample(text=t, intent=i, language=la) for t, i, la in rows[start : start + _BATCH]],
                ignore_conflicts=True,
            )
        added = IntentExample.objects.count() - before
    return ImportSummary(count, added, count - added, len({intent for _, intent, _ in rows}))


def _read(path: Path, progress: Progress | None) -> Iterator[tuple[str, str, str]]:
    try:
        size, done, found = path.stat().st_size, 0, False
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                done += len(line)
                if line.strip():
                    row = _parse(path, number, line)
                    found = True
                    yield row.text, row.intent, row.language
                if progress:
                    progress(done, size)
    except OSError as error:
        raise InvalidInput(f"{path}: the file can't be read ({error.strerror}).") from error
    if not found:
        raise InvalidInput(f"{path}: line 1: the file holds no examples.")


def _parse(path: Path, number: int, line: bytes) -> _Row:
    try:
        data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f'{path}: line {number} is no JSON; expected {{"text": …, "intent": …}} in UTF-8.'
        ) from error
    try:
        row = _Row.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InvalidInput(f"{path}: line {number}: {where}: {first['msg']}") from error
    if "\0" in row.text or any("\ud800" <= character <= "\udfff" for character in row.text):
        raise InvalidInput(f"{path}: line {number}: text: holds characters that no database can store.")
    return row
