"""How customers want to be answered where nobody was there: by e-mail, or by a call within the opening hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.hours import OpeningHours
from kulanz.desk.after_models import ReplyWish
from kulanz.desk.after_promise import hours_for
from kulanz.desk.models import Handover

WINDOW: Final = timedelta(hours=2)
SHORTEST: Final = timedelta(hours=1)
OFFERED: Final = 5
"""Windows that are shown; any other within a week can be written."""
WITHIN: Final = timedelta(days=7)
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of open time in which somebody calls, both ends local."""

    start: datetime
    end: datetime

    def label(self) -> str:
        """As the customer reads it and may click it; call inside `override(language)`."""
        day = date_format(self.start, _("l, j F"))
        return f"{day}, {date_format(self.start, 'H:i')}–{date_format(self.end, 'H:i')}"


def windows(hours: OpeningHours, now: datetime) -> Iterator[Window]:
    """The times to call within the next week, in order: two hours each from every opening on, the last one of a stretch
    as long as it is open, if that is an hour."""
    zone, opening = ZoneInfo(hours.zone), hours.next_opening(now)
    while opening is not None and opening < now + WITHIN:
        closing = hours.next_closing(opening) or opening + WITHIN
        start = opening
        while closing - start >= SHORTEST:
            end = min(start + WINDOW, closing)
            yield Window(start.astimezone(zone), end.astimezone(zone))
            start = end
        opening = hours.next_opening(closing)


def windows_for(handover: Handover, now: datetime) -> list[Window]:
    return list(islice(windows(hours_for(handover.team, now).hours, now), MOST))


def do_offer(handover: Handover, now: datetime) -> ReplyWish | None:
    """Keeps that the customer has the choice; None where there is none, or somebody is there."""
    opening = hours_for(handover.team, now).hours.next_opening(now)
    if opening is None or opening <= now or not possible(handover, now):
        return None
    return ReplyWish.objects.create(handover=handover, created_at=now)


def do_carry_over(handover: Handover) -> bool:
    """A wish stays a wish when the conversation is passed on: it goes to the new handover. True if there was one."""
    before = Handover.objects.filter(conversation=handover.conversation_id).exclude(pk=handover.pk)
    last = before.order_by("-requested_at").first()
    return bool(ReplyWish.objects.filter(handover=last, settled_at__isnull=False).update(handover=handover))


def possible(handover: Handover, now: datetime) -> tuple[str, ...]:
    """What can be chosen: an answer by e-mail needs a mail server, a call somebody who calls."""
    ways = (("email", bool(settings.EMAIL_HOST)), ("call", hours_for(handover.team, now).call_backs))
    return tuple(way for way, there in ways if there)


def labels() -> dict[str, str]:
    """The texts to click. Call inside `override(language)`."""
    return {"email": _("Answer by e-mail"), "call": _("Call me back")}


def choices_of(handover: Handover, language: str) -> tuple[str, ...]:
    """What the customer may click while they wait: a way to be answered, then a time for the call."""
    wish = ReplyWish.objects.filter(handover=handover).first()
    if wish is None or handover.state != Handover.State.WAITING:
        return ()
    with override(language):
        if not wish.kind:
            return tuple(labels()[way] for way in possible(handover, wish.created_at))
        return shown_windows(handover) if wish.asked_for == "window" else ()


def shown_windows(handover: Handover) -> tuple[str, ...]:
    """The first times for a call. Call inside `override(language)`."""
    return tuple(window.label() for window in windows_for(handover, timezone.now())[:OFFERED])


def choice_sentence(ways: Sequence[str]) -> str:
    """The same in words. Call inside `override(language)`."""
    if len(ways) > 1:
        return _("If you would rather have the answer by e-mail or be called back, just say so.")
    return {
        "email": _("If you would rather have the answer by e-mail, just say so."),
        "call": _("If you would rather be called back, just say so."),
    }[ways[0]]


def calls_due() -> list[ReplyWish]:
    """The calls that customers were promised and nobody has made yet, the next one first."""
    related = ("handover__conversation__customer", "handover__team")
    return list(_promised_calls().select_related(*related).order_by("due_from"))


def count_calls(now: datetime) -> tuple[int, int]:
    """(all of them, those whose time has come)."""
    counts = _promised_calls().aggregate(all=Count("pk"), due=Count("pk", filter=Q(due_from__lte=now)))
    return counts["all"], counts["due"]


def _promised_calls() -> QuerySet[ReplyWish]:
    calls = ReplyWish.objects.filter(kind=ReplyWish.Kind.CALL, done_at=None, settled_at__isnull=False)
    return calls.exclude(handover__state=Handover.State.ENDED)
