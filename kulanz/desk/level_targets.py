"""The targets of the service levels: what a team may take at an urgency, in working minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q

from kulanz.core.errors import InvalidInput
from kulanz.core.levels import LEVELS, Level
from kulanz.desk.level_models import LevelTarget

URGENCIES: Final = ("critical", "high", "normal", "low")
MOST_MINUTES: Final = 100_000
Minutes = Mapping[Level, int | None]
BUILT_IN: Final[Mapping[str, Minutes]] = {
    "critical": {"first_reply": 15, "next_reply": 30, "resolution": 240},
    "high": {"first_reply": 30, "next_reply": 60, "resolution": 600},
    "normal": {"first_reply": 60, "next_reply": 120, "resolution": 1_200},
    "low": {"first_reply": 240, "next_reply": 480, "resolution": 3_000},
}
"""Until somebody sets others. A working day of the default hours has 600 minutes."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What counts for a team at each urgency; `own` are the urgencies that it has a row of its own for."""

    minutes: Mapping[str, Minutes]
    own: frozenset[str]


def targets_of(team_id: int | None) -> Targets:
    """A team's own targets, else the general ones, else the built-in ones: one query."""
    rows = list(LevelTarget.objects.filter(Q(team=None) | Q(team=team_id)))
    general = {row.urgency: _minutes(row) for row in rows if row.team_id is None}
    own = {row.urgency: _minutes(row) for row in rows if row.team_id == team_id}
    return Targets({**BUILT_IN, **general, **own}, frozenset(own))


def do_set_targets(team_id: int | None, wanted: Mapping[str, Minutes] | None) -> None:
    """Stores a team's targets (None: the general ones for all teams); `wanted=None` forgets them. They count for clocks
    that run, from their next event on; what has ended keeps the target it had. Raises InvalidInput."""
    for minutes in (wanted or {}).values():
        if any(value is not None and not 1 <= value <= MOST_MINUTES for value in minutes.values()):
            raise InvalidInput(f"A target must lie between 1 and {MOST_MINUTES} minutes, or stay empty.")
    with transaction.atomic():
        LevelTarget.objects.filter(team=team_id).delete()
        LevelTarget.objects.bulk_create(
            LevelTarget(team_id=team_id, urgency=urgency, **{str(k): v for k, v in minutes.items()})
            for urgency, minutes in (wanted or {}).items()
        )


def _minutes(row: LevelTarget) -> Minutes:
    return {level: getattr(row, level) for level in LEVELS}
