"""What a piece of text claims: numbers with their units, dates, links, negations, limits, and its words."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from kulanz.knowledge.wordforms import bounds, fold, is_content, units, values_of, words_of

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"']+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}(?:/[^\s<>()\[\]\"']*)?\b")
_PHONE = re.compile(r"(?<![\w.,-])(?:\+|\(0|0)(?!\d{0,2}[.,]\d)[\d ()/-]{5,}\d")
_NUMBER = r"\d{1,3}(?:[., ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,:]\d+)*"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<sign>[€$£%°])|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)|(?P<id>\w+)")
_BETWEEN = frozenset("von zu der den dem die the as to than of a ersten first nächsten next € $ £".split())  # noqa: SIM905
"""What may stand between "up to" and its number."""
_RANGE = frozenset({"bis", "to", "and", "und", "oder", "or"})
_PERIOD = frozenset({"zeit", "frist", "zeitraum", "period", "deadline", "window"})
_SPLIT = re.compile(
    r";|:(?!\d)|\s[–—-]\s|[()]|\b(?:und|sowie|aber|jedoch|sondern|während|wohingegen|oder|and|but|while|whereas|however|or)\b"
    r"|,(?=\s*(?:aber|sondern|jedoch|but|while|whereas)\b)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[;()]|[,:](?!\d)|\s[–—-]\s|\b(?:und|aber|jedoch|sondern|während|oder|and|but|while|whereas|or)\b", re.I
)
MONEY = frozenset({"eur", "usd", "gbp", "chf", "cent"})
TIME = frozenset({"day", "workday", "week", "month", "year", "hour", "minute", "second", "clock"})


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its unit ("" where none is known) and its bound ("upper", "lower", "about" or "")."""

    value: str
    unit: str
    bound: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, or a part of one. `words` are folded content words in order."""

    text: str
    words: tuple[str, ...]
    numbers: tuple[Number, ...]
    days: frozenset[str]
    links: frozenset[str]
    marks: frozenset[str]
    """Which kinds of limiting words occur: negation, must, only, except, condition, every, first_person."""
    promises: frozenset[str]
    negations: int
    pairs: tuple[tuple[str, str], ...]
    """Content words that stand side by side: the first limits the second ("personalised items")."""
    restrictions: tuple[tuple[str, ...], ...]
    """The content words of each restriction ("within Germany", "for members")."""

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.words)


_MARKS = (
    "negation",
    "must",
    "only",
    "except",
    "condition",
    "every",
    "always",
    "first_person",
    "outside",
    "before",
    "after",
    "hedge",
)


@lru_cache(maxsize=4_096)
def claim(text: str) -> Claim:
    """Reads one sentence or part of one."""
    links, rest = _links(_visible(text))
    tokens = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(rest)]
    folded = [fold(token.replace("’", "'")) for _, token in tokens]
    numbers, taken = _numbers(tokens, folded)
    plain = [word for i, word in enumerate(folded) if i not in taken and tokens[i][0] in ("word", "id")]
    days = frozenset(values_of("weekdays").get(w) or f"m{values_of('months')[w]}" for w in plain if _is_day(w))
    special = frozenset(bounds()).union(*(words_of(mark) for mark in _MARKS))
    words = [w for w in plain if len(w) > 1 and not _is_day(w) and w not in special and is_content(w)]
    marks = frozenset(mark for mark in _MARKS if any(w in words_of(mark) for w in folded))
    negations = sum(word in words_of("negation") for word in folded)
    promises = frozenset(w for w in plain if w in words_of("promise"))
    pairs = tuple((a, b) for a, b in itertools.pairwise(folded) if a in words and b in words)
    return Claim(
        text, tuple(words), tuple(numbers), days, links, marks, promises, negations, pairs, _restrictions(folded, words)
    )


def _restrictions(folded: list[str], words: list[str]) -> tuple[tuple[str, ...], ...]:
    """What follows each limiting preposition, up to three words on."""
    found = []
    for i, word in enumerate(folded):
        if word in words_of("restricting"):
            group: list[str] = []
            for following in folded[i + 1 : i + 4]:
                if following in words:
                    group.append(following)
                elif group or following in words_of("restricting"):
                    break
            found.append(tuple(group))
    return tuple(group for group in found if group)


def _visible(text: str) -> str:
    """As a reader sees it: full-width digits are digits, and nothing hides between letters."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def parts(text: str) -> list[str]:
    """A sentence's coordinated parts: a statement about one must not be put together from two. A part of one word is
    no statement and stays with its neighbour ("shoes and bags can be returned")."""
    return _joined([piece for piece in _SPLIT.split(text) if piece.strip()])


