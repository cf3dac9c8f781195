"""Markdown with or without front matter, and plain text."""

from __future__ import annotations

import re
from typing import Any

import yaml

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row, first_line, text_of

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIRST_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*$", re.MULTILINE)


def read(data: bytes, label: str) -> list[Row]:
    """One article; its title from the front matter, else from a first heading."""
    fields, body = _front_matter(text_of(data, label), label)
    return [Row(label, {**fields, "title": fields.get("title") or _heading(body), "text": body})]


def read_plain(data: bytes, label: str) -> list[Row]:
    """One article without marks, except that a first line may be a Markdown heading."""
    body = text_of(data, label)
    return [Row(label, {"title": _heading(body), "text": body})]


def _heading(body: str) -> str:
    first = _FIRST_HEADING.match(body)
    return first.group(1) if first else ""


def _front_matter(text: str, label: str) -> tuple[dict[str, Any], str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        fields = yaml.safe_load(match.group(1))
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: a date such as 2026-13-40
        raise InvalidInput(f"{label}: the front matter is not valid YAML ({first_line(error)}).") from error
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        raise InvalidInput(f"{label}: the front matter must be a list of `name: value` lines.")
    return fields, text[match.end() :]
