"""What changed between two wordings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 400
"""Of two changed lines together: beyond it they are shown as wholes, for comparing words takes square time."""
MOST_LINES = 3_000
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: `kind` is same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with what was taken out and put in; `skipped` counts unchanged lines that are left out before it."""

    pieces: tuple[Piece, ...]
    skipped: int = 0

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


def differences(before: str, after: str, context: int = 2) -> list[Line]:
    """The changed lines of two texts, word by word, each with `context` unchanged lines around it; [] where they are
    the same."""
    old, new = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    lines: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > MOST_LINES).get_opcodes():
        if kind == "equal":
            lines.extend(Line((Piece("same", text),)) for text in old[a:b])
            continue
        paired = min(b - a, d - c)
        lines.extend(_words(one, other) for one, other in zip(old[a : a + paired], new[c : c + paired], strict=True))
        lines.extend(Line((Piece("removed", text),)) for text in old[a + paired : b])
        lines.extend(Line((Piece("added", text),)) for text in new[c + paired : d])
    return _shortened(lines, context)


def _words(before: str, after: str) -> Line:
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return Line((Piece("removed", before), Piece("added", after)))
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        pieces += [Piece("removed", "".join(old[a:b]))] * (b > a) + [Piece("added", "".join(new[c:d]))] * (d > c)
    return Line(tuple(pieces))


def _shortened(lines: list[Line], context: int) -> list[Line]:
    changed = [number for number, line in enumerate(lines) if line.changed]
    near = {n for number in changed for n in range(number - context, number + context + 1)}
    shown: list[Line] = []
    skipped = 0
    for number, line in enumerate(lines):
        if number not in near:
            skipped += 1
            continue
        shown.append(Line(line.pieces, skipped))
        skipped = 0
    return shown
