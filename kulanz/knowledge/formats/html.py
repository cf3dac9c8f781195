"""A saved web page."""

from __future__ import annotations

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row, text_of
from kulanz.knowledge.html_text import html_to_markdown


def read(data: bytes, label: str) -> list[Row]:
    """One article: the main text of the page."""
    text = text_of(data, label, declared=True)
    try:
        title, body = html_to_markdown(text)
    except InvalidInput as error:
        raise InvalidInput(f"{label}: {error}") from error
    return [Row(label, {"title": title, "text": body})]
