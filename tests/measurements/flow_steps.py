"""`python -m tests.measurements.flow_steps`: what flows cost of our own time.

Plays the simulated customers of the demo's flows against the demo's back office over HTTP, and takes off the time that
the back office had: what remains is ours, with every query to PostgreSQL. Then 1,000 flows wait for an event: how long
one event takes to find its flow, and what the look at the clock costs that a worker takes once a minute.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

SCENARIOS = Path(__file__).parents[2] / "kulanz" / "demo" / "scenarios" / "flows"
WAITING = 1_000
TIMES = 50


class Clock:
    """Milliseconds by what they were spent on, each turn's own list entry made by `turn`."""

    def __init__(self) -> None:
        self.turns: list[dict[str, float]] = []
        self.now: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.now[name] = self.now.get(name, 0.0) + (time.perf_counter() - began) * 1000

        return run

    def turn(self, function: Callable[..., Any]) -> Callable[..., Any]:
        timed = self.timed("turn", function)

        def run(*arguments: Any, **named: Any) -> Any:
            self.now = {}
            try:
                return timed(*arguments, **named)
            finally:
                self.turns.append(self.now)

        return run


def main() -> None:
    import os

    with tempfile.TemporaryDirectory(prefix="kulanz-steps-") as folder:
        os.environ["KULANZ_DATA_DIR"] = folder
        from kulanz.simulation.stage import own_stage

        with own_stage():
            print(json.dumps({"steps": steps(), "waiting": waiting()}, indent=2))


def steps() -> dict[str, Any]:
    """Own milliseconds of a flow's step (its playing and storing), and of the whole turn around it."""
    from kulanz.flows.back_offices.http import HttpOperation
    from kulanz.simulation.files import scenarios_from
    from kulanz.simulation.play import keep_shop, play
    from kulanz.turns import carry_out, customer_turn

    clock = Clock()
    keep_shop()
    with ExitStack() as stack:
        for owner, name in ((carry_out, "advance"), (customer_turn, "do_store_flow"), (HttpOperation, "_exchange")):
            stack.enter_context(patch.object(owner, name, clock.timed(name, getattr(owner, name))))
        stack.enter_context(patch("kulanz.simulation.play.customer_turn", clock.turn(customer_turn.customer_turn)))
        for number, scenario in enumerate(scenarios_from([SCENARIOS])):
            for language in scenario.languages:
                play(scenario, language, number)
    played = [turn for turn in clock.turns if "advance" in turn]
    outside = [turn.get("_exchange", 0.0) for turn in played]
    own = [t["advance"] + t.get("do_store_flow", 0.0) - out for t, out in zip(played, outside, strict=True)]
    turns = [t["turn"] - out for t, out in zip(played, outside, strict=True)]
    return {
        "turns": len(played),
        "own_step_ms": _shares(own),
        "own_turn_ms": _shares(turns),
        "outside_ms": _shares(outside),
    }


def waiting() -> dict[str, Any]:
    """1,000 flows that wait for an event: milliseconds to tell one of them, and to look whose time is over."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from kulanz.flows.models import Awaits, FlowRun
    from kulanz.flows.waking import do_tell_event, do_wake_late
    from kulanz.inbox.conversations import Claims, do_open_conversation

    until = timezone.now() + timedelta(days=14)
    for number in range(WAITING):
        conversation, _ = do_open_conversation("web_chat", "en", Claims(external_id=uuid4().hex))
        FlowRun.objects.create(
            conversation=conversation, flow="return_item", version="measured", awaits=Awaits.EVENT,
            event="parcel_back", event_key=f"RT-{number:05}", wakes_at=until, state={"known": {}, "log": []},
        )  # fmt: skip
    looks = [_milliseconds(do_wake_late) for _ in range(TIMES)]
    with CaptureQueriesContext(connection) as queries:
        do_wake_late()
    tells = [_milliseconds(partial(do_tell_event, "parcel_back", f"RT-{n:05}", {})) for n in range(TIMES)]
    return {"flows": WAITING, "look_ms": _shares(looks), "queries_a_look": len(queries), "tell_ms": _shares(tells)}


def _milliseconds(function: Callable[[], Any]) -> float:
    began = time.perf_counter()
    function()
    return (time.perf_counter() - began) * 1000


def _shares(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}


if __name__ == "__main__":
    main()
