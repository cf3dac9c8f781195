"""The team's list of articles, with everything that one may filter it by."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from kulanz.accounts.models import User
from kulanz.core.knowledge import Audience
from kulanz.knowledge.articles import IN_WORK
from kulanz.knowledge.models import Article, Passage, State, Version
from kulanz.knowledge.visibility import today

PAGE = 50
STATES = [
    ("published", _("Published")),
    ("draft", _("Draft")),
    ("review", _("In review")),
    ("withdrawn", _("Withdrawn")),
    ("expired", _("Expired")),
    ("planned", _("Not valid yet")),
    ("due", _("Review due")),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty fields narrow nothing. `owner` is a user's id, "me" or "none"."""

    state: str = ""
    language: str = ""
    audience: str = ""
    owner: str = ""
    tag: str = ""
    text: str = ""


def articles(wanted: Wanted, reader: User) -> QuerySet[Article]:
    """Newest first, each with `working` (state of the version in work, or None) and `number` (of the newest)."""
    versions = Version.objects.filter(article=OuterRef("pk"))
    found = Article.objects.select_related("owner").defer("body").annotate(
        working=Subquery(versions.filter(state__in=IN_WORK).values("state")[:1]),
        number=Subquery(versions.order_by("-number").values("number")[:1]),
    )  # fmt: skip
    if wanted.language:
        found = found.filter(language=wanted.language)
    if wanted.audience in {audience.value for audience in Audience}:
        found = found.filter(audience=wanted.audience)
    if wanted.tag:
        found = found.filter(tags__contains=[wanted.tag])
    if wanted.text.strip():
        found = found.filter(_says(wanted.text.strip()))
    found = found.filter(_in_state(wanted.state), owned_by(wanted.owner, reader))
    return found.order_by("-updated_at", "pk")


def _in_state(state: str) -> Q:
    now = today()
    return {
        "published": Q(published_at__isnull=False),
        "draft": Q(working=State.DRAFT.value),
        "review": Q(working=State.REVIEW.value),
        "withdrawn": Q(published_at__isnull=True, working__isnull=True),
        "expired": Q(valid_until__lt=now),
        "planned": Q(valid_from__gt=now),
        "due": Q(review_on__lte=now),
    }.get(state, Q())


def owned_by(owner: str, reader: User, prefix: str = "") -> Q:
    """`owner` as in Wanted; `prefix` leads to the article from elsewhere, such as "article__"."""
    if owner == "me":
        return Q(**{f"{prefix}owner": reader})
    if owner == "none":
        return Q(**{f"{prefix}isnull": False, f"{prefix}owner__isnull": True} if prefix else {"owner__isnull": True})
    return Q(**{f"{prefix}owner": int(owner)}) if owner.isdecimal() and len(owner) < 10 else Q()


def _says(text: str) -> Q:
    """In the title, in what readers find, or in a draft."""
    drafts = Version.objects.filter(article=OuterRef("pk"), state__in=IN_WORK, body__icontains=text)
    passages = Passage.objects.filter(article=OuterRef("pk"), text__icontains=text)
    return Q(title__icontains=text) | Q(Exists(drafts)) | Q(Exists(passages))


def tags() -> list[str]:
    """Every tag in use, by its letters."""
    found = Article.objects.annotate(tag=Func(F("tags"), function="unnest")).values_list("tag", flat=True).distinct()
    return sorted(found, key=str.casefold)


def languages() -> list[str]:
    return list(Article.objects.order_by("language").values_list("language", flat=True).distinct())
