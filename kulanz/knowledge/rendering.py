"""An article's Markdown as HTML that can't do harm, with a quoted passage marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kulanz.knowledge.models import Attachment

_TAGS = frozenset(
    "h2 h3 h4 h5 h6 p ul ol li strong em code pre blockquote a br hr table thead tbody tr th td s del img mark".split()  # noqa: SIM905
)
_ATTRIBUTES = {
    "a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt", "title", "width", "height", "loading"},
    "mark": {"id"},
}  # fmt: skip
_markdown = (
    MarkdownIt("commonmark", {"html": False, "breaks": False}).enable(["table", "strikethrough"]).disable("code")
)
_FILE = re.compile(r"/help/files/([0-9a-f]{8}-[0-9a-f-]{27})/[\w.-]+\Z")
_LETTERS = re.compile(r"\w+")
SHORT = 12
"""Letters below which a block alone does not count as found: 'Yes' stands in many passages."""


def html(body: str, title: str = "", quoted: str = "") -> SafeString:
    """Markdown as HTML: HTML in the text is shown as text, links open only http, https and mailto, pictures are our
    own files alone, a first heading that repeats the title is left to the page, and headings start at h2. The blocks
    that hold the passage `quoted` are marked; the first has the id `quote`."""
    tokens = _markdown.parse(body)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"} and token.tag == "h1":
            token.tag = "h2"
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[1].content.strip() == title:
        tokens = tokens[3:]
    _show_pictures(tokens)
    if quoted:
        _mark(tokens, quoted)
    text = nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return mark_safe(text)  # noqa: S308 - nh3 has just cleaned it


def summary(body: str, length: int = 160) -> str:
    """The first sentences as plain text, for search engines and lists."""
    words: list[str] = []
    tokens = _markdown.parse(body[: length * 20])
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type != "heading_open" and words_of(token):
            words.append(words_of(token))
        if sum(map(len, words)) > length:
            break
    text = " ".join(" ".join(words).split())
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"


def words_of(inline: Token) -> str:
    """The text of a block without its marks."""
    return "".join(" " if c.type in {"softbreak", "hardbreak"} else c.content for c in inline.children or [])


def _show_pictures(tokens: Iterable[Token]) -> None:
    """Our own files with their size, so that nothing jumps while they load; of all others only the description."""
    pictures = [c for t in tokens for c in t.children or [] if c.type == "image"]
    addresses = [_FILE.match(str(picture.attrGet("src"))) for picture in pictures]
    ids = [found[1] for found in addresses if found]
    stored = Attachment.objects.filter(pk__in=ids).values_list("pk", "width", "height") if ids else []
    known = {str(pk): size for pk, *size in stored}
    for picture, found in zip(pictures, addresses, strict=True):
        if not found:
            picture.type, picture.tag = "text", ""
            continue
        width, height = known.get(found[1], (None, None))
        if width and height:
            picture.attrs |= {"width": str(width), "height": str(height)}
        picture.attrs["loading"] = "lazy"


def _mark(tokens: Sequence[Token], quoted: str) -> None:
    """Marks the longest run of neighbouring blocks whose words stand in the passage."""
    wanted = _plain(quoted)
    inner = (token for before, token in pairwise(tokens) if before.type != "heading_open" and token.type == "inline")
    blocks = [token for token in inner if _plain(words_of(token))]
    found = [_plain(words_of(t)) in wanted or wanted in _plain(words_of(t)) for t in blocks]
    runs = [[t for _, t in run] for hit, run in groupby(zip(found, blocks, strict=True), key=lambda e: e[0]) if hit]
    sized = [(sum(len(_plain(words_of(t))) for t in run), run) for run in runs]
    length, best = max(sized, key=lambda entry: entry[0], default=(0, []))
    if length < min(SHORT, len(wanted)):
        return
    for number, block in enumerate(best):
        opening = Token("mark_open", "mark", 1, attrs={} if number else {"id": "quote"})
        block.children = [opening, *(block.children or []), Token("mark_close", "mark", -1)]


def _plain(text: str) -> str:
    """Letters and digits alone, so that list marks and line breaks make no difference."""
    return " ".join(_LETTERS.findall(text.casefold()))
