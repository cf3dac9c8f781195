"""Where an imported article comes from, and when that was last looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kulanz.knowledge.articles import DESK
from kulanz.knowledge.documents import OWN
from kulanz.knowledge.models import Article, ImportedSource


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` is the folder, file or sitemap that was named, `name` the article's file, page or id in it; `address` is
    set where it is a web page. `imported` is the last import of the source, whatever it changed; `changed` the last one
    that brought another wording or other fields of this article; `modified` is what the page says of itself."""

    source: str
    name: str
    address: str
    imported: datetime | None
    changed: datetime | None
    modified: str


def origin(article: Article) -> Origin | None:
    """None for an article that was written at the desk."""
    if article.source == DESK:
        return None
    name = article.external_id.removeprefix(OWN)
    imported = ImportedSource.objects.filter(name=article.source).values_list("imported_at", flat=True).first()
    versions = article.versions.filter(author=None, publisher=None).order_by("-number")
    changed = versions.values_list("published_at", flat=True).first()
    address = name if name.startswith(("https://", "http://")) else ""
    return Origin(article.source, name, address, imported, changed, article.origin.get("last-modified", ""))
