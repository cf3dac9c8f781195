"""The figures of a simulation, and whether they are good enough. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml

from kulanz.core.errors import InvalidInput
from kulanz.simulation.judge import RIGHT, Judgement, State, Verdict

READ_RULES = ("person_not_granted", "sensitive_answered")
"""Rules that fail where words were not understood. The others depend on nothing but our own code."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STATES: tuple[State, ...] = ("right", "missing", "wrong")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the dialogues of a simulation. Shares are parts of all dialogues, 0 to 1; those of a state (`states`
    has their counts) parts of the dialogues after which the back office was looked at."""

    dialogues: int
    counts: Mapping[Verdict, int]
    turns_median: int
    turns_p95: int
    questions: int
    repeated: int
    breaches: Mapping[str, int]
    reason_differs: int
    states: Mapping[State, int]

    def share(self, name: str) -> float:
        """The share of a verdict, or `state_right` and so on; `right` is that of the two right verdicts together."""
        if name.startswith("state_"):
            looked = sum(self.states.values())
            return sum(n for state, n in self.states.items() if name == f"state_{state}") / max(1, looked)
        names = RIGHT if name == "right" else {name}
        return sum(count for verdict, count in self.counts.items() if verdict in names) / max(1, self.dialogues)


def figures(judgements: Sequence[Judgement]) -> Figures:
    turns = sorted(len(j.dialogue.turns) for j in judgements) or [0]
    breaches = Counter[str](b.rule for j in judgements for b in j.breaches)
    states = Counter(j.state for j in judgements)
    verdicts = Counter(j.verdict for j in judgements)
    return Figures(
        dialogues=len(judgements),
        counts={verdict: verdicts[verdict] for verdict in VERDICTS},
        turns_median=turns[(len(turns) - 1) // 2],
        turns_p95=turns[-(-95 * len(turns) // 100) - 1],
        questions=sum(j.questions for j in judgements),
        repeated=breaches["reply_repeated"],
        breaches=dict(breaches),
        reason_differs=sum(bool(j.reason_differs) for j in judgements),
        states={state: states[state] for state in STATES},
    )


def expectations(file: Path) -> dict[str, Any]:
    """`at_least` and `at_most`: names of shares (or `turns_p95`) with their bounds; `known`: broken rules that are
    known and not mended yet, as `scenario language rule`. Raises InvalidInput."""
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        wanted: dict[str, Any] = {
            side: {str(n): float(v) for n, v in data.get(side, {}).items()} for side in ("at_least", "at_most")
        }
        wanted["known"] = frozenset(str(entry) for entry in data.get("known") or ())
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise InvalidInput(f"{file} can't be read as expectations: {error}. docs/simulation.md shows one.") from error
    known = {"right", "turns_p95", *VERDICTS, *(f"state_{state}" for state in STATES)}
    for name in (*wanted["at_least"], *wanted["at_most"]):
        if name not in known:
            raise InvalidInput(f"{file}: there is no figure {name}. Known: {', '.join(sorted(known))}.")
    if hard := [entry for entry in wanted["known"] if entry.split()[-1] not in READ_RULES]:
        raise InvalidInput(f"{file}: {hard[0]} can't be a known breach; only these can: {', '.join(READ_RULES)}.")
    return wanted


def new_breaches(judgements: Sequence[Judgement], wanted: Mapping[str, Any]) -> int:
    """How many broken rules are not known ones."""
    known = wanted.get("known", frozenset())
    names = (f"{j.dialogue.scenario.name} {j.dialogue.language} {b.rule}" for j in judgements for b in j.breaches)
    return sum(name not in known for name in names)


def missed(got: Figures, wanted: Mapping[str, Any]) -> list[tuple[str, float, str, float]]:
    """(figure, reached, `at_least` or `at_most`, demanded) for every expectation that is not met."""
    found = []
    for side, sign in (("at_least", 1), ("at_most", -1)):
        for name, bound in wanted.get(side, {}).items():
            value = float(got.turns_p95) if name == "turns_p95" else got.share(name)
            if sign * (value - bound) < -1e-9:
                found.append((name, value, side, bound))
    return found
