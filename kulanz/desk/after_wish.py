"""How customers want to be answered where nobody was there: by e-mail, or by a call within the opening hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
from kulanz.desk.stopping import is_stopped

WINDOW: Final = timedelta(hours=2)
SHORTEST: Final = timedelta(hours=1)
OFFERED: Final = 5
"""Windows that are shown; any other within a week can be written."""
WITHIN: Final = timedelta(days=7)
MOST: Final = 100
PASSED_ON: Final = frozenset({"transfer", "agent_gone"})
"""The customer goes on waiting for the same; only who looks after them is another one."""
GOES_ON: Final = frozenset({"not_solved", "agent"})
"""The matter was held to be over and goes on."""


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
    as long as it is open, if that is an hour.

    Every day's are the same at whatever moment one looks, without those that have begun: what was offered a minute ago
    can still be chosen.
    """
    zone = ZoneInfo(hours.zone)
    opening = hours.next_opening(_midnight(now, zone))
    while opening is not None and opening < now + WITHIN:
        closing = min(hours.next_closing(opening) or opening + WITHIN, _midnight(opening, zone, 1))
        start = opening
        while closing - start >= SHORTEST:
            end = min(start + WINDOW, closing)
            if start >= now:
                yield Window(start.astimezone(zone), end.astimezone(zone))
            start = end
        opening = hours.next_opening(closing)


def _midnight(moment: datetime, zone: ZoneInfo, days: int = 0) -> datetime:
    """The one before the moment, or that many days after it, as UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def windows_for(handover: Handover, now: datetime) -> list[Window]:
    return list(islice(windows(hours_for(handover.team, now).hours, now), MOST))


def window_between(handover: Handover, now: datetime, begins: time, ends: time, day: date | None) -> Window | None:
    """The very time that was named, on that day or the first one that fits; None where nobody calls then, or less than
    an hour is left of it."""
    hours = hours_for(handover.team, now).hours
    zone = ZoneInfo(hours.zone)
    for days in range(WITHIN.days + 1):
        on = now.astimezone(zone).date() + timedelta(days=days)
        start = datetime.combine(on, begins, zone)
        end = datetime.combine(on + timedelta(days=ends <= begins), ends, zone)
        if day in {None, on} and _covers(hours, start.astimezone(UTC), end.astimezone(UTC), now):
            return Window(start, end)
    return None


def _covers(hours: OpeningHours, start: datetime, end: datetime, now: datetime) -> bool:
    closing = hours.next_closing(start)
    return end - max(start, now) >= SHORTEST and hours.is_open(start) and (closing is None or closing >= end)


def do_offer(handover: Handover, now: datetime) -> ReplyWish | None:
    """Keeps that the customer has the choice; None where there is none, somebody is there, or the assistant is stopped:
    then people alone read what the customer writes."""
    opening = hours_for(handover.team, now).hours.next_opening(now)
    if opening is None or opening <= now or not possible(handover, now) or is_stopped(handover.conversation.channel):
        return None
    return ReplyWish.objects.create(handover=handover, created_at=now)


def do_carry_over(handover: Handover) -> ReplyWish | None:
    """What the customer has wished and still holds goes from the handover before to this new one, and is returned.

    A wish stays a wish when the conversation is passed on; whoever wanted the answer by e-mail also wants the next one
    so, about what was not solved.
    """
    if handover.reason not in PASSED_ON | GOES_ON:
        return None
    before = Handover.objects.filter(conversation=handover.conversation_id).exclude(pk=handover.pk)
    last = before.order_by("-requested_at").first()
    wishes = ReplyWish.objects.filter(handover=last, settled_at__isnull=False)
    wish = (wishes if handover.reason in PASSED_ON else wishes.filter(kind=ReplyWish.Kind.EMAIL)).first()
    if wish is not None:
        wish.handover = handover
        wish.save(update_fields=["handover"])
    return wish


def call_still_due(wish: ReplyWish | None, now: datetime) -> Window | None:
    """The time of the call that was promised, not made yet and not missed."""
    if wish is None or wish.done_at or wish.due_from is None or wish.due_until is None or wish.due_until <= now:
        return None
    zone = ZoneInfo(hours_for(wish.handover.team, now).hours.zone)
    return Window(wish.due_from.astimezone(zone), wish.due_until.astimezone(zone))


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
    if wish is None or handover.state != Handover.State.WAITING or is_stopped(handover.conversation.channel):
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
