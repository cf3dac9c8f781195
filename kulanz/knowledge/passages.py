"""From an article's Markdown to passages: short enough to be quoted, long enough to be understood alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kulanz.knowledge.sentences import sentences

FULL = 100
"""Words after which a passage is closed at the next paragraph."""
LONGEST = 140
"""Words that a single block may have; longer ones are cut between sentences or lines."""
TINY = 12
"""A section with fewer words than this is no answer by itself and joins the one before."""
MAX_HEADING = 300

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("code")


@dataclass(frozen=True, slots=True)
class Part:
    """One passage before it is stored: plain text, paragraphs parted by empty lines, list marks kept."""

    heading: str
    text: str


@dataclass(slots=True)
class _Section:
    heading: str
    blocks: list[str] = field(default_factory=list)


def split(body: str, title: str) -> list[Part]:
    """The passages of a Markdown text in reading order: cut at headings, then between paragraphs, about 60 to 120
    words where the text allows. A first heading that repeats the title is dropped. No text gives no passage."""
    parts: list[Part] = []
    for section in _sections(body, title):
        for text in _chunks(section.blocks):
            if parts and _words(text) < TINY and parts[-1].heading == section.heading:
                parts[-1] = Part(parts[-1].heading, f"{parts[-1].text}\n\n{text}")
            else:
                parts.append(Part(section.heading[:MAX_HEADING], text))
    return parts


def plain(markdown: str) -> str:
    """The text of Markdown without its marks."""
    return "\n\n".join(text for _, text in _blocks(_markdown.parse(markdown)))


def _sections(body: str, title: str) -> list[_Section]:
    sections = [_Section("")]
    path: dict[int, str] = {}
    for level, text in _blocks(_markdown.parse(body)):
        if not level:
            sections[-1].blocks.append(text)
            continue
        path = {depth: name for depth, name in path.items() if depth < level}
        if text.casefold() != title.casefold():
            path[level] = text
        sections.append(_Section(" – ".join(path.values())))
    for section, following in zip_longest(sections, sections[1:]):
        if not section.blocks and not (following and following.heading.startswith(section.heading)):
            section.blocks.append(section.heading)  # a heading with nothing below it is all there is
    return [section for section in sections if any(section.blocks)]


def _blocks(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """(heading level or 0, plain text) for every block; a list or a table is one block, one item a line."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _closing(tokens, position)
        inner = tokens[position:end]
        if token.type == "heading_open":
            yield int(token.tag[1]), _inline(inner).replace("\n", " ")
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            yield 0, "\n".join(_items(inner))
        elif token.type == "table_open":
            yield 0, "\n".join(_rows(inner))
        elif token.type == "blockquote_open":
            yield from ((0, text) for _, text in _blocks(inner[1:-1]))
        else:
            yield 0, _inline(inner) or token.content.strip()
        position = end


def _closing(tokens: list[Token], position: int) -> int:
    """The index after the token that closes the block opened at `position`."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index + 1
    return len(tokens)


def _inline(tokens: list[Token]) -> str:
    return "\n".join(filter(None, (_text(t) for t in tokens if t.type == "inline"))).strip()


def _text(inline: Token) -> str:
    pieces: list[str] = []
    for child in inline.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            pieces.append("\n" if child.type == "hardbreak" else " ")
        else:  # text, code and the description of a picture; marks have no content
            pieces.append(child.content)
    return re.sub(r"[ \t]+", " ", "".join(pieces)).strip()


def _items(tokens: list[Token]) -> Iterator[str]:
    """The lines of a list, nested ones indented by two blanks."""
    numbers: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type == "ordered_list_open":
            numbers.append(int(token.attrGet("start") or 1))
        elif token.type == "bullet_list_open":
            numbers.append(None)
        elif token.type in {"ordered_list_close", "bullet_list_close"}:
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1]
            mark = "- " if number is None else f"{number}. "
            numbers[-1] = None if number is None else number + 1
        elif token.type == "inline" or token.content:
            text = _text(token) if token.type == "inline" else token.content.strip()
            yield "  " * (len(numbers) - 1) + (mark or "  ") + text
            mark = ""


def _rows(tokens: list[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(_text(token))
        elif token.type == "tr_close":
            yield " | ".join(cells)
            cells = []


def _chunks(blocks: list[str]) -> Iterator[str]:
    """Blocks packed into texts of up to FULL words; a lead-in ending in a colon stays with its list."""
    pending: list[str] = []
    for block in chain.from_iterable(map(_pieces, blocks)):
        size = sum(map(_words, pending))
        leads_in = bool(pending) and pending[-1].endswith(":")
        if pending and size + _words(block) > (LONGEST if leads_in else FULL):
            carried = [pending.pop()] if leads_in and len(pending) > 1 else []
            yield "\n\n".join(pending)
            pending = carried
        pending.append(block)
    if pending:
        yield "\n\n".join(pending)


def _pieces(block: str) -> Iterator[str]:
    """A block itself, or its sentences or lines in pieces of at most about FULL words."""
    if _words(block) <= LONGEST:
        yield block
        return
    pending: list[str] = []
    separator = "\n" if "\n" in block else " "
    for unit in block.split("\n") if "\n" in block else sentences(block):
        for piece in _bounded(unit):
            if pending and sum(map(_words, pending)) + _words(piece) > FULL:
                yield separator.join(pending)
                pending = []
            pending.append(piece)
    yield separator.join(pending)


def _bounded(unit: str) -> Iterator[str]:
    """A unit without a single full stop still has to end somewhere."""
    words = unit.split(" ")
    if len(words) <= LONGEST and len(unit) <= LONGEST * 20:
        yield unit
        return
    for start in range(0, len(words), FULL):
        piece = " ".join(words[start : start + FULL])
        yield from (piece[at : at + 2_000] for at in range(0, len(piece), 2_000))


def _words(text: str) -> int:
    """Words; of text without blanks, twenty characters count as one."""
    return max(len(text.split()), len(text) // 20)