def clauses(text: str) -> list[str]:
    """All clauses of a sentence, where a comma divides too."""
    return [piece for piece in _CLAUSE.split(text) if piece.strip()]


def _joined(pieces: list[str]) -> list[str]:
    found: list[str] = []
    waiting = ""
    for piece in pieces:
        read = claim(piece)
        if len(read.words) < 2 and not read.numbers and not read.days:
            if found:
                found[-1] += f" {piece}"
            else:
                waiting += f"{piece} "
        else:
            found.append(waiting + piece)
            waiting = ""
    return found or [waiting]


def _is_day(word: str) -> bool:
    return word in values_of("months") or word in values_of("weekdays")


def _links(text: str) -> tuple[frozenset[str], str]:
    """Addresses of pages, mailboxes and telephones in one form each, and the text without them."""
    found: set[str] = set()

    def take(match: re.Match[str]) -> str:
        written = match.group().rstrip(".,;:!?").lower()
        if match.re is _PHONE:
            written = re.sub(r"\D", "", written)
            if len(written) < 7:
                return match.group()
        found.add(re.sub(r"^(?:https?://)?(?:www\.)?", "", written).rstrip("/"))
        return " "

    for pattern in (_EMAIL, _LINK, _PHONE):
        text = pattern.sub(take, text)
    return frozenset(found), text


def _numbers(tokens: list[tuple[str, str]], folded: list[str]) -> tuple[list[Number], set[int]]:
    """The numbers of a sentence, and which tokens they, their units and bounds take."""
    numbers: list[Number] = []
    taken: set[int] = set()
    period = any(word.endswith(tuple(_PERIOD)) for word in folded)
    for i in range(len(tokens)):
        value = _value(*_at(tokens, folded, i))
        if not value:
            continue
        unit, at = _unit(tokens, folded, i)
        if ":" in tokens[i][1] and not unit:
            unit = "clock"
        if not unit and i + 2 < len(tokens) and folded[i + 1] in _RANGE:  # "from 8 to 18 o'clock"
            unit = _unit(tokens, folded, i + 2)[0] if _value(*_at(tokens, folded, i + 2)) else ""
        bound = _bound(folded, i) or ("upper" if period and unit in TIME else "")
        numbers.append(Number(value, unit, bound))
        taken |= {i, *at}
    return numbers, taken


def _bound(folded: list[str], i: int) -> str:
    """The "up to" or "from" that belongs to number `i`; one that belongs to a range says nothing alone."""
    at = i - 1
    while at > 0 and folded[at] in _BETWEEN and folded[at] not in bounds():
        at -= 1
    if at < 0 or (folded[at] in _RANGE and at and folded[at - 1][:1].isdigit()):
        return ""
    return bounds().get(folded[at], "")


def _at(tokens: list[tuple[str, str]], folded: list[str], i: int) -> tuple[str, str, str, list[str]]:
    return (*tokens[i], folded[i], folded[i + 1 : i + 3])


def _value(kind: str, token: str, word: str, following: list[str]) -> str:
    if kind == "number":
        return _decimal(token)
    if word == "one":
        return "" if following[:1] == ["of"] else "1"
    if word in ("ein", "eine", "einen", "einem", "einer", "eines", "a", "an"):  # articles, but for units
        return "1" if any(w in units() and len(w) > 2 for w in following) else ""
    return values_of("number_words").get(word, "") if kind == "word" else ""


def _unit(tokens: list[tuple[str, str]], folded: list[str], i: int) -> tuple[str, set[int]]:
    """The unit beside number `i`: after it, with one word between at most ("30 kostenlose Tage"), or a sign before."""
    if i and (tokens[i - 1][0] == "sign" or folded[i - 1] in ("eur", "usd", "chf", "gbp")):
        return units().get(folded[i - 1], ""), {i - 1}
    for at in range(i + 1, min(i + 3, len(folded))):
        if tokens[at][0] == "number":
            break
        unit = units().get(folded[at], "")
        if unit == "day" and folded[at - 1] in ("business", "working") and at - 1 > i:
            return "workday", {at - 1, at}
        if unit and (at == i + 1 or len(folded[at]) > 2):
            return unit, {at}
    return "", set()


def _decimal(written: str) -> str:
    """`1.234,50`, `1,234.50` and `1 234.5` in one form; what is no number (a time, a version) stays as it is."""
    plain = written.replace(" ", "")
    if ":" in plain:
        return plain.lstrip("0")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return format(Decimal(plain).normalize(), "f")
    except InvalidOperation:
        return written
