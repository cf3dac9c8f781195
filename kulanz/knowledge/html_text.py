"""From a web page to Markdown: headings, paragraphs, lists and tables stay; everything else goes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

from kulanz.core.errors import InvalidInput

_DROPPED = frozenset(
    "script style noscript template svg math iframe object nav footer aside button select textarea "  # noqa: SIM905
    "canvas audio video dialog".split()
)
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alert"})
_BLOCKS = frozenset(
    "p div section article main body header table tr ul ol blockquote pre figure figcaption dl dt dd hr address "  # noqa: SIM905
    "details summary h1 h2 h3 h4 h5 h6 li".split()
)
_READ = _BLOCKS | {"title", "br", "td", "th"}
_VOID = frozenset({"br", "hr"})
_MARKS = re.compile(r"([\\`*_\[\]<>|])")
_LINE_MARK = re.compile(r"^([ \t]*)(\d{1,9})?([#+.)=~-])", re.MULTILINE)
_MEANT = "\ue000"
"""A private character behind marks that are meant as marks, so that they aren't escaped."""
_ROOTS = ("main", "article", "")
MAX_DEPTH = 1_000
"""Elements inside each other; browsers stop at 512."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_CLOSED_BY_ITSELF = frozenset(
    "p li dt dd td th tr option thead tbody tfoot area base br col embed hr img input link meta source track "  # noqa: SIM905
    "wbr html head body".split()
)


class _Reader(HTMLParser):
    """Reads what nh3 has made well-formed: every tag that is opened is closed."""

    def __init__(self, root: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = root
        self.depth = 0 if root else 1
        self.dropping = 0
        self.title = ""
        self.in_title = False
        self.lists: list[int | None] = []
        self.output: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.dropping or _is_aside(dict(attrs)):
            self.dropping += tag not in _VOID
            return
        if tag == "title":
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
        if self.dropping:
            self.dropping -= 1
            return
        if tag == "title":
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


def _is_aside(attributes: dict[str, str | None]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or (attributes.get("role") or "").lower() in _DROPPED_ROLES
    )


def html_to_markdown(html: str) -> tuple[str, str]:
    """(title, Markdown body) of a page: the text of `main`, else `article`, else the whole page. Scripts, styles,
    menus, forms and hidden parts are dropped; what looks like Markdown in the text is escaped and stays text.

    Raises InvalidInput where elements are nested too deeply to be meant for people."""
    _check_depth(html)
    clean = nh3.clean(
        html,
        tags=set(_READ),
        clean_content_tags=set(_DROPPED),
        attributes={"*": {"role", "hidden", "aria-hidden"}},
    )
    reader = _Reader("")
    for root in _ROOTS:
        if root and f"<{root}" not in clean:
            continue
        reader = _Reader(root)
        reader.feed(clean)
        reader.close()
        if "".join(reader.output).strip():
            break
    body = _tidy("".join(reader.output))
    first = re.search(r"^#\s+(.+)$", body, re.MULTILINE)
    heading = re.sub(r"\\(.)", r"\1", first.group(1)) if first else ""
    return (heading or " ".join(reader.title.split())), body


def escaped(text: str) -> str:
    """Text as Markdown that shows just this text, at the start of a line, too."""
    return _LINE_MARK.sub(r"\1\2\\\3", escaped_inside(text))


def escaped_inside(text: str) -> str:
    """The same for text within a line."""
    return _MARKS.sub(r"\\\1", text)


def _check_depth(html: str) -> None:
    """The parser walks up the open elements at each tag, so that a million open ones would take hours."""
    depth = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _CLOSED_BY_ITSELF:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > MAX_DEPTH:
                raise InvalidInput(f"More than {MAX_DEPTH:,} elements inside each other, as no page for people has.")


def _tidy(text: str) -> str:
    """One blank between words, one empty line between blocks, and marks in the text escaped."""
    text = re.sub(r"[ \t]*\n(?:[ \t]*\n)+", "\n\n", text)
    text = _LINE_MARK.sub(r"\1\2\\\3", text)
    text = re.sub(rf"{_MEANT}(\S+?){_MEANT}\s*", r"\1 ", text)
    text = re.sub(r"(?<=\S) {2,}", " ", text)
    text = re.sub(r" ·[ \t]*$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
