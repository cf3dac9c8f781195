"""Import in step: after it, a source's articles are exactly those of its files; what did not change is not touched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from kulanz.core.errors import InvalidInput, TransientError
from kulanz.knowledge.articles import do_add_published, do_withdraw
from kulanz.knowledge.documents import SUFFIXES, Document, read_documents
from kulanz.knowledge.indexing import Vectors, index
from kulanz.knowledge.models import Article
from kulanz.knowledge.passages import plain
from kulanz.knowledge.words import refresh_lexemes
from kulanz.nlp.embedder import embedder
from kulanz.nlp.languages import text_language

FORMAT = "5"
"""Raised whenever splitting or embedding changes, so that the next import renews what is stored."""
MAX_SOURCE = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did, in articles; `passages` counts those written. `skipped` holds (file, reason)."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    passages: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """One source while it is imported. `kept` are the names of files that could not be read: what came from them
    before stays."""

    source: str
    vectors: Vectors
    seen: set[str] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    tick: Callable[[float], None] = lambda _: None

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    documents: list[Document]


def do_import(
    paths: Sequence[Path],
    *,
    source: str | None = None,
    progress: Progress | None = None,
    vectors: Vectors | None = None,
) -> ImportSummary:
    """Imports files and folders (Markdown, HTML, plain text, JSONL) and removes what vanished from them.

    All paths belong to `source`; without one, each path is a source of its own, named by its full path. Each file is
    one transaction. `progress` is called with (articles done, articles in all). `vectors` maps embedded strings (see
    `embedding_text`) to known unit vectors of shape (384,), which saves computing them.

    Raises InvalidInput if a named path is missing, empty of knowledge or, being a file, bad; inside a folder a bad
    file is skipped and named. Raises TransientError while another import of the same source runs.
    """
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path} does not exist: check the path.")
    groups = {source: list(paths)} if source else {_default_source(path): [path] for path in paths}
    runs = [_Run(name[:MAX_SOURCE], {} if vectors is None else vectors) for name in groups]
    work = [(run, _read(run, group)) for run, group in zip(runs, groups.values(), strict=True)]
    total = sum(len(file.documents) for _, files in work for file in files)
    done = 0
    for run, files in work:
        with _alone(run.source):
            for file in files:
                run.tick = _ticker(progress, done, len(file.documents), total)
                with transaction.atomic():
                    _store(run, file.documents)
                done += len(file.documents)
                run.tick(1.0)
            _remove_vanished(run)
    refresh_lexemes()
    return _summary(runs)


def _ticker(progress: Progress | None, done: int, documents: int, total: int) -> Callable[[float], None]:
    """Tells the progress of one file, given the embedded share of it: embedding is what takes the time."""

    def tick(share: float) -> None:
        if progress:
            progress(done + int(share * documents), total)

    return tick


def _summary(runs: list[_Run]) -> ImportSummary:
    totals = {name: sum(run.counts.get(name, 0) for run in runs) for name in ImportSummary.__slots__[:5]}
    return ImportSummary(**totals, skipped=[entry for run in runs for entry in run.skipped])


def _default_source(path: Path) -> str:
    name = path.resolve().as_posix()
    if len(name) <= MAX_SOURCE:
        return name
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}…{name[-(MAX_SOURCE - 17) :]}"


def _read(run: _Run, paths: list[Path]) -> list[_File]:
    """Every file before anything is written, so that a bad named file leaves all as it was."""
    files: list[_File] = []
    names: dict[str, Path] = {}
    for path in paths:
        for file, name in _walk(path):
            if names.setdefault(name, file) != file:
                raise InvalidInput(f"{file} and {names[name]} have the same name in one source: rename one.")
            try:
                files.append(_File(file, name, read_documents(file, name)))
            except InvalidInput as error:
                if file == path:
                    raise
                run.kept.append(name)
                run.skipped.append((str(file), str(error)))
    if not files and not run.skipped:
        raise InvalidInput(f"No Markdown, HTML, text or JSONL file in {', '.join(map(str, paths))}.")
    return files


def _walk(path: Path) -> Iterator[tuple[Path, str]]:
    """(file, stable name inside the source); hidden files and other formats in a folder are passed over."""
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise InvalidInput(f"{path.name}: only {', '.join(sorted(SUFFIXES))} files can be imported.")
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if file.suffix.lower() in SUFFIXES and file.is_file() and not any(p.startswith(".") for p in inside.parts):
            yield file, inside.as_posix()


@contextmanager
def _alone(source: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"knowledge:{source}"])
        if not cursor.fetchone()[0]:
            raise TransientError(f"Another import of {source} is running: try again when it has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [f"knowledge:{source}"])


def _checksum(document: Document) -> str:
    said = [f"{name}={value}" for name, value in sorted(document.said.items())]
    parts = (FORMAT, embedder().name, document.title, document.body, document.language, document.key, *document.tags)
    parts = (*parts, *said)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _store(run: _Run, documents: list[Document]) -> None:
    wanted = {document.external_id: document for document in documents}
    run.seen.update(wanted)
    stored = {a.external_id: a for a in Article.objects.filter(source=run.source, external_id__in=list(wanted))}
    renewed: list[Article] = []
    for name, document in wanted.items():
        article = stored.get(name)
        checksum = _checksum(document)
        if article and article.checksum == checksum and article.published_at:
            run.count("unchanged")
            continue
        run.count("changed" if article and article.published_at else "added")
        article = article or Article(source=run.source, external_id=name)
        _fill(article, document, checksum)
        renewed.append(article)
    _write(run, renewed)


def _fill(article: Article, document: Document, checksum: str) -> None:
    article.key, article.title, article.body = document.key, document.title, document.body
    article.tags, article.checksum = list(document.tags), checksum
    article.language = document.language or text_language(f"{document.title}\n{plain(document.body)}")
    if not article.title:  # a row without one is shown by its first words
        article.title = " ".join(plain(document.body).split()[:10])[:80]
    for name, value in document.said.items():  # what the file does not say stays as the team set it
        setattr(article, name, value)
    article.published_at = article.published_at or timezone.now()


_WRITTEN = ["key", "title", "body", "language", "tags", "checksum", "updated_at", "published_at",
            "audience", "valid_from", "valid_until", "review_on"]  # fmt: skip


def _write(run: _Run, articles: list[Article]) -> None:
    Article.objects.bulk_create(
        articles, update_conflicts=True, unique_fields=["source", "external_id"], update_fields=_WRITTEN
    )
    do_add_published(articles)
    run.count("passages", index(articles, run.vectors, run.tick))


def _remove_vanished(run: _Run) -> None:
    """What is no longer in its source leaves the search and the help pages at once; its versions stay."""
    stored = Article.objects.filter(source=run.source, published_at__isnull=False).values_list("external_id", flat=True)
    kept = tuple(f"{name}#" for name in run.kept)
    vanished = [name for name in stored if name not in run.seen and name not in run.kept and not name.startswith(kept)]
    with transaction.atomic():
        do_withdraw(Article.objects.filter(source=run.source, external_id__in=vanished))
    run.count("removed", len(vanished))
