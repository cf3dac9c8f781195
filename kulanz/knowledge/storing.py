"""Storing what an import reads, in step with what was there: what did not change is not touched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound, TransientError
from kulanz.knowledge.articles import do_add_published, do_withdraw
from kulanz.knowledge.documents import OWN, Document
from kulanz.knowledge.indexing import Vectors, embedded, index
from kulanz.knowledge.models import Article, ImportedSource
from kulanz.knowledge.passages import plain
from kulanz.nlp.embedder import embedder
from kulanz.nlp.languages import text_language

FORMAT = "7"
"""Raised whenever reading, splitting or embedding changes, so that the next import renews what is stored."""
MAX_SOURCE = 200
TOGETHER = 100
"""Articles read ahead, so that passages of like length are embedded together whatever file they come from."""

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


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one item held. `origin` is what a web page said of its own state."""

    documents: list[Document]
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a page before it is read: its stable name in the source, its name for people, and how to read it.

    `load` gives None where nothing changed; it raises InvalidInput where the item is bad and TransientError where it
    can't be had now (what it held before stays), NotFound where it is gone.
    """

    name: str
    label: str
    load: Callable[[], Loaded | None]


@dataclass(slots=True)
class Run:
    """One source while it is imported. `kept` are the names of items that could not be read: what came from them
    before stays. `complete` is false where not even the list of items could be read to its end."""

    source: str
    vectors: Vectors
    progress: Progress | None = None
    total: int = 0
    done: int = 0
    complete: bool = True
    seen: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def skip(self, label: str, reason: object) -> None:
        self.skipped.append((label, str(reason)))

    def tick(self, ahead: float = 0.0) -> None:
        """Tells how far it is; `ahead` is the work done for articles that are not stored yet, in articles."""
        if self.progress:
            self.progress(self.done + int(ahead), self.total)


def summary_of(runs: Sequence[Run]) -> ImportSummary:
    totals = {name: sum(run.counts.get(name, 0) for run in runs) for name in ImportSummary.__slots__[:5]}
    return ImportSummary(**totals, skipped=[entry for run in runs for entry in run.skipped])


@contextmanager
def alone(source: str) -> Iterator[None]:
    """Raises TransientError while another import of the same source runs."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"knowledge:{source}"])
        if not cursor.fetchone()[0]:
            raise TransientError(f"Another import of {source} is running: try again when it has ended.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [f"knowledge:{source}"])


def do_store(run: Run, items: Sequence[Item]) -> None:
    """Reads and stores the items, each in one transaction, then withdraws what vanished from the source."""
    run.total += len(items)
    ahead: list[Loaded] = []
    for item in items:
        loaded = _load(run, item)
        if loaded:
            ahead.append(loaded)
        else:
            run.done += 1
        pending = sum(len(waiting.documents) for waiting in ahead)
        run.tick(pending / 2)
        if pending >= TOGETHER:
            _store_all(run, ahead)
            ahead = []
    _store_all(run, ahead)
    if run.complete:
        _remove_vanished(run)
    ImportedSource.objects.update_or_create(name=run.source, defaults={"imported_at": timezone.now()})


def _load(run: Run, item: Item) -> Loaded | None:
    try:
        loaded = item.load()
        if loaded:
            _check_ids(run, item, loaded.documents)
            run.total += len(loaded.documents) - 1
        return loaded
    except NotFound as error:
        run.skip(item.label, error)
    except (InvalidInput, TransientError) as error:
        run.kept.append(item.name)
        run.skip(item.label, error)
    return None


def _check_ids(run: Run, item: Item, documents: list[Document]) -> None:
    """Nothing of an item counts whose articles have the ids of another one's."""
    for document in documents:
        other = run.seen.get(document.external_id)
        if other is not None:
            name = document.external_id.removeprefix(OWN)
            raise InvalidInput(f"{item.label} has the same id as {other} ({name}): give each article one of its own.")
    run.seen.update({document.external_id: item.label for document in documents})


@dataclass(frozen=True, slots=True)
class _Work:
    """One item's articles that have to be written; `new` of them were not shown before."""

    articles: list[Article]
    origin: Mapping[str, str]
    new: int = 0
    unchanged: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class _Both(Mapping[str, NDArray[np.float32]]):
    """Vectors just computed, and those known before."""

    computed: Vectors
    known: Vectors

    def __getitem__(self, text: str) -> NDArray[np.float32]:
        return self.computed[text] if text in self.computed else self.known[text]

    def __contains__(self, text: object) -> bool:
        return text in self.computed or text in self.known

    def __iter__(self) -> Iterator[str]:
        return chain(self.computed, self.known)

    def __len__(self) -> int:
        return len(self.computed) + len(self.known)


def _store_all(run: Run, ahead: list[Loaded]) -> None:
    """Embeds what is new in all items together, outside any transaction, and stores them one by one."""
    works = [_compared(run, loaded) for loaded in ahead]
    articles = [article for work in works for article in work.articles]
    pending = sum(work.documents for work in works)
    vectors = embedded(articles, run.vectors, lambda share: run.tick((1 + share) / 2 * pending))
    for work in works:
        with transaction.atomic():
            _write(run, work, _Both(vectors, run.vectors))
        run.done += work.documents
        pending -= work.documents
        run.tick(pending)


def _compared(run: Run, loaded: Loaded) -> _Work:
    wanted = {document.external_id: document for document in loaded.documents}
    stored = {a.external_id: a for a in Article.objects.filter(source=run.source, external_id__in=list(wanted))}
    renewed: list[Article] = []
    new = 0
    for name, document in wanted.items():
        article = stored.get(name)
        owner = _owner(document)
        checksum = _checksum(document, owner)
        if article and article.checksum == checksum and article.published_at:
            continue
        new += not (article and article.published_at)
        article = article or Article(source=run.source, external_id=name)
        _fill(article, document, checksum)
        article.owner = owner or article.owner
        if "owner" in document.said and not owner:
            _name_stranger(run, str(document.said["owner"]))
        renewed.append(article)
    return _Work(renewed, loaded.origin, new, len(wanted) - len(renewed), len(wanted))


def _owner(document: Document) -> User | None:
    """The member of staff that the file names, so far as there is one."""
    named = document.said.get("owner")
    return User.objects.filter(email=named, is_active=True).first() if named else None


def _name_stranger(run: Run, named: str) -> None:
    """Says once that an owner is not known; the articles are imported all the same."""
    if named not in {label for label, _ in run.skipped}:
        run.skip(named, "is named as an owner, but is no member of staff. The articles are there, without this owner.")


def _checksum(document: Document, owner: User | None) -> str:
    """Changes also when a named owner joins the staff, or leaves it."""
    said = [f"{name}={value}" for name, value in sorted(document.said.items())]
    parts = (way_of_indexing(), document.title, document.body, document.language, document.key, *document.tags, *said)
    if "owner" in document.said:
        parts += (str(owner and owner.pk),)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def way_of_indexing() -> str:
    """Changes whenever an article must be indexed anew although its text is the same."""
    return f"{FORMAT} {embedder().name}"


def _fill(article: Article, document: Document, checksum: str) -> None:
    article.key = document.key or article.key  # the team may have linked it
    article.title, article.body = document.title, document.body
    article.tags, article.checksum = list(document.tags), checksum
    article.language = document.language or text_language(f"{document.title}\n{plain(document.body)}")
    if not article.title:  # a row without one is shown by its first words
        article.title = " ".join(plain(document.body).split()[:10])[:80]
    for name, value in document.said.items():  # what the file does not say stays as the team set it
        if name != "owner":
            setattr(article, name, value)
    article.published_at = article.published_at or timezone.now()


_WRITTEN = ["key", "title", "body", "language", "tags", "checksum", "updated_at", "published_at",
            "audience", "owner", "valid_from", "valid_until", "review_on", "origin"]  # fmt: skip


def _write(run: Run, work: _Work, vectors: Vectors) -> None:
    for start in range(0, len(work.articles), TOGETHER):
        articles = work.articles[start : start + TOGETHER]
        for article in articles:
            article.origin = dict(work.origin)
        Article.objects.bulk_create(
            articles, update_conflicts=True, unique_fields=["source", "external_id"], update_fields=_WRITTEN
        )
        do_add_published(articles)
        run.count("passages", index(articles, vectors))
    run.count("added", work.new)
    run.count("changed", len(work.articles) - work.new)
    run.count("unchanged", work.unchanged)


def _remove_vanished(run: Run) -> None:
    """What is no longer in its source leaves the search and the help pages at once; its versions stay."""
    stored = Article.objects.filter(source=run.source, published_at__isnull=False).values_list("external_id", flat=True)
    unread = tuple(f"{name}#" for name in run.kept) + ((OWN,) if run.kept else ())
    vanished = [
        name for name in stored if name not in run.seen and name not in run.kept and not name.startswith(unread)
    ]
    with transaction.atomic():
        do_withdraw(Article.objects.filter(source=run.source, external_id__in=vanished))
    run.count("removed", len(vanished))
