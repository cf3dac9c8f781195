"""The pages that a website names in its sitemap (sitemaps.org protocol 0.9)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError  # nosec: only the names; parsing is defusedxml's

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from kulanz.core.errors import InvalidInput, KulanzError

MAX_SITEMAP = 60_000_000
"""Bytes of one unpacked sitemap; the protocol allows 50 MiB."""
MAX_SITEMAPS = 500
MAX_ADDRESS = 2_000

Fetch = Callable[[str], bytes]


@dataclass(slots=True)
class Sitemap:
    """Addresses of pages, in order and once each. `complete` is false where a part could not be read; `failed` says
    which, and why."""

    pages: dict[str, None] = field(default_factory=dict)
    complete: bool = True
    failed: list[tuple[str, str]] = field(default_factory=list)


def read_sitemap(address: str, fetch: Fetch, most_pages: int) -> Sitemap:
    """Reads a sitemap and those it refers to, each once whatever refers to it; stops at `most_pages`.

    Raises what `fetch` raises for `address` itself, and InvalidInput where it is no sitemap.
    """
    found = Sitemap()
    waiting, known = [address], {address}
    while waiting:
        current = waiting.pop(0)
        try:
            pages, parts = _parsed(current, fetch(current))
        except KulanzError as error:
            if current == address:
                raise
            found.complete = False
            found.failed.append((current, str(error)))
            continue
        found.pages.update(dict.fromkeys(pages))
        new = [part for part in parts if part not in known][: MAX_SITEMAPS - len(known)]
        known.update(new)
        waiting += new
        if len(found.pages) > most_pages or len(known) >= MAX_SITEMAPS:
            _cut(found, address, most_pages)
            break
    return found


def _cut(found: Sitemap, address: str, most_pages: int) -> None:
    found.complete = False
    found.failed.append((address, f"more than {most_pages:,} pages or {MAX_SITEMAPS} sitemaps: the rest is left out."))
    found.pages = dict.fromkeys(list(found.pages)[:most_pages])


def _parsed(address: str, data: bytes) -> tuple[list[str], list[str]]:
    """(pages, further sitemaps) of one file."""
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, address)
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise InvalidInput(f"{address} is not a sitemap: it is not plain XML ({type(error).__name__}).") from error
    kind = _name(root)
    if kind == "urlset":
        return _places(root, "url", address), []
    if kind == "sitemapindex":
        return [], _places(root, "sitemap", address)
    raise InvalidInput(f"{address} is not a sitemap: it begins with <{kind[:40]}>.")


def _places(root: Element, kind: str, address: str) -> list[str]:
    entries = (child.text for entry in root if _name(entry) == kind for child in entry if _name(child) == "loc")
    return [place for text in entries if (place := _cleaned(text or "", address))]


def _cleaned(text: str, address: str) -> str:
    """An absolute http(s) address without its fragment, or nothing."""
    try:
        place = urldefrag(urljoin(address, text.strip())).url
        parts = urlsplit(place)
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return place if usable and len(place) <= MAX_ADDRESS else ""


def _name(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _unpacked(data: bytes, address: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, MAX_SITEMAP)
    except zlib.error as error:
        raise InvalidInput(f"{address} is not a gzip file that can be read.") from error
    if unpacker.unconsumed_tail:
        raise InvalidInput(f"{address} unpacks to more than {MAX_SITEMAP // 1_000_000} MB.")
    return unpacked
