"""A simulated customer: reacts to what the assistant did. Pure; the dice are passed in."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from kulanz.simulation.scenario import Goal, Scenario, Seen, Twist, Wish, Wording, is_about, meets
from kulanz.simulation.wording import Speech

Intention = Literal[
    "wish", "slot", "unknown", "yes", "no", "choice", "again", "not_helped", "person", "thanks", "twist"
]
End = Literal["", "satisfied", "handed_over", "gave_up", "silent"]


@dataclass(frozen=True, slots=True)
class Line:
    """What the customer says in one turn, and what they mean by it: the judge goes by this, not by the reading."""

    texts: Wording
    intention: Intention
    wants_person: bool = False
    sensitive: bool = False
    afresh: bool = False
    """Said in a new conversation."""


@dataclass(slots=True)
class Customer:
    """Plays one scenario in one language. `end` says how it ended once `react` returns None; `state` what must be new
    in the back office then. `mailbox` gives the newest code that came by mail."""

    scenario: Scenario
    language: str
    dice: random.Random
    speech: Speech
    end: End = ""
    turn: int = 0
    wish: int = 0
    patience: int = 0
    goals: list[Goal] = field(default_factory=list)
    also_fine: tuple[Goal, ...] = ()
    used: set[Wording] = field(default_factory=set)
    twists: list[Twist] = field(default_factory=list)
    current: Wish | None = None
    all_goals: list[Goal] = field(default_factory=list)
    thanked: bool = False
    asked_person: bool = False
    state: tuple[str, ...] | None = None
    told: Counter[str] = field(default_factory=Counter)
    mailbox: Callable[[], str] = str

    def open(self) -> Line:
        self.patience = self.scenario.patience
        self.twists = [t for t in self.scenario.twists if self.dice.random() < t.chance]
        return self._begin(self.scenario.wishes[0])

    def react(self, seen: Seen) -> Line | None:
        """The next words, or None where the customer has nothing more to say; then `end` tells why."""
        self.turn += 1
        newly = self._note(seen)
        if twist := self._twist_at(seen):
            return self._do_twist(twist)
        if seen.holder in {"waiting", "agent"}:
            return self._ends("handed_over")
        if not self.goals:
            return self._content(seen)
        if title := self._offered(seen):
            return self._say("choice", (title,))
        if seen.awaits:
            return self._for_flow(seen)
        if seen.kind == "ask":
            return self._unless_out(lambda: self._say("again", self._other_wording()))
        if newly:
            return self._say("wish", self._other_wording())
        return self._unhelped()

    def _begin(self, wish: Wish, intention: Intention = "wish") -> Line:
        self.current = wish
        self.state = self.state if wish.state is None else wish.state
        if wish.goals:
            if intention == "twist":  # a change of mind: what was wanted before is wanted no more
                self.all_goals = [g for g in self.all_goals if g not in self.goals]
            self.goals, self.also_fine = list(wish.goals), wish.also_fine
            self.all_goals += [*wish.goals, *wish.also_fine]
        return self._say(intention, self._other_wording())

    def _note(self, seen: Seen) -> bool:
        """Crosses off what this turn brought; whether there was any."""
        before = len(self.goals)
        self.goals = [g for g in self.goals if not meets(g, seen, self.turn)]
        if any(meets(g, seen, self.turn) for g in self.also_fine):
            self.goals = []
        return len(self.goals) < before

    def _twist_at(self, seen: Seen) -> Twist | None:
        if seen.holder in {"waiting", "agent"}:
            return None
        occasions = {f"reply {self.turn}", "confirm" if seen.awaits == "confirm" else ""}
        if seen.awaits and seen.awaits != "confirm":
            occasions |= {"slot", f"slot {seen.awaits}"}
        elif seen.kind == "ask" and not seen.awaits:
            occasions.add("question")
        elif seen.kind == "answer":
            occasions.add("answer")
        if seen.done:
            occasions.add("done")
        return next((t for t in self.twists if t.at in occasions), None)

    def _do_twist(self, twist: Twist) -> Line | None:
        self.twists.remove(twist)
        if twist.wish is None:
            return self._ends("silent")
        return self._begin(twist.wish, "twist")

    def _content(self, seen: Seen) -> Line | None:
        if self.wish + 1 < len(self.scenario.wishes):
            self.wish += 1
            wish = self.scenario.wishes[self.wish]
            return replace(self._begin(wish), afresh=wish.afresh)
        if seen.awaits == "confirm":
            return self._say("no", self.speech.pick("declines"))
        if not self.thanked and self.dice.random() < self.scenario.thanks:
            self.thanked = True
            return self._say("thanks", self.speech.pick("thanks"))
        return self._ends("satisfied")

    def _for_flow(self, seen: Seen) -> Line | None:
        if seen.awaits == "confirm":
            wanted = any(self._wants(goal, seen) for goal in self.goals)
            return self._say("yes" if wanted else "no", self.speech.pick("agrees" if wanted else "declines"))
        known = self._fact(seen.awaits, seen) or self._fact(seen.entity, seen)
        if known:
            plain = seen.choices or seen.entity == "text"  # there the scenario's own words are the answer
            return self._say("slot", (known,) if plain else self.speech.pick("slot", value=known))
        return self._unless_out(lambda: self._say("unknown", self.speech.pick("unknown")))

    def _fact(self, name: str, seen: Seen) -> str:
        """The next answer to a question of this name; empty where the customer knows none."""
        answers = self.scenario.knows.get(name, {}).get(self.language, ())
        if not answers:
            return ""
        answer = answers[min(self.told[name], len(answers) - 1)]
        self.told[name] += 1
        if answer.startswith("="):
            return next((label for value, label in seen.choices if value == answer[1:]), "")
        if answer.startswith("#"):
            return self.speech.pick(f"place_{answer[1:]}")[0]
        return answer.replace("{code}", self.mailbox()) if "{code}" in answer else answer

    @staticmethod
    def _wants(goal: Goal, seen: Seen) -> bool:
        if goal.kind not in {"action", "flow"} or (goal.kind == "flow" and goal.outcome == "declined"):
            return False
        return bool({seen.flow, seen.confirms} & set(goal.values)) and is_about(goal, seen.values)

    def _offered(self, seen: Seen) -> str:
        """The title of an article or a flow to choose that is wanted."""
        wanted = {v for goal in self.goals if goal.kind in {"answer_from", "flow", "action"} for v in goal.values}
        return next((title for key, title in seen.suggested if key in wanted), "")

    def _unhelped(self) -> Line | None:
        if self.dice.random() >= self.scenario.protests:
            return self._ends("silent")
        return self._unless_out(
            lambda: self._say("not_helped", (*self.speech.pick("not_helped"), *self._other_wording()))
        )

    def _unless_out(self, otherwise: Callable[[], Line]) -> Line | None:
        """Costs patience; once it is used up, the wish for a person (once) or the end instead."""
        self.patience -= 1
        if self.patience > 0:
            return otherwise()
        if self.scenario.when_out == "leaves" or self.asked_person:
            return self._ends("gave_up")
        self.asked_person = True
        return replace(self._say("person", self.speech.pick("person")), wants_person=True)

    def _other_wording(self) -> Wording:
        """A wording of the present wish that has not been used yet; else the first one, announced as a repetition."""
        assert self.current is not None
        wordings = self.current.says[self.language]
        fresh = [w for w in wordings if w not in self.used]
        if not fresh:
            return (*self.speech.pick("repeats"), *wordings[0])
        chosen = self.dice.choice(fresh)
        self.used.add(chosen)
        return chosen

    def _say(self, intention: Intention, texts: Wording) -> Line:
        wish = self.current if intention in {"wish", "again", "not_helped", "twist"} else None
        return Line(
            self.speech.spoken(texts, self.turn, own=wish is not None),
            intention,
            wants_person=bool(wish and wish.wants_person),
            sensitive=bool(wish and wish.sensitive),
        )

    def _ends(self, end: End) -> Line | None:
        self.end = end
        return None
