"""The opening hours that the operator has set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml
from django.conf import settings

from kulanz.core.errors import InvalidInput
from kulanz.core.hours import OpeningHours, Span

DEFAULT = Path(__file__).with_name("hours.yaml")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """The opening hours, and what a customer may expect for a first reply while nobody else waits. `call_backs`:
    whoever comes while nobody is there may be called back."""

    hours: OpeningHours
    first_reply: timedelta
    call_backs: bool = True


def service_hours(at: datetime) -> ServiceHours:
    """The hours around `at`: `hours.yaml` in the data folder where the operator keeps one, else the default.

    Raises InvalidInput that names the file and the wrong entry.
    """
    own = settings.DATA_DIR / "hours.yaml"
    path = own if own.exists() else DEFAULT
    return load_hours(path, path.stat().st_mtime_ns, at.year)


@lru_cache(maxsize=8)
def load_hours(path: Path, changed: int, year: int) -> ServiceHours:  # noqa: ARG001 - a changed file is read again
    """Reads an hours file; holidays are those of `year` and the next."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return ServiceHours(
            hours=OpeningHours(
                zone=ZoneInfo(data["time_zone"]).key,
                week=tuple(_spans(data["week"].get(day) or ()) for day in WEEKDAYS),
                closed_on=_closed_on(data.get("holidays") or {}, year),
            ),
            first_reply=timedelta(minutes=_minutes(data["expected_reply_minutes"])),
            call_backs=bool(data.get("call_backs", True)),
        )
    except OSError as error:
        raise InvalidInput(f"The opening hours {path} can't be read: {error.strerror}.") from error
    except KeyError as error:  # ZoneInfoNotFoundError is one too
        raise InvalidInput(f"The opening hours {path} lack the entry or time zone {error}.") from error
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise InvalidInput(f"The opening hours {path} have a wrong entry: {error}") from error


def _minutes(value: Any) -> int:
    minutes = int(value)
    if not 1 <= minutes <= 10_000:
        raise ValueError("expected_reply_minutes must lie between 1 and 10000")
    return minutes


def _spans(texts: Iterable[str]) -> tuple[Span, ...]:
    return tuple(Span(*(_minute_of_day(part) for part in text.split("-", 1))) for text in texts)


def _minute_of_day(text: str) -> int:
    hour, minute = text.strip().split(":")
    if not 0 <= int(minute) < 60:
        raise ValueError(f"{text!r} is no time of day; write it as 08:30")
    return int(hour) * 60 + int(minute)


def _closed_on(data: dict[str, Any], year: int) -> frozenset[date]:
    own = frozenset(date.fromisoformat(str(day)) for day in data.get("closed_on") or ())
    country = data.get("country")
    if not country:
        return own
    public = holidays.country_holidays(country, subdiv=data.get("subdivision") or None, years=[year, year + 1])
    return own | frozenset(public)
