"""When a person will have answered: promised from how long it really takes, and said in the customer's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kulanz.accounts.models import Team
from kulanz.core.levels import open_between
from kulanz.desk.hours import ServiceHours, service_hours
from kulanz.desk.level_models import LevelClock
from kulanz.desk.models import Handover
from kulanz.desk.routing_models import TeamSettings
from kulanz.desk.team_hours import team_hours

ROUND_TO = 5  # minutes; a promise to the minute would pretend a precision that nobody has
LOOK_BACK: Final = timedelta(days=14)
ENOUGH: Final = 20
"""First replies of a team from which on they tell more than what the operator expects."""
NEWEST: Final = 200


@dataclass(frozen=True, slots=True)
class Promise:
    """`by` is when a person will have answered (None where nobody ever comes), `position` the place in the queue from
    1, `opens` the next open moment."""

    by: datetime | None
    position: int
    opens: datetime | None


def hours_for(team: Team | None, now: datetime) -> ServiceHours:
    """The team's hours, else those of the whole service; and how long a first reply takes in open time: the median of
    the team's last two weeks where there are enough, else what the operator expects."""
    service = service_hours(now)
    week = TeamSettings.objects.filter(team=team).values_list("week", flat=True).first() if team else None
    return replace(
        service,
        hours=team_hours(week or {}, now) or service.hours,
        first_reply=usual_first_reply(team, now) or service.first_reply,
    )


def usual_first_reply(team: Team | None, now: datetime) -> timedelta | None:
    """The median open time until a person answered, of up to 200 cases; None where there are fewer than 20."""
    ended = LevelClock.objects.filter(ended_at__gt=now - LOOK_BACK, ended_at__lte=now, team=team)
    reached = ended.filter(level="first_reply", state=LevelClock.State.REACHED).order_by("-ended_at")
    seconds = list(reached.values_list("worked", flat=True)[:NEWEST])
    return timedelta(seconds=median(seconds)) if len(seconds) >= ENOUGH else None


def promise(team: Team | None, now: datetime) -> Promise:
    """For somebody who is handed over now: the usual time, and as much again for each round of those who wait; never
    sooner than those who wait have been waiting already.

    A queue that is worked off by `n` agents side by side moves on by `n` customers each time.
    """
    service = hours_for(team, now)
    since = list(_waiting(team).order_by("requested_at").values_list("requested_at", flat=True))
    waited = open_between(service.hours, since[len(since) // 2], now) if since else timedelta()  # the median one's
    wait = _up(max(service.first_reply * (1 + _rounds(team, len(since))), waited))
    return Promise(service.hours.after_open_time(now, wait), len(since) + 1, service.hours.next_opening(now))


def later_promise(handover: Handover, now: datetime) -> datetime | None:
    """For somebody who was promised too much: at least as long again as it has taken so far, in open time."""
    service = hours_for(handover.team, now)
    ahead = _waiting(handover.team).filter(requested_at__lt=handover.requested_at).count()
    so_far = open_between(service.hours, handover.requested_at, now)
    wait = max(service.first_reply * (1 + _rounds(handover.team, ahead)), so_far)
    return service.hours.after_open_time(now, _up(wait))


def _waiting(team: Team | None) -> QuerySet[Handover]:
    return Handover.objects.filter(state=Handover.State.WAITING, team=team)


def _rounds(team: Team | None, waiting: int) -> int:
    agents = team.members.filter(is_active=True).count() if team else 1
    return waiting // max(1, agents)


def _up(wait: timedelta) -> timedelta:
    step = timedelta(minutes=ROUND_TO)
    return -(-wait // step) * step


def handed_over(handover: Handover, given: Promise, language: str) -> str:
    """Who answers and when, in the customer's language."""
    zone = ZoneInfo(hours_for(handover.team, handover.requested_at).hours.zone)
    now = handover.requested_at.astimezone(zone)
    with translation.override(language):
        parts = [_to_whom(handover)]
        if given.by is None or given.opens is None:
            parts.append(_("A person will read your message and answer you here."))
        elif given.opens > now:
            parts.append(_("Nobody is there right now."))
            parts.append(_when_open(given.opens.astimezone(zone), given.by.astimezone(zone), now))
        else:
            parts.append(_when_answered(given.by.astimezone(zone), now))
            if given.position > 1:
                parts.append(_("You are number {position} in the queue.").format(position=given.position))
            parts.append(_("You can simply go on writing here."))
    return " ".join(parts)


def call_stays(handover: Handover, phone: str, when: str) -> str:
    """Who has it now; the call that was promised stays. Call inside `override(language)`."""
    stays = _("It stays as agreed: a person calls you on {phone}, {when}.").format(phone=phone, when=when)
    return f"{_to_whom(handover)} {stays}"


def later_than_promised(by: datetime | None, now: datetime, zone: ZoneInfo, language: str) -> str:
    """The apology, in one sentence with the new time."""
    with translation.override(language):
        if by is None:
            return _("Sorry, it is taking longer than we said: a person will answer you here as soon as possible.")
        local, here = by.astimezone(zone), now.astimezone(zone)
        if local.date() == here.date():
            when = _("by about {time}").format(time=date_format(local, "H:i"))
        else:
            when = day_and_time(local, here)
        return _("Sorry, it is taking longer than we said: a person will answer you {when}.").format(when=when)


def _to_whom(handover: Handover) -> str:
    if handover.team is None:
        return _("I have handed you over to our service team.")
    return _("I have handed you over to our team {team}.").format(team=handover.team.name)


def _when_open(opening: datetime, promised: datetime, now: datetime) -> str:
    by_time = _("by about {time}").format(time=date_format(promised, "H:i"))
    then = by_time if promised.date() == opening.date() else day_and_time(promised, now)
    return _(
        "We are back {when}; a person will then answer you here, probably {then}. "
        "Your message is kept, and you can add to it at any time."
    ).format(when=day_and_time(opening, now), then=then)


def _when_answered(promised: datetime, now: datetime) -> str:
    if promised.date() != now.date():
        return _("We close soon, so a person will answer you {when}.").format(when=day_and_time(promised, now))
    minutes = -(-(promised - now) // timedelta(minutes=ROUND_TO)) * ROUND_TO
    if minutes > 90:
        return _("A person will answer you by about {time}.").format(time=date_format(promised, "H:i"))
    return _("A person will answer you in about {minutes} minutes, by {time}.").format(
        minutes=minutes, time=date_format(promised, "H:i")
    )


def day_and_time(moment: datetime, now: datetime) -> str:
    """When, as seen from `now`; both local."""
    time = date_format(moment, "H:i")
    if moment.date() == now.date():
        return _("today at {time}").format(time=time)
    if moment.date() == now.date() + timedelta(days=1):
        return _("tomorrow at {time}").format(time=time)
    return _("on {day} at {time}").format(day=date_format(moment, _("l, j F")), time=time)
