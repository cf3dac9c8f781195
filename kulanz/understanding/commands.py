"""Texts that command the assistant: what to ignore, to be or to show. They are read, never obeyed."""

from __future__ import annotations

import base64
import binascii
import re

from kulanz.core.reading import Finding
from kulanz.understanding.clean import LIMIT, evidence
from kulanz.understanding.mending import Mended, joined
from kulanz.understanding.wordings import alternatives, built, load

_PARTS = {name: alternatives(wordings) for name, wordings in load("commands")["parts"].items()}
_COMMANDS = tuple(
    (entry["probability"], built(entry["pattern"], _PARTS))
    for entry in sorted(load("commands")["commands"], key=lambda entry: -entry["probability"])
)

# no command without one of these: ordinary messages pay for one search instead of thirty
_LIKELY = re.compile("|".join(load("commands")["likely"]), re.IGNORECASE)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{24,2000}={0,2}(?![A-Za-z0-9+/=])")
_MAX_BLOBS = 5
_WORDS_AT_LEAST = 0.9  # share of printable characters that makes decoded bytes a text


def find_command(text: str) -> Finding | None:
    """The surest command in `text` (8,000 characters are looked at): also in HTML comments, between zero-width
    characters and in base64. `text` should be the raw message, because tags hide what stands in them."""
    view = joined(text[:LIMIT])
    hit = _surest(view)
    if hit:
        return Finding("commands_assistant", hit[0], (view.evidence(text, *hit[1:]),))
    for blob in list(_BASE64.finditer(text[:LIMIT]))[:_MAX_BLOBS]:
        decoded = _decoded(blob[0])
        if decoded and (hit := _surest(Mended(decoded))):
            return Finding("commands_assistant", hit[0] * 0.95, (evidence(text, *blob.span()),))
    return None


def _surest(view: Mended) -> tuple[float, int, int] | None:
    if not _LIKELY.search(view.text):
        return None
    hits = ((p, match.start(), match.end()) for p, rule in _COMMANDS if (match := rule.search(view.text)))
    return next(hits, None)


def _decoded(blob: str) -> str:
    try:
        decoded = base64.b64decode(blob + "=" * (-len(blob) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    readable = sum(character.isprintable() or character in "\n\t" for character in decoded)
    return decoded if readable >= _WORDS_AT_LEAST * len(decoded) else ""
