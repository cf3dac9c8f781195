"""Dates as customers write them in German and English, relative ones counted from `today`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from kulanz.core.reading import Entity
from kulanz.understanding.clean import evidence
from kulanz.understanding.number_words import NUMBER_WORDS, number_from_words
from kulanz.understanding.wordings import load

_LISTS = load("dates")
_MONTHS = {str(name): i for i, names in enumerate(_LISTS["months"], start=1) for name in names}
_WEEKDAYS = {str(name): i for i, names in enumerate(_LISTS["weekdays"]) for name in names}
_DAYS = {str(word): int(days) for word, days in _LISTS["days"].items()}
_FEASTS = {str(name): (int(day), int(month)) for name, (day, month) in _LISTS["feasts"].items()}
_BACK = frozenset("lvp")  # letzten, vergangenen, vorigen, vor, last, past, previous
_FRIDAY, _SATURDAY = 4, 5


def _any(names: dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_MONTH = rf"(?P<month>{_any(_MONTHS)})\b\.?"
_WEEKDAY = rf"(?P<weekday>{_any(_WEEKDAYS)})s?"
_YEAR = r"(?:,? ?(?P<year>(?:19|20)[0-9]{2})(?![0-9]))?"
_COUNT = rf"(?P<count>[0-9]{{1,3}}|einem|einer|(?:ein )?paar|a couple of|an?|{NUMBER_WORDS})"
_UNIT = r"(?P<unit>tag(?:en)?|days?|wochen?|weeks?|monat(?:en)?|months?|jahr(?:en)?|years?)\b"
_TIME = r"(?:[ -](?:früh|frueh|vormittag|mittag|nachmittag|abend|nacht|morgen|morning|afternoon|evening|night)(?!\w))?"
_WAY = (
    r"(?P<way>(?:letzte|vergangene|vorige|nächste|naechste|kommende|diese)[nrsm]?|last|past|previous|next|coming|this)"
)

Match = re.Match[str]
Value = Callable[[Match, date], date | None]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(today: date, month: int, day: int) -> date | None:
    candidates = [found for year in (-1, 0, 1) if (found := _day(today.year + year, month, day))]
    return min(candidates, key=lambda found: abs(found - today), default=None)


def _calendar(match: Match, today: date) -> date | None:
    """A day with its month; without a year the one nearest to today."""
    parts = match.groupdict()
    month = _MONTHS.get(parts["month"].lower()) or int(parts["month"])
    day = int(parts["day"])
    if parts.get("year"):
        year = int(parts["year"])
        return _day(year + 2000 if year < 100 else year, month, day)
    return _nearest(today, month, day)


def _slashed(match: Match, today: date) -> date | None:  # noqa: ARG001
    """`24/12/2026`: day first as in Europe, unless only the American order makes a date."""
    first, second, year = (int(match[name]) for name in ("first", "second", "year"))
    return _day(year, second, first) or _day(year, first, second)


def _relative(match: Match, today: date) -> date | None:
    return today + timedelta(days=_DAYS[" ".join(match["word"].lower().split())])


def _feast(match: Match, today: date) -> date | None:
    day, month = _FEASTS[match["feast"].lower()]
    return _day(int(match["year"]), month, day) if match["year"] else _nearest(today, month, day)


def _part_of_month(match: Match, today: date) -> date | None:
    """The first, the fifteenth or the last day for the beginning, the middle or the end of a month."""
    month = _MONTHS[match["month"].lower()]
    way = match["part"].lower()
    last = way.startswith(("ende", "end", "late"))
    day = 15 if way.startswith("mi") else 1
    first = _day(int(match["year"]), month, day) if match["year"] else _nearest(today, month, day)
    if first is None or not last:
        return first
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _weekday(match: Match, today: date) -> date | None:
    """The weekday before today for "letzten", the one from tomorrow on for "next"; this week's, or the next, else."""
    ahead = (_WEEKDAYS[match["weekday"].lower()] - today.weekday()) % 7
    way = (match.groupdict().get("way") or "").lower()
    past = way[:1] in _BACK if way else _tells_the_past(match.string, match.start(), match.end())
    if past:
        return today - timedelta(days=(7 - ahead) % 7 or 7)
    return today + timedelta(days=ahead if way.startswith(("dies", "this")) else ahead or 7)


_PAST = re.compile(
    r"(?<!\w)(?:habe?|hab|hat|hatte|haben|wurde|war|kam|seit|since|bestellt|was|were|did|had|ordered|came|arrived|sent"
    r"|bought|received|paid|told|said|called|wrote|have been|gekauft|bekommen|sollte)(?!\w)",
    re.IGNORECASE,
)
_SAME_SENTENCE = 60  # characters around a weekday where the tense is looked for


def _tells_the_past(text: str, start: int, end: int) -> bool:
    return bool(_PAST.search(text, max(0, start - _SAME_SENTENCE), min(len(text), end + _SAME_SENTENCE)))


def _counted(match: Match, today: date) -> date | None:
    written = match["count"].lower()
    count = int(written) if written.isdecimal() else _count_word(written)
    ahead = 1 if match.groupdict().get("ahead") else -1
    unit = match["unit"][0].lower()
    if unit in "mjy":
        return _months_later(today, ahead * count * (1 if unit == "m" else 12))
    return today + timedelta(days=ahead * count * (7 if unit == "w" else 1))


