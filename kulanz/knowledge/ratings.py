"""Did this help? What readers say about an article, without saying who they are."""

from __future__ import annotations

from django.db.models import Count, Q

from kulanz.core.errors import InvalidInput
from kulanz.knowledge.models import Article, Rating

MOST_COMMENT = 1_000


def do_rate(article: Article, version: int, token: str, *, helpful: bool, comment: str = "") -> Rating:
    """Keeps what a reader says of this version; the same form (`token`) again changes what it said before. The
    comment must have been masked already."""
    if not token or len(token) > 32:
        raise InvalidInput("The form's token is missing.")
    said = {"helpful": helpful, "comment": comment.strip()[:MOST_COMMENT]}
    created = {**said, "article": article, "version": version}
    rating, _ = Rating.objects.update_or_create(token=token, defaults=said, create_defaults=created)
    return rating


def counts(article: Article) -> dict[int, tuple[int, int]]:
    """(helped, did not help) by version number."""
    rows = article.ratings.values("version").annotate(
        yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False))
    )
    return {row["version"]: (row["yes"], row["no"]) for row in rows}


def comments(article: Article, most: int = 20) -> list[Rating]:
    """The newest ratings with words."""
    return list(article.ratings.exclude(comment="").order_by("-created_at")[:most])
