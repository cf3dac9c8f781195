"""Agents from a CSV file: the good rows once, the others named with their reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.routing_models import CAPACITY
from kulanz.desk.routing_rule import check_number
from kulanz.desk.staffing import MOST_EMAIL, AgentFacts, do_add_agents, may_manage, one_at_a_time

MOST_BYTES = 5_000_000
MOST_ROWS = 10_000
SHOWN = 100  # refused rows that the page lists
COLUMNS = ("email", "name", "role", "team", "language", "languages", "skills", "capacity")
_CODE = re.compile(r"[a-z]{2,3}")
_SKILL = re.compile(r"[a-z0-9_]{1,80}")


@dataclass(frozen=True, slots=True)
class Refused:
    """`row` counts as spreadsheets do: the headings are row 1."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    known: int
    refused: tuple[Refused, ...]


@transaction.atomic
def do_import_agents(data: bytes, by: User) -> Imported:
    """Adds everybody who is not here yet; importing the same file again adds nobody. Raises InvalidInput for a file
    that can't be read as a whole, and then adds nobody."""
    one_at_a_time()
    teams = {team.name.casefold(): team for team in Team.objects.all()}
    known = set(User.objects.values_list("email", flat=True))
    new: list[AgentFacts] = []
    already, refused = 0, []
    for number, row in _rows(data):
        try:
            facts = _facts(row, teams, by)
            if facts.email in known:
                already += 1
                continue
            known.add(facts.email)
            new.append(facts)
        except InvalidInput as error:
            refused.append(Refused(number, str(error)))
    do_add_agents(new, by)
    return Imported(len(new), already, tuple(refused))


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MOST_BYTES:
        raise InvalidInput(_("The file is larger than {n} MB.").format(n=MOST_BYTES // 1_000_000))
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [heading.strip().casefold() for heading in next(reader, [])]
        if not {"email", "name"} <= set(headings):
            raise InvalidInput(_("The first row must name the columns; email and name are needed."))
        for count, values in enumerate(reader, start=1):
            if count > MOST_ROWS:
                raise InvalidInput(_("The file has more than {n} rows. Please split it.").format(n=MOST_ROWS))
            if any(value.strip() for value in values):
                row = dict(zip(headings, (value.strip() for value in values), strict=False))
                yield count + 1, {**row, "_extra": "yes" if len(values) > len(headings) else ""}
    except csv.Error as error:
        raise InvalidInput(_("Row {n} can't be read as CSV.").format(n=reader.line_num)) from error


def _decoded(data: bytes) -> str:
    """UTF-8, or what spreadsheets on Windows write."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\0", "")


def _facts(row: Mapping[str, str], teams: Mapping[str, Team], by: User) -> AgentFacts:
    if row["_extra"]:
        raise InvalidInput(_("There are more values than columns."))
    role = row.get("role", "").casefold() or Role.AGENT
    if role not in Role.values:
        raise InvalidInput(_("There is no role “{role}”.").format(role=role[:40]))
    if not may_manage(by, None, role):
        raise InvalidInput(_("Only administrators can add this role."))
    return AgentFacts(
        name=_name(row.get("name", "")),
        email=_email(row.get("email", "")),
        role=role,
        language=_language(row.get("language", "") or by.language),
        team=_team(row.get("team", ""), teams),
        languages=_codes(row.get("languages", ""), _CODE),
        skills=_codes(row.get("skills", ""), _SKILL),
        capacity={"": check_number(row.get("capacity", "") or str(CAPACITY), 100)},
    )


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 80:
        raise InvalidInput(_("The name must have 1 to 80 characters."))
    if not name.isprintable():
        raise InvalidInput(_("The name holds characters that can't be shown."))
    return name


def _email(text: str) -> str:
    if len(text) > MOST_EMAIL:
        raise InvalidInput(_("An e-mail address has at most {n} characters.").format(n=MOST_EMAIL))
    try:
        validate_email(text)
    except ValidationError as error:
        raise InvalidInput(_("“{email}” is no e-mail address.").format(email=text[:60])) from error
    return User.objects.normalize_email(text).lower()


def _language(text: str) -> str:
    if text not in {"de", "en"}:
        raise InvalidInput(_("The desk speaks de and en, not “{language}”.").format(language=text[:20]))
    return text


def _team(text: str, teams: Mapping[str, Team]) -> Team | None:
    if text and text.casefold() not in teams:
        raise InvalidInput(_("There is no team “{team}”.").format(team=text[:80]))
    return teams[text.casefold()] if text else None


def _codes(text: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Codes with spaces or commas between them."""
    codes = tuple(dict.fromkeys(re.split(r"[\s,|]+", text.strip().casefold()))) if text.strip() else ()
    for code in codes:
        if not pattern.fullmatch(code):
            raise InvalidInput(_("“{code}” is no code.").format(code=code[:40]))
    return codes
