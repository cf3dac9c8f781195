"""The parts that a command puts together, by name: `web`, `worker`, `demo` and `cli` do not import each other, just
as Django knows its addresses by name."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

WEB = "kulanz.web.asgi.create_app"
WORKER = "kulanz.worker.worker.work"
DEMO_SEED = "kulanz.demo.seed.do_seed"
DEMO_SIGN_INS = "kulanz.demo.sign_ins.SIGN_INS"
DEMO_URLS = "kulanz.demo.urls"
DEMO_STATE = "kulanz.demo.state.shop_state"
DEMO_CODE = "kulanz.demo.state.newest_code"
SIMULATION = "kulanz.simulation.run.run_simulation"
SIMULATION_WANTED = "kulanz.simulation.run.Wanted"


def part(name: str) -> Any:
    return import_string(name)
