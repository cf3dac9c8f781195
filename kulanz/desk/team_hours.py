"""A team's own working hours, beside those of the whole service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput
from kulanz.core.hours import OpeningHours, Span
from kulanz.desk.hours import WEEKDAYS, service_hours


def check_week(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """What was written for each weekday ("09:00-12:00, 13:00-17:00") as it is stored. Raises InvalidInput that names
    what can't be read."""
    week = {day: _parts(texts.get(day, "")) for day in WEEKDAYS}
    for spans in week.values():
        _spans(spans)
    return {day: spans for day, spans in week.items() if spans}


def team_hours(week: Mapping[str, Iterable[str]], now: datetime) -> OpeningHours | None:
    """The hours of a team with a `week` of its own, with the time zone and holidays of the service; None without."""
    if not week:
        return None
    whole = service_hours(now).hours
    return OpeningHours(whole.zone, tuple(_spans(week.get(day, ())) for day in WEEKDAYS), whole.closed_on)


def _parts(text: str) -> list[str]:
    return ["-".join(map(str.strip, part.replace("–", "-").split("-"))) for part in text.split(",") if part.strip()]


def _spans(texts: Iterable[str]) -> tuple[Span, ...]:
    return tuple(_span(text) for text in texts)


def _span(text: str) -> Span:
    try:
        opens, closes = (_minute(part) for part in text.split("-"))
        return Span(opens, closes)
    except ValueError as error:
        message = _("“{text}” are no hours. Please write them like this: 09:00-17:00.").format(text=text[:40])
        raise InvalidInput(message) from error


def _minute(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if not 0 <= minute < 60:
        raise ValueError(text)
    return hour * 60 + minute
