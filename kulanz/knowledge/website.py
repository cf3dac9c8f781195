"""Import of a website by its sitemap, in step as with files: a page that has not changed costs one short answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from protego import Protego

from kulanz.core.errors import InvalidInput, NotFound, PermanentError, TransientError
from kulanz.knowledge.documents import MAX_FILE, MAX_ID, bounded, documents_of
from kulanz.knowledge.indexing import Vectors
from kulanz.knowledge.models import Article
from kulanz.knowledge.sitemap import MAX_SITEMAP, read_sitemap
from kulanz.knowledge.storing import (
    MAX_SOURCE,
    ImportSummary,
    Item,
    Loaded,
    Progress,
    Run,
    alone,
    do_store,
    summary_of,
    way_of_indexing,
)
from kulanz.knowledge.words import refresh_lexemes
from kulanz.trust.outgoing import Answer, Resolve, client, get, places, resolve

AGENT = "KulanzImport"
SETTING = "KULANZ_KNOWLEDGE_HOSTS"
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_UNSURE = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Content types that leave it to the address what a page is."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one import. `bytes` counts all pages; `delay` is the least pause in seconds between two requests, and what
    robots.txt asks for counts up to `longest_delay`."""

    pages: int = 5_000
    bytes: int = 1_000_000_000
    seconds: float = 4 * 3600
    delay: float = 0.2
    longest_delay: float = 10
    page_seconds: float = 60


