"""What was played: the dialogue of one simulated customer. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kulanz.simulation.customer import End, Line
from kulanz.simulation.scenario import Goal, Scenario, Seen


@dataclass(frozen=True, slots=True)
class Turn:
    line: Line
    seen: Seen


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One scenario as it was played. `goals` are those of the whole dialogue as they stood in the end; `goals_met`:
    everything the customer wanted was reached. `state` is what should be new in the back office (None: not looked at),
    `changes` what is, each as one line."""

    scenario: Scenario
    language: str
    seed: int
    turns: tuple[Turn, ...]
    end: End
    goals_met: bool
    goals: tuple[Goal, ...]
    conversation: UUID
    state: tuple[str, ...] | None = None
    changes: frozenset[str] = frozenset()
