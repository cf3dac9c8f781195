"""What every reader sees of a text: bounded, and safe for encoders and regular expressions."""

from __future__ import annotations

import re

from kulanz.core.reading import Evidence

LIMIT = 8_000
"""Characters that the readers look at: a whole message (`MAX_TEXT`); texts joined beyond it end here."""

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def same_length(text: str) -> str:
    """`text` with controls, lone surrogates and HTML tags replaced by as many spaces, cut at `LIMIT` characters.

    The length of what is kept stays the same, so offsets hold for the original text too.
    """
    text = text[:LIMIT].replace("\u00a0", " ").replace("’", "'").replace("`", "'")
    text = _SURROGATE.sub(" ", _INVISIBLE.sub(" ", text))
    return _TAG.sub(lambda tag: " " * len(tag[0]), text) if "<" in text else text


def evidence(text: str, start: int, end: int) -> Evidence:
    """The words `text[start:end]`, without white space at their ends."""
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    return Evidence(words.strip(), start, start + len(words.strip()))