_VAGUE = {"einem": 1, "einer": 1, "a": 1, "an": 1, "paar": 3, "ein paar": 3, "a couple of": 2}


def _count_word(written: str) -> int:
    return _VAGUE.get(written) or number_from_words(written) or 1


def _months_later(today: date, months: int) -> date | None:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return next(
        (found for day in (today.day, 30, 29, 28) if (found := _day(year, month + 1, min(today.day, day)))), None
    )


def _period(match: Match, today: date) -> date | None:
    """The first day of last, this or next week, month or year; the Saturday of a weekend."""
    way, unit = match["way"].lower(), match["unit"].lower()
    step = -1 if way[:1] in _BACK else 0 if way.startswith(("dies", "this")) else 1
    if unit.startswith(("wochenende", "weekend")):
        return _saturday(today, step)
    if unit[0] == "w":
        return today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    if unit[0] == "m":
        return _months_later(today.replace(day=1), step)
    return _day(today.year + step, 1, 1)


def _weekend(match: Match, today: date) -> date | None:
    return _saturday(today, -1 if _tells_the_past(match.string, match.start(), match.end()) else 0)


def _saturday(today: date, step: int) -> date:
    """The Saturday of this weekend (the current or the coming one), of the one before or after."""
    this = today + timedelta(days=_SATURDAY - today.weekday())
    if step < 0 and today.weekday() <= _FRIDAY:
        return this - timedelta(weeks=1)
    return this + timedelta(weeks=step)


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


_NOT_GREETED = (
    r"(?<!guten )(?<!schönen )(?<!am )(?<!der )(?<!den )(?<!jeden )(?<!heute )(?<!gestern )(?<![\w-])"
    r"(?!(?<!.)morgen(?:\s*[!,]| zusammen| allerseits))"
)
_ABSOLUTE: tuple[tuple[re.Pattern[str], float, Value], ...] = (
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
    (_pattern(rf"(?<!\w)(?P<day>[0-9]{{1,2}})(?:\.|st|nd|rd|th)? ?(?:of )?{_MONTH}{_YEAR}"), 0.97, _calendar),
    (_pattern(rf"(?<!\w){_MONTH} (?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9:]){_YEAR}"), 0.97, _calendar),
    (_pattern(r"(?<![\w/])(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/(?P<year>20[0-9]{2})(?![\w/])"), 0.7, _slashed),
)
_IN_WORDS: tuple[tuple[re.Pattern[str], float, Value], ...] = (
    (_pattern(rf"{_NOT_GREETED}(?P<word>{_any(_DAYS)})(?![\w-]){_TIME}"), 0.9, _relative),
    (_pattern(rf"(?<!\w){_WAY} {_WEEKDAY}{_TIME}(?!\w)"), 0.85, _weekday),
    (_pattern(rf"(?<!\w)(?:am|on|bis|by|seit|since|ab|until|vom|from) {_WEEKDAY}{_TIME}(?!\w)"), 0.7, _weekday),
    (
        _pattern(rf"(?<!\w){_WAY} (?P<unit>wochenendes?|weekend|woche|week|monats?|month|jahre?s?|year)(?!\w)"),
        0.65,
        _period,
    ),
    (_pattern(r"(?<!\w)(?:am|übers|über das|at the|over the|on the) (?:wochenende|weekend)(?!\w)"), 0.65, _weekend),
    (
        _pattern(
            r"(?<!\w)(?P<part>anfang|mitte|ende|(?:at |by )?(?:the )?(?:beginning|end|middle|start) of"
            rf"|early(?: in)?|late(?: in)?|mid(?:[ -]| of )?) ?{_MONTH}{_YEAR}"
        ),
        0.7,
        _part_of_month,
    ),
    (_pattern(rf"(?<!\w)vor (?:etwa |ca\. |rund |ungefähr |circa )?{_COUNT} {_UNIT}"), 0.85, _counted),
    (_pattern(rf"(?<!\w){_COUNT} {_UNIT} ago\b"), 0.85, _counted),
    (_pattern(rf"(?<!\w)(?P<ahead>in) (?:etwa |ca\. |about )?{_COUNT} {_UNIT}"), 0.8, _counted),
    (_pattern(rf"(?<!\w)(?P<feast>{_any(_FEASTS)})(?:(?: day)? (?P<year>20[0-9]{{2}}))?(?!\w)"), 0.7, _feast),
)
_ANY_WORD = _pattern("|".join(_LISTS["signs"]))


def find_dates(text: str, today: date | None) -> Iterator[Entity]:
    """Dates in `text` as ISO values. Without `today` only those that name their year."""
    digits = any(character.isdigit() for character in text)
    relative = _IN_WORDS if today and _ANY_WORD.search(text) else ()
    for pattern, probability, value_of in (*(_ABSOLUTE if digits else ()), *relative):
        for match in pattern.finditer(text):
            if today is None and not match.groupdict().get("year"):
                continue
            try:
                value = value_of(match, today or date.min)
            except OverflowError:  # "vor 999 Wochen" can leave the calendar of an early `today`
                continue
            if value:
                yield Entity("date", value.isoformat(), probability, evidence(text, match.start(), match.end()))
