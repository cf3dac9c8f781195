"""A whole simulation, from the scenario files to the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.simulation.clock import CLOSED, OPEN
from kulanz.simulation.figures import expectations, figures, missed, new_breaches
from kulanz.simulation.files import EXPECTED, scenarios_from
from kulanz.simulation.judge import Judgement, judge
from kulanz.simulation.report import as_json, as_text
from kulanz.simulation.scenario import Scenario
from kulanz.simulation.stage import own_stage

Part = tuple[Scenario, str, int]
"""What is played: a scenario, the language, the seed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to play. `spoken` narrows to one language; each scenario is played `plays` times, from `seed` on;
    `closed`: outside the opening hours."""

    files: Sequence[Path]
    only: str = ""
    spoken: str = ""
    seed: int = 1
    plays: int = 1
    fast: bool = False
    closed: bool = False
    expect: Path | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`failed`: a rule that always holds was broken, or a figure is not as demanded."""

    text: str
    data: dict[str, Any]
    failed: bool


def run_simulation(wanted: Wanted, language: str, worst: int, watch: Callable[[Any, int], Any]) -> Result:
    """Plays everything in a database of its own. `watch` is handed the dialogues as they come and their number."""
    planned = parts(wanted)
    demanded = demands(wanted)
    with own_stage(CLOSED if wanted.closed else OPEN):
        judgements = list(watch(simulate(planned), len(planned)))
        return result(judgements, demanded, language, worst)


def result(judgements: Sequence[Judgement], demanded: dict[str, Any], language: str, worst: int) -> Result:
    under = missed(figures(judgements), demanded)
    failed = bool(under) or new_breaches(judgements, demanded) > 0
    return Result(as_text(judgements, under, language, worst), as_json(judgements, under), failed)


def parts(wanted: Wanted) -> list[Part]:
    """What is to be played. Raises InvalidInput for a name that no scenario has."""
    scenarios = [s for s in scenarios_from(wanted.files) if wanted.only in {"", s.name} and (s.fast or not wanted.fast)]
    planned = [
        (scenario, spoken, wanted.seed + number)
        for scenario in scenarios
        for spoken in scenario.languages
        if wanted.spoken in {"", spoken}
        for number in range(wanted.plays)
    ]
    if not planned:
        raise InvalidInput("No scenario is left to play: check the names, --only, --in and --fast.")
    return planned


def demands(wanted: Wanted) -> dict[str, Any]:
    """What must be reached: the file named, else the folder's own, which holds for all of its scenarios alone."""
    if wanted.expect:
        return expectations(wanted.expect)
    own = [folder / EXPECTED for folder in wanted.files if (folder / EXPECTED).is_file()]
    whole = not (wanted.only or wanted.spoken or wanted.fast) and len(wanted.files) == 1
    expected = expectations(own[0]) if own else {}
    return expected if whole else {"known": expected.get("known", frozenset())}


def simulate(planned: Sequence[Part]) -> Iterator[Judgement]:
    """Plays one after the other in the database in use: that of `own_stage`, or a test's."""
    from kulanz.simulation.play import keep_shop, play  # brings the tables along, which want Django set up

    keep_shop()
    for scenario, language, seed in planned:
        yield judge(play(scenario, language, seed))
