"""What a passage says, in a message: rows of a table as phrases, and addresses where the article has links.

A passage is stored as plain words, for searching and quoting. A message knows no tables, and its reader can't click a
word that was a link. Nothing is added but marks and addresses of the article itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_BODY = 50_000
"""Characters of an article up to which its links are looked for: reading Markdown takes about 1 ms for 2,000."""
_BEFORE = 24
"""Characters before a link that have to be the same: "here" may stand in many places."""
_MAY_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_ALLOWED = re.compile(r"(?:https?://|mailto:)\S+$", re.IGNORECASE)
_CELLS = re.compile(r"(?:^|\s+)\|(?=\s|$)")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Link:
    """Words of an article that lead to `address`; `before` are those in front of them in the same paragraph."""

    before: str
    words: str
    address: str

    @property
    def shown(self) -> str:
        """The address as one reads it: of a mailbox without the scheme and what is to be filled in."""
        mailbox = re.match(r"mailto:([^?]*)", self.address, re.IGNORECASE)
        return mailbox[1] if mailbox else self.address


def spoken(text: str, links: Sequence[Link] = ()) -> str:
    """`text` of a passage as it is written to somebody."""
    return "\n".join(_row(line) for line in _with_addresses(text, links).split("\n"))


def links_of(body: str) -> list[Link]:
    """The links of an article's Markdown that lead to the web or a mailbox, in order."""
    if len(body) > LONGEST_BODY or not _MAY_LINK.search(body):
        return []
    inlines = (token for token in _markdown.parse(body) if token.type == "inline")
    return [link for inline in inlines for link in _links(inline.children or [])]


def _links(children: Sequence[Token]) -> list[Link]:
    found: list[Link] = []
    before = words = address = ""
    for child in children:
        if child.type == "link_open":
            before, words, address = before + words, "", str(child.attrGet("href") or "")
        elif child.type == "link_close":
            if _ALLOWED.match(address) and words.strip():
                found.append(Link(_plain(before)[-_BEFORE:].lstrip(), _plain(words), address))
            before, words, address = before + words, "", ""
        else:
            words += " " if child.type in {"softbreak", "hardbreak"} else child.content
    return found


def _with_addresses(text: str, links: Sequence[Link]) -> str:
    places: list[tuple[int, str]] = []
    begin = end = 0
    for link in links:
        if link.words.split()[0] not in text:
            continue
        words = r"\s+".join(map(re.escape, f"{link.before}{link.words}".split()))
        matches = re.compile(rf"{words}(?!\w)").finditer(text, begin)
        match = next((match for match in matches if match.end() > end), None)
        if match and link.shown not in text:
            begin, end = match.span()
            places.append((end, link.shown))
    for position, address in reversed(places):
        text = f"{text[:position]} ({address}){text[position:]}"
    return text


def _row(line: str) -> str:
    """A row of a table: what it is about, and what it says of it."""
    first, *rest = [cell.strip() for cell in _CELLS.split(line)]
    told = ", ".join(cell for cell in rest if cell)
    if not rest or not first or not told:
        return line if not rest else first or told
    return f"{first.rstrip(':')}: {told}"


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)