@dataclass(slots=True)
class Visitor:
    """Fetches politely, within the limits, and only what robots.txt leaves open."""

    using: httpx.Client
    limits: Limits
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    rules: dict[str, Protego] = field(default_factory=dict)
    read: int = 0
    began: float = field(init=False)
    last: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.last = self.began - self.limits.longest_delay

    def fetch(self, url: str, most: int, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises NotFound where robots.txt forbids it, TransientError beyond the limits, and what `get` raises."""
        if self.clock() - self.began > self.limits.seconds or self.read > self.limits.bytes:
            raise TransientError("The limit of this import in time or bytes is reached: import again to go on.")
        self.check_open(url)
        asked = self._rules(url).crawl_delay(AGENT) or 0.0
        return self._get(url, most, max(self.limits.delay, min(float(asked), self.limits.longest_delay)), headers)

    def check_open(self, url: str) -> None:
        """Raises NotFound where robots.txt forbids an address."""
        if not self._rules(url).can_fetch(url, AGENT):
            raise NotFound(f"{url}: its robots.txt forbids reading it.")

    def _get(self, url: str, most: int, delay: float, headers: Mapping[str, str] | None = None) -> Answer:
        if (wait := self.last + delay - self.clock()) > 0:
            self.pause(wait)
        self.last = self.clock()
        answer = get(self.using, url, most=most, seconds=self.limits.page_seconds, headers=headers, clock=self.clock)
        self.read += len(answer.body)
        return answer

    def _rules(self, url: str) -> Protego:
        """robots.txt of the page's host, as RFC 9309 has it: none allows all, one that can't be had forbids all."""
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self.rules:
            answer = self._get(f"{place}/robots.txt", 1_000_000, self.limits.delay)
            if answer.status >= 500 or answer.status == 429:
                raise TransientError(f"{place}/robots.txt can't be had now (status {answer.status}).")
            text = answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
            self.rules[place] = Protego.parse(text)
        return self.rules[place]


def do_import_website(
    address: str,
    *,
    hosts: Sequence[str] | None = None,
    progress: Progress | None = None,
    vectors: Vectors | None = None,
    limits: Limits | None = None,
    resolver: Resolve = resolve,
    pause: Callable[[float], None] = time.sleep,
) -> ImportSummary:
    """Imports the pages of a sitemap; the sitemap's address names the source. `hosts` (else KULANZ_KNOWLEDGE_HOSTS)
    are the places that may be visited (see `trust.outgoing`); `progress` and `vectors` are as in `do_import`.

    A page that is gone, or that its robots.txt forbids, is withdrawn; one that can't be read now stays as it was. Both
    are named. Raises InvalidInput, PermanentError or TransientError where the sitemap itself can't be read; then
    nothing has changed.
    """
    allowed = places(settings.KNOWLEDGE_HOSTS if hosts is None else hosts)
    limits = limits or Limits()
    run = Run(bounded(address, MAX_SOURCE), {} if vectors is None else vectors, progress)
    agent = f"{AGENT}/1 ({settings.BASE_URL})"
    with alone(run.source), client(allowed, agent=agent, resolver=resolver, setting=SETTING) as using:
        visitor = Visitor(using, limits, pause=pause)
        found = read_sitemap(address, partial(_sitemap, visitor), limits.pages)
        if not found.pages and found.complete:
            raise InvalidInput(f"{address} names no page.")
        run.complete = found.complete
        run.skipped += found.failed
        do_store(run, _items(run, visitor, list(found.pages)))
    refresh_lexemes()
    return summary_of([run])


def _sitemap(visitor: Visitor, url: str) -> bytes:
    answer = visitor.fetch(url, MAX_SITEMAP)
    check_status(answer)
    return answer.body


def _items(run: Run, visitor: Visitor, pages: list[str]) -> list[Item]:
    names = {bounded(url, MAX_ID): url for url in pages}
    stored = Article.objects.filter(source=run.source, published_at__isnull=False)
    known = dict(stored.values_list("external_id", "origin"))
    site = _Site(run, visitor, set(pages))
    return [Item(name, url, partial(site.load, name, url, known.get(name))) for name, url in names.items()]


@dataclass(frozen=True, slots=True)
class _Site:
    """`taken` are the addresses that are read by themselves, or that another one has led to."""

    run: Run
    visitor: Visitor
    taken: set[str]

    def load(self, name: str, url: str, origin: Mapping[str, str] | None) -> Loaded | None:
        """One page; None where it is as it was."""
        try:
            answer = self.visitor.fetch(url, MAX_FILE, _conditions(origin))
            if answer.url != url:
                self.visitor.check_open(answer.url)
        except PermanentError as error:
            raise InvalidInput(str(error)) from error
        if answer.status == 304 and origin:
            self.run.seen[name] = url
            self.run.count("unchanged")
            return None
        check_status(answer)
        if answer.url != url and answer.url in self.taken:
            raise NotFound(f"It leads to {answer.url}, which is read by itself.")
        self.taken.add(answer.url)
        documents = documents_of(_in_utf8(answer), _kind(answer), name, urlsplit(answer.url).path.rstrip("/") or url)
        return Loaded(documents, _origin(answer))


def _origin(answer: Answer) -> dict[str, str]:
    said = {name: answer.headers.get(name, "")[:500] for name in ("etag", "last-modified")}
    return {"way": way_of_indexing(), **{name: value for name, value in said.items() if value}}


def _conditions(origin: Mapping[str, str] | None) -> dict[str, str]:
    """Asks for a page only if it has changed, unless it has to be indexed anew anyway."""
    if not origin or origin.get("way") != way_of_indexing():
        return {}
    asked = {"If-None-Match": origin.get("etag", ""), "If-Modified-Since": origin.get("last-modified", "")}
    return {name: value for name, value in asked.items() if value}


def check_status(answer: Answer) -> None:
    """Raises what the status means: gone, not now, or not for us."""
    if answer.status in {404, 410}:
        raise NotFound(f"{answer.url} is gone (status {answer.status}).")
    if answer.status >= 500 or answer.status == 429:
        raise TransientError(f"{answer.url} can't be had now (status {answer.status}).")
    if answer.status != 200:
        raise InvalidInput(f"{answer.url} can't be had (status {answer.status}).")


def _media(answer: Answer) -> Message:
    media = Message()
    media["content-type"] = answer.headers.get("content-type", "")
    return media


def _kind(answer: Answer) -> str:
    kind = _media(answer).get_content_type() if answer.headers.get("content-type") else ""
    suffix = PurePosixPath(urlsplit(answer.url).path).suffix.lower()
    found = _KINDS.get(kind) or (suffix if suffix in _KINDS.values() and kind in _UNSURE else None)
    if found is None:
        raise InvalidInput(f"{answer.url} is {kind[:60] or 'of no known kind'}, which is not read.")
    return ".md" if found == ".txt" and suffix in {".md", ".markdown"} else found


def _in_utf8(answer: Answer) -> bytes:
    """A page in the character set that its header names; without one, the page itself is asked later."""
    charset = _media(answer).get_param("charset")
    if not isinstance(charset, str) or not _media(answer).get_content_type().startswith("text/"):
        return answer.body
    try:
        return answer.body.decode(charset).encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        return answer.body
