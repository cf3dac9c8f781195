"""A website's pages become articles by its sitemap, and stay in step with it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from kulanz.core.errors import InvalidInput, NotFound, PermanentError, TransientError
from kulanz.knowledge.models import Article, Passage, Version
from kulanz.knowledge.storing import ImportSummary
from kulanz.knowledge.test_importing import AnyVector
from kulanz.knowledge.website import Limits, do_import_website

pytestmark = pytest.mark.django_db
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@dataclass
class Page:
    body: bytes
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    to: str = ""


@dataclass
class Site:
    """A website under test on a port of its own; `asked` is what was asked of it: (path, status)."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    @property
    def home(self) -> str:
        return f"http://localhost:{self.port}"

    def put(self, path: str, text: str) -> None:
        page = f"<html><head><title>T</title></head><body><nav>Menü</nav><main>{text}</main></body></html>"
        self.pages[path] = Page(page.encode())

    def sitemap(self, *paths: str, at: str = "/sitemap.xml", index: bool = False) -> None:
        outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
        places = "".join(f"<{inner}><loc>{p if ':' in p else self.home + p}</loc></{inner}>" for p in paths)
        self.pages[at] = Page(f"<?xml version='1.0'?><{outer} {NS}>{places}</{outer}>".encode(), kind="text/xml")

    def bring(self, at: str = "/sitemap.xml", **limits: float) -> ImportSummary:
        return do_import_website(
            self.home + at, hosts=[f"localhost:{self.port}"], vectors=AnyVector(),
            limits=Limits(**{"delay": 0, **limits}), pause=lambda seconds: None,  # type: ignore[arg-type]
        )  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = found.pages.get(self.path, Page(b"no", 404))
            tag = f'"{hashlib.md5(page.body).hexdigest()}"'
            known = page.status == 200 and self.headers["If-None-Match"] == tag
            status, body = (304, b"") if known else (page.status, page.body)
            found.asked.append((self.path, status))
            self.send_response(status)
            for name, value in {"ETag": tag, "Content-Type": page.kind, "Location": page.to}.items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    found.put("/returns", "<h1>Rückgabe</h1><p>Sie haben 30 Tage Zeit für die Rückgabe Ihrer Bestellung.</p>")
    found.put("/delivery", "<h1>Delivery</h1><p>We deliver within three days to all of Germany.</p>")
    found.sitemap("/returns", "/delivery#fees", "/delivery")
    yield found
    server.shutdown()
    server.server_close()


def reasons(summary: ImportSummary, site: Site) -> dict[str, str]:
    return {label.removeprefix(site.home): reason for label, reason in summary.skipped}


def test_a_website_is_imported_and_unchanged_pages_cost_nothing(site: Site) -> None:
    assert site.bring() == ImportSummary(added=2, passages=2)
    assert set(Article.objects.values_list("title", "language")) == {("Rückgabe", "de"), ("Delivery", "en")}
    assert "Menü" not in Passage.objects.get(language="de").text
    site.asked.clear()
    assert site.bring() == ImportSummary(unchanged=2)
    assert [entry for entry in site.asked if "." not in entry[0]] == [("/returns", 304), ("/delivery", 304)]

    site.put("/delivery", "<h1>Delivery</h1><p>We deliver within two days to all of Germany and Austria.</p>")
    assert site.bring() == ImportSummary(changed=1, unchanged=1, passages=1)
    site.sitemap("/returns")
    assert site.bring() == ImportSummary(unchanged=1, removed=1)
    assert Version.objects.filter(article__title="Delivery").count() == 2
    site.sitemap("/returns", "/delivery")
    assert site.bring().added == 1


def test_a_page_that_is_gone_is_withdrawn_and_one_that_fails_stays(site: Site) -> None:
    site.bring()
    site.pages["/returns"] = Page(b"gone", 410)
    site.pages["/delivery"] = Page(b"later", 503)
    summary = site.bring()
    assert (summary.removed, set(reasons(summary, site))) == (1, {"/returns", "/delivery"})
    assert list(Article.objects.filter(published_at__isnull=False).values_list("title", flat=True)) == ["Delivery"]


@pytest.mark.parametrize(
    ("page", "error"),
    [(Page(b"", 404), NotFound), (Page(b"", 500), TransientError), (Page(b"<html></html>"), InvalidInput),
     (Page(b"no xml"), InvalidInput), (Page(f"<urlset {NS}></urlset>".encode()), InvalidInput),
     (Page(b'<!DOCTYPE x [<!ENTITY a "b">]><urlset>&a;</urlset>'), InvalidInput),
     (Page(gzip.compress(b"<urlset>")[:-9]), InvalidInput), (Page(gzip.compress(b" " * 70_000_000)), InvalidInput)],
)  # fmt: skip
def test_a_bad_sitemap_is_named_and_changes_nothing(site: Site, page: Page, error: type[Exception]) -> None:
    site.bring()
    site.pages["/sitemap.xml"] = page
    with pytest.raises(error, match=r"sitemap\.xml"):
        site.bring()
    assert Article.objects.filter(published_at__isnull=False).count() == 2


