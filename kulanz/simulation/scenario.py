"""Scenarios: what a simulated customer wants, knows, says and puts up with. Pure data; `files.py` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Wording = tuple[str, ...]
"""One way to say something: usually one message, several where the customer sends them in a row."""
Wordings = Mapping[str, tuple[Wording, ...]]
"""Language → ways to say the same."""
GoalKind = Literal["answer_from", "action", "flow", "handover", "asked", "said", "careful"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What counts as solved. `values` are those accepted: article keys, an action, a flow, reasons of a handover or
    subjects of a decision; `any` accepts all. `target` is the order or the like that it must be about, `outcome` the
    end of a flow, `within` the customer's messages until a handover (0: any number).

    `careful` is met where the assistant neither quotes an article nor does anything.
    """

    kind: GoalKind
    values: tuple[str, ...] = ()
    target: str = ""
    outcome: str = "solved"
    within: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that the customer says and wants. All of `goals` must be met, or one of `also_fine`.

    `wants_person`: every wording is a wish for a person; `sensitive`: the matter belongs to people.
    """

    says: Wordings
    goals: tuple[Goal, ...]
    also_fine: tuple[Goal, ...] = ()
    wants_person: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Twist:
    """Something that the customer does instead of what would follow, once, with the chance `chance`.

    `at` is the occasion: slot, confirm, question, answer, or `reply 2`. Without `wish` the customer falls silent. Its
    goals, where it has any, replace the goals so far: a change of mind.
    """

    at: str
    chance: float
    wish: Wish | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A customer. `patience` counts what they put up with: questions that don't bring them further and answers that
    don't help; then they ask for a person or (`when_out` is leaves) go. `protests` is the chance that a wrong answer is
    contradicted; otherwise the customer leaves without a word. `moods` follow the customer's messages."""

    name: str
    subject: str
    wishes: tuple[Wish, ...]
    knows: Mapping[str, str] = field(default_factory=dict)
    signed_in: str = ""
    moods: tuple[str, ...] = ("calm",)
    patience: int = 3
    when_out: Literal["person", "leaves"] = "person"
    protests: float = 0.8
    thanks: float = 0.5
    typos: bool = False
    style: Literal["plain", "capitals", "lowercase", "no_umlauts"] = "plain"
    twists: tuple[Twist, ...] = ()
    fast: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.wishes[0].says)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the assistant really did in one turn; the customer goes by this and never by the wording.

    `awaits` is what an open flow waits for: a slot's name, `confirm`, or nothing. `values` are the flow's slots,
    `outcome` how it ended in this turn. `done` are the actions carried out in this turn with what they were about,
    `articles` the keys of what was quoted, `suggested` of what was offered for choice.
    """

    kind: str
    subject: str
    reasons: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    suggested: tuple[tuple[str, str], ...] = ()
    """(article key, title as offered)."""
    flow: str = ""
    awaits: str = ""
    entity: str = ""
    values: tuple[str, ...] = ()
    outcome: str = ""
    done: tuple[tuple[str, tuple[str, ...]], ...] = ()
    holder: str = "assistant"
    replies: tuple[tuple[str, str], ...] = ()
    """(author, text) of everything that was said."""


def meets(goal: Goal, seen: Seen, turn: int) -> bool:
    """Whether this turn brought what the goal asks for. `turn` counts the customer's turns from 1."""
    if goal.kind == "answer_from":
        return bool(set(goal.values) & set(seen.articles))
    if goal.kind == "action":
        return any(a in goal.values and (not goal.target or goal.target in about) for a, about in seen.done)
    if goal.kind == "flow":
        right = seen.flow in goal.values and seen.outcome == goal.outcome
        return right and (not goal.target or goal.target in seen.values)
    if goal.kind == "handover":
        in_time = not goal.within or turn <= goal.within
        return seen.holder in {"waiting", "agent"} and in_time
    if goal.kind == "asked":
        return seen.kind == "ask" and ("any" in goal.values or seen.subject in goal.values)
    if goal.kind == "said":
        return seen.kind in {"answer", "ask"} and not seen.articles and seen.subject in goal.values
    return not seen.articles and not seen.done and not seen.awaits
