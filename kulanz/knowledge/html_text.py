"""From a web page to Markdown: headings, paragraphs, lists and tables stay; everything else goes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_DROPPED = frozenset(
    "script style noscript template svg math iframe object nav footer aside button select textarea "  # noqa: SIM905
    "canvas audio video".split()
)
_BLOCKS = frozenset(
    "p div section article main body header table tr ul ol blockquote pre figure figcaption dl dt dd hr address "  # noqa: SIM905
    "details summary h1 h2 h3 h4 h5 h6 li".split()
)
_MARKS = re.compile(r"([\\`*_\[\]<>|])")
_LINE_MARK = re.compile(r"^(\s*)(\d{1,9})?([#+.)=~-])", re.MULTILINE)
_MEANT = "\ue000"
"""A private character behind marks that are meant as marks, so that they aren't escaped."""


class _Reader(HTMLParser):
    def __init__(self, root: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = root
        self.depth = 0 if root else 1
        self.dropping = 0
        self.title = ""
        self.in_title = False
        self.lists: list[int | None] = []
        self.output: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _DROPPED:
            self.dropping += 1
        elif tag == "title":
            self.in_title = True
        elif tag == self.root:
            self.depth += 1
        elif tag == "br":
            self._write("\n")
        if tag in {"ul", "ol"}:
            self.lists.append(1 if tag == "ol" else None)
        if tag in _BLOCKS:
            self._write(self._opening(tag))

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.dropping = max(0, self.dropping - 1)
        elif tag == "title":
            self.in_title = False
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        if tag in _BLOCKS - {"li", "tr"}:
            self._write("\n\n")
        elif tag in {"td", "th"}:
            self._write(" · ")
        if tag == self.root:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data
        else:
            self._write(_MARKS.sub(r"\\\1", re.sub(rf"[\s{_MEANT}]+", " ", data)))

    def _opening(self, tag: str) -> str:
        if re.fullmatch("h[1-6]", tag):
            return f"\n\n{_MEANT}{'#' * int(tag[1])}{_MEANT}"
        if tag != "li":
            return "\n" if tag == "tr" else "\n\n"
        indent = "   " * max(0, len(self.lists) - 1)
        number = self.lists[-1] if self.lists else None
        if number is None:
            return f"\n{indent}{_MEANT}-{_MEANT}"
        self.lists[-1] = number + 1
        return f"\n{indent}{_MEANT}{number}.{_MEANT}"

    def _write(self, text: str) -> None:
        if self.depth > 0 and not self.dropping:
            self.output.append(text)


def html_to_markdown(html: str) -> tuple[str, str]:
    """(title, Markdown body) of a page: the text of `main`, else `article`, else the whole `body`. Scripts, styles,
    menus and forms are dropped; what looks like Markdown in the text is escaped and stays text."""
    reader = _Reader("")
    for root in ("main", "article", "body", ""):
        if root and not re.search(rf"<{root}[\s>]", html, re.IGNORECASE):
            continue
        reader = _Reader(root)
        reader.feed(html)
        reader.close()
        if "".join(reader.output).strip():
            break
    body = _tidy("".join(reader.output))
    first = re.search(r"^#\s+(.+)$", body, re.MULTILINE)
    heading = re.sub(r"\\(.)", r"\1", first.group(1)) if first else ""
    return (heading or " ".join(reader.title.split())), body


def _tidy(text: str) -> str:
    """One blank between words, one empty line between blocks, and marks in the text escaped."""
    text = re.sub(r"[ \t]*\n[ \t]*(?=\n)", "\n", text)
    text = _LINE_MARK.sub(r"\1\2\\\3", text)
    text = re.sub(rf"{_MEANT}(\S+?){_MEANT}\s*", r"\1 ", text)
    text = re.sub(r"(?<=\S) {2,}", " ", text)
    text = re.sub(r" ·\s*$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
