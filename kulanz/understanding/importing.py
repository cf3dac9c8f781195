"""Reads intent examples and descriptions from a JSONL file: all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from kulanz.core.errors import InvalidInput
from kulanz.understanding.examples import Row, do_change
from kulanz.understanding.models import MAX_EXAMPLE, MAX_TITLE, Intent, IntentExample

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes there are."""

MAX_BYTES = 100_000_000
MAX_ROWS = 100_000

Language = Literal["de", "en"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_EXAMPLE)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE)]


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """`rows` in the file, how many of them were `added`, and how many were `known` already or stood there twice."""

    rows: int
    added: int
    known: int
    intents: int

    def to_json(self) -> dict[str, int]:
        return asdict(self)


class _Line(BaseModel):
    """An example, or (without `text`) what an intent is called."""

    model_config = ConfigDict(extra="ignore", strict=True)

    text: Text | None = None
    intent: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
    language: str = Field(default="", max_length=5)
    title: dict[Language, Title] = {}
    description: dict[Language, Text] = {}

    @field_validator("title", mode="before")
    @classmethod
    def _in_both_languages(cls, title: Any) -> Any:
        return {"de": title, "en": title} if isinstance(title, str) else title

    @model_validator(mode="after")
    def _says_something(self) -> _Line:
        if self.text is None and not self.title and not self.description:
            raise ValueError("a row needs a text, or the title or description of the intent")
        return self


def do_import_intents(path: Path, progress: Progress | None = None, actor: str = "system") -> ImportSummary:
    """Adds the rows of a JSONL file in one transaction: examples as `{"text", "intent", "language"?}`, and what an
    intent is called as `{"intent", "title"?: {"de", "en"}, "description"?: {"de", "en"}}`.

    The same example again adds nothing. Raises `InvalidInput`, naming file and line, for anything else than that; then
    nothing at all was imported.
    """
    lines = list(_read(path, progress))
    rows = list(dict.fromkeys((line.text, line.intent, line.language) for line in lines if line.text))
    with transaction.atomic():
        known = set(IntentExample.objects.values_list("text", "intent"))
        fresh: dict[tuple[str, str], Row] = {}
        for text, intent, language in rows:
            if (text, intent) not in known:
                fresh.setdefault((text, intent), (text, language, "", intent, "file"))
        do_change(actor, "added", list(fresh.values()))
        for line in lines:
            if line.text is None:
                _describe(line)
    return ImportSummary(len(rows), len(fresh), len(rows) - len(fresh), len({line.intent for line in lines}))


def _describe(line: _Line) -> None:
    """What the row says; what it leaves out stays as it was."""
    words = {f"title_{language}": title for language, title in line.title.items()}
    words |= {f"description_{language}": text for language, text in line.description.items()}
    Intent.objects.update_or_create(pk=line.intent, defaults=words)


def _read(path: Path, progress: Progress | None) -> Iterator[_Line]:
    done = found = 0
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInput(f"{path}: the file has {size} bytes; {MAX_BYTES} are possible.")
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                done += len(line)
                if line.strip():
                    found += 1
                    yield _parse(path, number, line)
                if found > MAX_ROWS:
                    raise InvalidInput(f"{path}: line {number}: more than {MAX_ROWS} rows.")
                if progress:
                    progress(done, size)
    except OSError as error:
        raise InvalidInput(f"{path}: the file can't be read ({error.strerror}).") from error
    if not found:
        raise InvalidInput(f"{path}: line 1: the file holds no examples.")


def _parse(path: Path, number: int, line: bytes) -> _Line:
    try:
        data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f'{path}: line {number} is no JSON; expected {{"text": …, "intent": …}} in UTF-8.'
        ) from error
    if not isinstance(data, dict):
        raise InvalidInput(f'{path}: line {number}: expected {{"text": …, "intent": …}}.')
    try:
        row = _Line.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the row"
        raise InvalidInput(f"{path}: line {number}: {where}: {first['msg']}") from error
    for text in (row.text or "", *row.title.values(), *row.description.values()):
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InvalidInput(f"{path}: line {number}: text: holds characters that no database can store.")
    return row