def test_an_index_is_followed_and_loops_are_cut(site: Site) -> None:
    site.sitemap("/index.xml", "/part.xml.gz", "/index.xml", "/other.xml", at="/index.xml", index=True)
    site.sitemap("/index.xml", at="/other.xml", index=True)
    packed = gzip.compress(site.pages["/sitemap.xml"].body)
    site.pages["/part.xml.gz"] = Page(packed, kind="application/gzip")
    assert site.bring("/index.xml").added == 2
    assert [path for path, _ in site.asked].count("/index.xml") == 1


def test_where_a_part_of_the_sitemap_fails_nothing_is_withdrawn(site: Site) -> None:
    site.put("/more", "<h1>More</h1><p>There is one more page to be read here.</p>")
    site.sitemap("/sitemap.xml", "/second.xml", at="/index.xml", index=True)
    site.sitemap("/more", at="/second.xml")
    assert site.bring("/index.xml").added == 3
    site.pages["/second.xml"] = Page(b"", 500)
    summary = site.bring("/index.xml")
    assert (summary.unchanged, summary.removed, list(reasons(summary, site))) == (2, 0, ["/second.xml"])


def test_pages_elsewhere_or_inside_the_network_are_named_and_not_asked(site: Site) -> None:
    site.sitemap("/returns", f"http://127.0.0.1:{site.port}/delivery", "http://169.254.169.254/latest/meta-data",
                 "https://other.example/page", "file:///etc/passwd", "http://user:secret@localhost/x")  # fmt: skip
    summary = site.bring()
    assert (summary.added, len(summary.skipped)) == (1, 3)
    assert all("not among the hosts" in reason for _, reason in summary.skipped)
    assert ("/delivery", 200) not in site.asked
    with pytest.raises(PermanentError, match="not among the hosts"):
        do_import_website(f"{site.home}/sitemap.xml", hosts=[])


def test_redirects_to_other_hosts_are_refused_and_doubles_are_left_out(site: Site) -> None:
    site.pages["/away"] = Page(b"", 302, to="http://127.0.0.1:1/secret")
    site.pages["/old"] = Page(b"", 301, to="/returns")
    site.pages["/loop"] = Page(b"", 302, to="/loop")
    site.sitemap("/away", "/old", "/returns", "/loop")
    summary = site.bring()
    assert summary.added == 1
    found = reasons(summary, site)
    assert "not among the hosts" in found["/away"]
    assert "read by itself" in found["/old"]
    assert "redirect" in found["/loop"]


def test_robots_are_heeded(site: Site) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /*ivery\nCrawl-delay: 3\n", kind="text/plain")
    waited: list[float] = []
    summary = do_import_website(
        f"{site.home}/sitemap.xml", hosts=[f"localhost:{site.port}"], vectors=AnyVector(), pause=waited.append
    )
    assert (summary.added, list(reasons(summary, site))) == (1, ["/delivery"])
    assert max(waited) == pytest.approx(3, abs=0.5)
    site.pages["/robots.txt"] = Page(b"", 503)
    with pytest.raises(TransientError, match=r"robots\.txt"):
        site.bring()


def test_limits_end_an_import_and_what_was_there_stays(site: Site) -> None:
    site.bring()
    summary = site.bring(pages=1)
    assert (summary.unchanged, summary.removed) == (1, 0)
    assert "more than 1 pages" in summary.skipped[0][1]
    site.pages["/returns"].body += b"<!-- changed -->"
    summary = site.bring(bytes=300)
    assert summary.removed == 0
    assert "limit" in reasons(summary, site)["/delivery"]


def test_other_kinds_of_pages_and_character_sets(site: Site) -> None:
    site.pages["/latin"] = Page("<h1>Größe</h1><p>Die Größe steht auf dem Etikett.</p>".encode("latin-1"),
                                kind="text/html; charset=ISO-8859-1")  # fmt: skip
    site.pages["/meta"] = Page('<meta charset="windows-1252"><h1>Maß</h1><p>So wird gemessen.</p>'.encode("cp1252"),
                               kind="text/html")  # fmt: skip
    site.pages["/notes.md"] = Page(b"# Notes\n\nSome **notes** on delivery.", kind="text/plain")
    site.pages["/logo.png"] = Page(b"\x89PNG", kind="image/png")
    site.pages["/empty"] = Page(b"<html><body><nav>Only a menu</nav></body></html>")
    site.sitemap("/latin", "/meta", "/notes.md", "/logo.png", "/empty")
    summary = site.bring()
    assert set(Article.objects.values_list("title", flat=True)) == {"Größe", "Maß", "Notes"}
    found = reasons(summary, site)
    assert "image/png" in found["/logo.png"]
    assert "no text" in found["/empty"]
