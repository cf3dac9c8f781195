"""PDF with text in it: larger lines are headings, gaps part paragraphs, what every page repeats is dropped."""

from __future__ import annotations

import io
import re
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.formats.rows import Row
from kulanz.knowledge.html_text import escaped, escaped_inside

MAX_PAGES = 2_000
MAX_SECONDS = 120
"""For one file, looked at after each page; pypdf itself bounds what a compressed part may unpack to."""
LARGER = 1.15
"""Times the size of most letters, from which a line is a heading."""
GAP = 1.55
"""Times the size of a line's letters, from which the space below it parts paragraphs."""

_BROKEN = (
    PyPdfError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError, AssertionError,
    NotImplementedError, struct.error, EOFError, MemoryError,
)  # fmt: skip
"""What pypdf raises on files that are not what they claim to be."""
_BULLET = re.compile(r"[•◦▪‣●○■–]\s+")
_PROGRAM = re.compile(r"microsoft word|untitled|unbenannt|\.(docx?|odt|indd|pdf)$", re.IGNORECASE)
_JOINED = re.compile(r"(?<=[^\W\d_])-$")
_LISTED = re.compile(r"(und|oder|bzw|and|or)\b")


@dataclass(slots=True)
class _Line:
    text: str
    height: float
    size: float


def read(data: bytes, label: str, clock: Callable[[], float] = time.monotonic) -> list[Row]:
    """One article. Raises InvalidInput for a PDF with a password, without text, too long or broken."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InvalidInput(f"{label} is protected by a password: save it without one.")
        pages = _pages(reader, label, clock)
        title = (reader.metadata.title if reader.metadata else "") or ""
    except DependencyError as error:
        raise InvalidInput(f"{label} is encrypted in a way that can't be read: save it without.") from error
    except _BROKEN as error:
        raise InvalidInput(f"{label} is not a PDF that can be read ({type(error).__name__}).") from error
    if sum(len(line.text) for page in pages for line in page) < 10:
        raise InvalidInput(f"{label} has no text in it, only pictures: run text recognition (OCR) on it first.")
    body, heading = _markdown(pages)
    return [Row(label, {"title": heading or ("" if _PROGRAM.search(str(title)) else str(title)), "text": body})]


def _pages(reader: PdfReader, label: str, clock: Callable[[], float]) -> list[list[_Line]]:
    if len(reader.pages) > MAX_PAGES:
        raise InvalidInput(f"{label} has more than {MAX_PAGES:,} pages: split it.")
    end = clock() + MAX_SECONDS
    pages: list[list[_Line]] = []
    for page in reader.pages:
        lines: list[_Line] = []

        def add(text: str, outer: list[float], inner: list[float], _: object, size: float) -> None:
            _add(lines, text, inner[5] * outer[3] + outer[5], abs(size * inner[3] * outer[3]))  # noqa: B023

        page.extract_text(visitor_text=add)
        pages.append([line for line in lines if line.text.strip()])
        if clock() > end:
            raise InvalidInput(f"{label} takes more than {MAX_SECONDS} seconds to read: save it anew, or split it.")
    return pages


def _add(lines: list[_Line], text: str, height: float, size: float) -> None:
    """Pieces at one height are one line, as large as its larger part."""
    for piece in text.split("\n"):
        if not piece.strip():
            continue
        last = lines[-1] if lines else None
        if last and abs(last.height - height) < 0.4 * max(size, 1.0):
            apart = " " if text[:1].isspace() or last.text.endswith(" ") else ""
            last.size = size if len(piece) > len(last.text) else last.size
            last.text = f"{last.text.rstrip()}{apart}{piece.strip()}"
        else:
            lines.append(_Line(piece.strip(), height, size))


def _markdown(pages: list[list[_Line]]) -> tuple[str, str]:
    """(Markdown, first heading of the largest size)."""
    usual, repeated = _usual_size(pages), _repeated(pages)
    kept = [[line for line in page if _is_heading(line, usual) or _shape(line.text) not in repeated] for page in pages]
    sizes = sorted({round(line.size) for page in kept for line in page if _is_heading(line, usual)}, reverse=True)
    blocks, heading = [], ""
    for block in _blocks(kept):
        text = _joined(block)
        if _is_heading(block[0], usual):
            level = min(6, 1 + sizes.index(round(block[0].size)))
            heading = heading or (text if level == 1 else "")
            blocks.append(f"{'#' * level} {escaped_inside(text)}")
        elif bullet := _BULLET.match(text):
            blocks.append(f"- {escaped(text[bullet.end() :])}")
        else:
            blocks.append(escaped(text))
    return "\n\n".join(blocks).replace("\n\n- ", "\n- "), heading


def _shape(text: str) -> str:
    return re.sub(r"\d+", "0", text).strip()


def _repeated(pages: list[list[_Line]]) -> set[str]:
    """Running heads and feet: what stands at the edge of most pages, whatever its numbers."""
    if len(pages) < 3:
        return set()
    edges = Counter(shape for page in pages for shape in {_shape(line.text) for line in (*page[:2], *page[-2:])})
    return {shape for shape, count in edges.items() if count > len(pages) / 2}


def _usual_size(pages: list[list[_Line]]) -> float:
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page:
            letters[round(line.size, 1)] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _is_heading(line: _Line, usual: float) -> bool:
    return line.size > LARGER * usual and len(line.text) < 150


def _blocks(pages: list[list[_Line]]) -> Iterator[list[_Line]]:
    """Lines that belong together; a sentence that runs over the end of a page stays one."""
    block: list[_Line] = []
    for page in pages:
        for number, line in enumerate(page):
            if block and not _continues(block[-1], line, new_page=number == 0):
                yield block
                block = []
            block.append(line)
    if block:
        yield block


def _continues(last: _Line, line: _Line, *, new_page: bool) -> bool:
    if _BULLET.match(line.text) or abs(last.size - line.size) > 0.1 * max(last.size, line.size):
        return False
    if new_page:
        return line.text[:1].islower() and not last.text.endswith((".", "!", "?", ":"))
    return 0 < last.height - line.height < GAP * line.size


def _joined(block: list[_Line]) -> str:
    text = ""
    for line in block:
        following = " ".join(line.text.split())
        if _JOINED.search(text) and following[:1].islower() and not _LISTED.match(following):
            text = text[:-1] + following
        else:
            text = f"{text} {following}".strip()
    return text
