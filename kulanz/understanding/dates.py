"""Dates as customers write them in German and English, relative ones counted from `today`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar january jänner jan",
            "februar february feb",
            "märz march maerz mär mrz mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "montag monday",
            "dienstag tuesday",
            "mittwoch wednesday",
            "donnerstag thursday",
            "freitag friday",
            "samstag saturday sonnabend",
            "sonntag sunday",
        )
    )
    for name in names.split()
}
_DAYS = {
    "heute": 0, "today": 0, "gestern": -1, "yesterday": -1, "vorgestern": -2, "the day before yesterday": -2,
    "morgen": 1, "tomorrow": 1, "übermorgen": 2, "uebermorgen": 2, "the day after tomorrow": 2,
}  # fmt: skip
_COUNTS = {
    "einem": 1, "einer": 1, "a": 1, "one": 1, "zwei": 2, "two": 2, "drei": 3, "three": 3, "vier": 4, "four": 4,
    "fünf": 5, "five": 5, "sechs": 6, "six": 6, "sieben": 7, "seven": 7, "zehn": 10, "ten": 10,
}  # fmt: skip

_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAY = "(?P<weekday>" + "|".join(_WEEKDAYS) + ")"
_YEAR = r"(?:,? ?(?P<year>(?:19|20)[0-9]{2})(?![0-9]))?"
_COUNT = "(?P<count>[0-9]{1,3}|" + "|".join(_COUNTS) + ")"
_UNIT = r"(?P<unit>tag(?:en)?|days?|wochen?|weeks?)\b"

Match = re.Match[str]


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _calendar(match: Match, today: date | None) -> date | None:
    """A day with its month; without a year the one nearest to today."""
    parts = match.groupdict()
    month = _MONTHS.get(parts["month"].lower()) or int(parts["month"])
    day = int(parts["day"])
    if parts.get("year"):
        year = int(parts["year"])
        return _day(year + 2000 if year < 100 else year, month, day)
    if today is None:
        return None
    candidates = [found for year in (-1, 0, 1) if (found := _day(today.year + year, month, day))]
    return min(candidates, key=lambda found: abs(found - today), default=None)


def _slashed(match: Match, today: date | None) -> date | None:  # noqa: ARG001
    """`24/12/2026`: day first as in Europe, unless only the American order makes a date."""
    first, second, year = (int(match[name]) for name in ("first", "second", "year"))
    return _day(year, second, first) or _day(year, first, second)


def _relative(match: Match, today: date | None) -> date | None:
    return today + timedelta(days=_DAYS[" ".join(match["word"].lower().split())]) if today else None


def _weekday(match: Match, today: date | None) -> date | None:
    if today is None:
        return None
    ahead = (_WEEKDAYS[match["weekday"].lower()] - today.weekday()) % 7 or 7
    past = match["way"][0].lower() in "lvp"  # letzten, vergangenen, vorigen, last, past
    return today + timedelta(days=ahead - 7 if past and ahead < 7 else -7 if past else ahead)


def _counted(match: Match, today: date | None) -> date | None:
    if today is None:
        return None
    count = _COUNTS.get(match["count"].lower()) or int(match["count"])
    days = count * (7 if match["unit"][0].lower() == "w" else 1)
    return today + timedelta(days=days if match.groupdict().get("ahead") else -days)


_PATTERNS: tuple[tuple[re.Pattern[str], float, Callable[[Match, date | None], date | None]], ...] = (
    (
        _pattern(r"(?<![\w-])(?P<year>(?:19|20)[0-9]{2})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?![\d-])"),
        0.99,
        _calendar,
    ),
    (
        _pattern(
            r"(?<![\w.,])(?P<day>[0-9]{1,2})\. ?(?P<month>0?[1-9]|1[0-2])\.(?: ?(?P<year>(?:19|20)?[0-9]{2})(?![\w]))?"
        ),
        0.95,
        _calendar,
    ),
    (_pattern(rf"(?<!\w)(?P<day>[0-9]{{1,2}})(?:\.|st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}"), 0.97, _calendar),
    (_pattern(rf"(?<!\w){_MONTH} (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9]){_YEAR}"), 0.97, _calendar),
    (_pattern(r"(?<![\w/])(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/(?P<year>20[0-9]{2})(?![\w/])"), 0.7, _slashed),
    (
        _pattern(
            r"(?<!guten )(?<!schönen )(?<!am )(?<!der )(?<!den )(?<!jeden )(?<![\w-])"
            r"(?P<word>the day (?:before yesterday|after tomorrow)|vorgestern|gestern|heute|uebermorgen|übermorgen"
            r"|morgen|yesterday|today|tomorrow)(?![\w-])"
        ),
        0.9,
        _relative,
    ),
    (
        _pattern(
            r"(?<!\w)(?P<way>(?:letzte|vergangene|vorige|nächste|kommende)[nrs]?|last|past|next|coming) "
            rf"{_WEEKDAY}(?!\w)"
        ),
        0.85,
        _weekday,
    ),
    (_pattern(rf"(?<!\w)vor {_COUNT} {_UNIT}"), 0.85, _counted),
    (_pattern(rf"(?<!\w){_COUNT} {_UNIT} ago\b"), 0.85, _counted),
    (_pattern(rf"(?<!\w)(?P<ahead>in) {_COUNT} {_UNIT}"), 0.8, _counted),
)


def find_dates(text: str, today: date | None) -> Iterator[Entity]:
    """Dates in `text` as ISO values. Without `today` only those that name their year."""
    for pattern, probability, value_of in _PATTERNS:
        for match in pattern.finditer(text):
            try:
                value = value_of(match, today)
            except OverflowError:  # "vor 999 Wochen" can leave the calendar of an early `today`
                continue
            if value:
                yield Entity("date", value.isoformat(), probability, evidence(text, match.start(), match.end()))
