"""Who gets which waiting conversation. Pure: the same facts give the same assignments.

Everybody's rank is the time they have waited, in minutes, and what the rules add for anger, a sensitive matter,
urgency and a promise that is nearly over. What is added is limited, so whoever arrives later can overtake for a limited
time only: nobody starves (ageing, as operating systems schedule processes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

MOST_MINUTES = 480
"""The most that one rule may add; five rules together are the time after which nobody can overtake any more."""
ANY = ""
"""The channel whose capacity holds for all that have none of their own."""
Why = Literal["last_agent", "speaks", "no_speaker", "skilled", "team", "least_busy"]
Left = Literal["full", "nobody_there", "no_speaker_there", "no_agent", "no_reaction", "closed"]
NOBODY: frozenset[Left] = frozenset({"nobody_there", "no_speaker_there", "no_agent", "no_reaction"})
"""Nobody can take it until a person does something about it: an alarm. Full teams and closed ones move on alone."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One conversation that waits since `since`. `sensitive`: it falls under a risky matter. `subject` is its intent,
    `not_for` are agents who had it and did not react: none of them gets it again."""

    id: UUID
    since: datetime
    language: str
    channel: str
    team: int | None
    subject: str = ""
    urgency: str = "normal"
    emotion: str = "neutral"
    sensitive: bool = False
    promised_by: datetime | None = None
    last_agent: int | None = None
    not_for: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Agent:
    """`capacity` and `load` count conversations per channel; a channel without a capacity of its own has that of
    `ANY`. `present`: at the desk and available."""

    id: int
    teams: frozenset[int]
    languages: frozenset[str]
    skills: frozenset[str] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    present: bool = True
    away_until: datetime | None = None

    def is_there(self, now: datetime) -> bool:
        return self.present and (self.away_until is None or self.away_until <= now)

    def has_room(self, channel: str) -> bool:
        return self.load.get(channel, 0) < self.capacity.get(channel, self.capacity.get(ANY, 0))

    @property
    def busy(self) -> float:
        """The share of all capacity that is taken."""
        channels = set(self.load) | set(self.capacity) - {ANY}
        room = sum(self.capacity.get(c, self.capacity.get(ANY, 0)) for c in channels or {ANY})
        return sum(self.load.values()) / room if room else 1.0

    def with_one_more(self, channel: str) -> Agent:
        return replace(self, load={**self.load, channel: self.load.get(channel, 0) + 1})


@dataclass(frozen=True, slots=True)
class Rules:
    """What each thing is worth, in minutes of waiting; between 0 and `MOST_MINUTES` each. `teams` adds minutes for
    everybody in a team's queue; `closed` are the teams that don't work now."""

    angry: int = 30
    sensitive: int = 60
    critical: int = 120
    urgent: int = 45
    promise: int = 30
    promise_within: int = 3
    teams: Mapping[int, int] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rank:
    """`minutes` decide the order, more first; `added` are the rules that gave some of them."""

    minutes: float
    waited: float
    added: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Given:
    waiting: Waiting
    agent: int
    rank: Rank
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One that nobody gets now, and why."""

    waiting: Waiting
    rank: Rank
    why: Left


@dataclass(frozen=True, slots=True)
class Assignments:
    """`given` and `kept` in the order of their rank."""

    given: tuple[Given, ...]
    kept: tuple[Kept, ...]


def rank(waiting: Waiting, rules: Rules, now: datetime) -> Rank:
    """How far in front this one is. Waiting longer always means a higher rank."""
    waited = max(0.0, (now - waiting.since).total_seconds() / 60)
    soon = waiting.promised_by is not None and waiting.promised_by - now <= timedelta(minutes=rules.promise_within)
    worth = (
        ("angry", rules.angry, waiting.emotion == "frustrated"),
        ("sensitive", rules.sensitive, waiting.sensitive),
        ("critical", rules.critical, waiting.urgency in {"critical", "emergency"}),
        ("urgent", rules.urgent, waiting.urgency in {"high", "urgent"}),
        ("promise", rules.promise, soon),
        ("team", rules.teams.get(waiting.team, 0) if waiting.team is not None else 0, True),
    )
    added = tuple((name, minutes) for name, minutes, applies in worth if applies and minutes)
    return Rank(waited + sum(minutes for __, minutes in added), waited, added)


def in_order(waiting: Iterable[Waiting], rules: Rules, now: datetime) -> list[tuple[Waiting, Rank]]:
    """All of them, the first to be served first; the same facts always give the same order."""
    ranked = [(one, rank(one, rules, now)) for one in waiting]
    return sorted(ranked, key=lambda pair: (-pair[1].minutes, pair[0].since, pair[0].id))


def assign(waiting: Iterable[Waiting], agents: Iterable[Agent], rules: Rules, now: datetime) -> Assignments:
    """Gives the waiting ones, in their order, to agents who are there, speak the language and have room."""
    staff = {agent.id: agent for agent in sorted(agents, key=lambda agent: agent.id)}
    given: list[Given] = []
    kept: list[Kept] = []
    for one, place in in_order(waiting, rules, now):
        found = _choose(one, tuple(staff.values()), rules, now)
        if isinstance(found, str):
            kept.append(Kept(one, place, found))
            continue
        agent, why = found
        staff[agent.id] = agent.with_one_more(one.channel)
        given.append(Given(one, agent.id, place, why))
    return Assignments(tuple(given), tuple(kept))


def _choose(one: Waiting, agents: Sequence[Agent], rules: Rules, now: datetime) -> tuple[Agent, tuple[Why, ...]] | Left:
    team = [agent for agent in agents if one.team is None or one.team in agent.teams]
    if not team:
        return "no_agent"
    if one.team in rules.closed:
        return "closed"
    speakers = [agent for agent in team if one.language in agent.languages]
    there = [agent for agent in speakers or team if agent.is_there(now)]
    if not there:
        return "no_speaker_there" if speakers and any(agent.is_there(now) for agent in team) else "nobody_there"
    willing = [agent for agent in there if agent.id not in one.not_for]
    if not willing:
        return "no_reaction"
    free = [agent for agent in willing if agent.has_room(one.channel)]
    if not free:
        return "full"
    return _best(one, free, "speaks" if speakers else "no_speaker")


def _best(one: Waiting, free: Sequence[Agent], language: Why) -> tuple[Agent, tuple[Why, ...]]:
    """The last agent; else who knows the subject; else who has least to do, and of those who speaks fewest languages,
    so that the others stay free for whom only they understand."""
    if last := next((agent for agent in free if agent.id == one.last_agent), None):
        return last, ("last_agent", language)
    skilled = [agent for agent in free if one.subject and one.subject in agent.skills]
    best = min(skilled or free, key=lambda agent: (agent.busy, len(agent.languages), agent.id))
    return best, (language, "skilled" if skilled else "team", "least_busy")
