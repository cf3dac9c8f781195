"""Tells the owners of articles by e-mail what they should look at: at most once a day, and only what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from kulanz.accounts.models import Role, User
from kulanz.knowledge.condition import MINE, Entry, condition
from kulanz.knowledge.models import ToldOwner
from kulanz.settings.logging import logger

log = logger(__name__)
PAGE = "/desk/knowledge/condition/"
MOST_NAMED = 30
"""Entries that a mail names; the page shows all."""


def do_tell_owners(now: datetime | None = None) -> int:
    """Sends each owner of articles, and for what nobody owns each curator, one mail about what is new since the last
    one; returns how many were sent. Without a mail server nothing is done.

    What was told is kept before it is sent, so that a worker that dies tells nobody twice; where the server refuses,
    the next day tries again. Demo users have no real addresses and get none."""
    if not settings.EMAIL_HOST:
        return 0
    now = now or timezone.now()
    try:
        with get_connection() as connection:
            return sum(_told(user, now, connection) for user in _owners())
    except OSError as error:  # smtplib's own errors are of this kind, too
        log.warning("mail server can't be reached", error=type(error).__name__)
        return 0


def _owners() -> Iterable[User]:
    caring = Q(owned_articles__isnull=False) | Q(role__in=[Role.CURATOR, Role.ADMINISTRATOR])
    return User.objects.filter(caring, is_active=True, is_demo=False).distinct().order_by("pk")


def _told(user: User, now: datetime, connection: BaseEmailBackend) -> bool:
    entries = list(condition(MINE, user).entries())
    before, new = _claimed(user, entries, now)
    if not new:
        return False
    with override(user.language):
        message = EmailMessage(_subject(new), _text(user, new, len(entries) - len(new)), to=[user.email])
    try:
        connection.send_messages([message])
    except OSError as error:
        log.warning("notice not sent", user=user.pk, error=type(error).__name__)
        _take_back(user, before)
        return False
    return True


Before = tuple[list[str], datetime] | None


def _claimed(user: User, entries: Sequence[Entry], now: datetime) -> tuple[Before, list[Entry]]:
    """(what was told before, the entries to tell now), kept as told; none where this day had its mail."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two workers tell once
        told = ToldOwner.objects.filter(user=user).first()
        before = (told.keys, told.sent_at) if told else None
        known = set(told.keys) if told else set()
        if told and timezone.localdate(told.sent_at) >= timezone.localdate(now):
            return before, []
        new = [entry for entry in entries if entry.key not in known]
        keys = [entry.key for entry in entries]
        if new:
            ToldOwner.objects.update_or_create(user=user, defaults={"keys": keys, "sent_at": now})
        elif told:  # what was mended and comes back is new again
            ToldOwner.objects.filter(user=user).update(keys=keys)
    return before, new


def _take_back(user: User, before: Before) -> None:
    told = ToldOwner.objects.filter(user=user)
    if before:
        told.update(keys=before[0], sent_at=before[1])
    else:
        told.delete()


def _subject(new: Sequence[Entry]) -> str:
    text = ngettext("{n} article needs your eye", "{n} articles need your eye", len(new))
    return text.format(n=len(new))


def _text(user: User, new: Sequence[Entry], older: int) -> str:
    lines = [_("Hello {name},").format(name=user.name), "", _("this is new about the articles in your care:"), ""]
    for kind, entries in groupby(new[:MOST_NAMED], key=lambda entry: entry.kind):
        lines += [_heading(kind), *_named(entries), ""]
    if len(new) > MOST_NAMED:
        lines += [_("And {n} more.").format(n=len(new) - MOST_NAMED), ""]
    if older:
        more = ngettext("{n} older entry is still open.", "{n} older entries are still open.", older)
        lines += [more.format(n=older), ""]
    lines += [_("All of them: {address}").format(address=f"{settings.BASE_URL}{PAGE}?owner={MINE}"), ""]
    lines.append(_("This mail comes at most once a day, and only if there is something new."))
    return "\n".join(lines)


def _heading(kind: str) -> str:
    return {
        "contradiction": _("Contradictions"),
        "expired": _("Expired"),
        "due": _("Review due"),
        "rated": _("Did not help their readers"),
        "duplicate": _("Nearly the same twice"),
        "broken": _("Broken"),
    }[kind]


def _named(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        titles = [article.title for article in (entry.article, entry.other) if article]
        yield "- " + " / ".join(titles)
