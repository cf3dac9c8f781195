"""Who is at their desk: an open desk page calls every minute, and whoever is busy or away says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.routing import AT_DESK, request_distribution
from kulanz.desk.routing_models import Presence

NOT_BEFORE = timedelta(seconds=20)  # several open pages need not write each


def is_there(presence: Presence | None, now: datetime) -> bool:
    """At the desk, available or busy."""
    return presence is not None and presence.state != Presence.State.AWAY and now - presence.seen_at <= AT_DESK


def do_see(user: User, now: datetime | None = None) -> Presence:
    """A desk page of theirs is open. Whoever comes back draws what waits."""
    now = now or timezone.now()
    presence, fresh = Presence.objects.get_or_create(user=user, defaults={"seen_at": now})
    if not fresh and now - presence.seen_at < NOT_BEFORE:
        return presence
    comes = fresh or now - presence.seen_at > AT_DESK
    presence.seen_at = now
    presence.save(update_fields=["seen_at"])
    if comes and presence.state == Presence.State.AVAILABLE:
        request_distribution()
    return presence


def do_set_presence(user: User, state: str, now: datetime | None = None) -> Presence:
    """Their own word: available, busy (nothing new) or away. Raises InvalidInput for anything else."""
    if state not in Presence.State.values:
        raise InvalidInput(f"There is no state `{state}`. There are: {', '.join(Presence.State.values)}.")
    now = now or timezone.now()
    presence, __ = Presence.objects.update_or_create(user=user, defaults={"state": state, "seen_at": now})
    request_distribution()
    return presence


def do_leave(user: User, now: datetime | None = None) -> None:
    """They sign out: nothing comes to them until they are back. Their own word stays for the next day."""
    long_ago = (now or timezone.now()) - 2 * AT_DESK
    Presence.objects.filter(user=user, seen_at__gt=long_ago).update(seen_at=long_ago)
    request_distribution()
