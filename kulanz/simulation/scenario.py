"""Scenarios: what a simulated customer wants, knows, says and puts up with. Pure data; `files.py` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Wording = tuple[str, ...]
"""One way to say something: usually one message, several where the customer sends them in a row."""
Wordings = Mapping[str, tuple[Wording, ...]]
"""Language → ways to say the same."""
GoalKind = Literal["answer_from", "action", "flow", "handover", "asked", "said", "careful"]


Facts = Mapping[str, tuple[str, ...]]
"""Language → what the customer answers to a question, the first time, the second time and so on; the last is repeated.
`=KRUEMEL` stands for the offered answer of this value, `#2` for the second offered one, `{code}` for the newest code
that came by mail."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What counts as solved. `values` are those accepted: article keys, an action, a flow, reasons of a handover or
    subjects of a decision; `any` accepts all. `target` is the order or the like that it must be about, several words
    where it must be about all of them; `outcome` the end of a flow, `within` the customer's messages until a handover
    (0: any number).

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

    `wants_person`: every wording is a wish for a person; `sensitive`: the matter belongs to people. `state` are the
    lines that must be new in the back office in the end, and no others (`*` stands for anything); None: not looked at.
    `afresh`: it is said in a new conversation.
    """

    says: Wordings
    goals: tuple[Goal, ...]
    also_fine: tuple[Goal, ...] = ()
    wants_person: bool = False
    sensitive: bool = False
    state: tuple[str, ...] | None = None
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Twist:
    """Something that the customer does instead of what would follow, once, with the chance `chance`.

    `at` is the occasion: slot (or `slot sku`), confirm, done, question, answer, or `reply 2`. Without `wish` the
    customer falls silent. Its goals, where it has any, replace the goals so far: a change of mind.
    """

    at: str
    chance: float
    wish: Wish | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A customer. `patience` counts what they put up with: questions that don't bring them further and answers that
    don't help; then they ask for a person or (`when_out` is leaves) go. `protests` is the chance that a wrong answer is
    contradicted; otherwise the customer leaves without a word. `moods` follow the customer's messages. `approval` is
    what an agent does with a write that waits for one."""

    name: str
    subject: str
    wishes: tuple[Wish, ...]
    knows: Mapping[str, Facts] = field(default_factory=dict)
    signed_in: str = ""
    moods: tuple[str, ...] = ("calm",)
    patience: int = 3
    when_out: Literal["person", "leaves"] = "person"
    protests: float = 0.8
    thanks: float = 0.5
    typos: bool = False
    style: Literal["plain", "capitals", "lowercase", "no_umlauts"] = "plain"
    twists: tuple[Twist, ...] = ()
    approval: Literal["approves", "refuses", "waits"] = "approves"
    fast: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.wishes[0].says)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the assistant really did in one turn; the customer goes by this and never by the wording.

    `awaits` is what an open flow waits for: a slot's name, `confirm`, or nothing; `choices` the answers it offers
    (value and label), `confirms` the action that a yes would bring. `values` are the flow's slots and, before a yes,
    the action's arguments; `outcome` how it ended in this turn. `done` are the actions carried out in this turn with
    what they were about, `undone` those that took something back. `articles` are the keys of what was quoted,
    `suggested` of what was offered for choice.
    """

    kind: str
    subject: str
    reasons: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    suggested: tuple[tuple[str, str], ...] = ()
    """(article key or flow, title as offered)."""
    flow: str = ""
    run: str = ""
    """Which run of the flow, when it runs more than once."""
    awaits: str = ""
    entity: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    confirms: str = ""
    values: tuple[str, ...] = ()
    outcome: str = ""
    done: tuple[tuple[str, tuple[str, ...]], ...] = ()
    undone: tuple[tuple[str, tuple[str, ...]], ...] = ()
    holder: str = "assistant"
    replies: tuple[tuple[str, str], ...] = ()
    """(author, text) of everything that was said."""


def is_about(goal: Goal, values: Iterable[str]) -> bool:
    """Whether every word of the goal's target is one of these values, or a word of one."""
    words = {word for value in values for word in (value, *value.split())}
    return all(word in words for word in goal.target.split())


def meets(goal: Goal, seen: Seen, turn: int) -> bool:
    """Whether this turn brought what the goal asks for. `turn` counts the customer's turns from 1."""
    if goal.kind == "answer_from":
        return bool(set(goal.values) & set(seen.articles))
    if goal.kind == "action":
        return any(action in goal.values and is_about(goal, values) for action, values in (*seen.done, *seen.undone))
    if goal.kind == "flow":
        right = seen.flow in goal.values and seen.outcome == goal.outcome
        return right and is_about(goal, seen.values)
    if goal.kind == "handover":
        in_time = not goal.within or turn <= goal.within
        return seen.holder in {"waiting", "agent"} and in_time
    if goal.kind == "asked":
        return seen.kind == "ask" and ("any" in goal.values or seen.subject in goal.values)
    if goal.kind == "said":
        return seen.kind in {"answer", "ask"} and not seen.articles and seen.subject in goal.values
    return not seen.articles and not seen.done and not seen.awaits
