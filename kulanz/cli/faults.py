"""`kulanz faults`: writing flows while everything around them dies. Exit status 1 where a promise broke.

It starts a product of its own with the demo company in a throw-away folder, lets customers cancel orders and ask for
invoices, and kills workers, the web process and everything at once, cuts database connections and breaks the back
office at random moments. Afterwards it compares what the back office did with what Kulanz says.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from typing import Any

from kulanz.cli.storm.product import RunningProduct, running_product
from kulanz.cli.storm.proof import Proof, prove
from kulanz.cli.storm.stock import do_stock
from kulanz.cli.storm.storm import Storm

SHOWN = 10  # of each kind of breach


def run(options: argparse.Namespace) -> int:
    seed = options.seed or random.SystemRandom().randrange(1, 10**6)
    with running_product() as product:
        result = weather(product, options.runs, seed)
        if not result["holds"] and options.keep_log:
            options.keep_log.write_bytes(product.log.read_bytes())
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else told(result))
    return 0 if result["holds"] else 1


def weather(product: RunningProduct, runs: int, seed: int) -> dict[str, Any]:
    """Lets a storm of that many runs rage over a running product; what befell it, and whether its promises held."""
    began = time.monotonic()
    errands = do_stock(product, runs, random.Random(seed))  # noqa: S311 - to be repeated, not a secret
    storm = Storm(product, seed)
    storm.rage(errands)
    raged = time.monotonic() - began
    proof: Proof = prove(product, storm.log)
    taken_over = product.log.read_text(errors="replace").count("taking over the job of a dead worker")
    return {
        "runs": runs,
        "seed": seed,
        "holds": proof.holds,
        "seconds": round(raged, 1),
        "befell": dict(sorted(storm.done.items())),
        "habits": dict(sorted(storm.log.habits.items())),
        "figures": proof.figures | {"turns cut off and taken over": taken_over},
        "broken": {promise: breaches[:SHOWN] for promise, breaches in proof.broken.items()},
        "counts": {promise: len(breaches) for promise, breaches in proof.broken.items()},
    }


def told(result: dict[str, Any]) -> str:
    """The report as text."""
    lines = [f"{result['runs']} runs in {result['seconds']} s, seed {result['seed']}"]
    for title, part in (
        ("What befell it", "befell"),
        ("How customers wrote", "habits"),
        ("What came of it", "figures"),
    ):
        lines += ["", title, *(f"  {count:>6}  {name}" for name, count in result[part].items())]
    lines += ["", "Promises"]
    for promise, count in result["counts"].items():
        lines += [f"  {count:>6}  {promise}", *(f"          {breach}" for breach in result["broken"][promise])]
    return "\n".join([*lines, "", "Every promise held." if result["holds"] else "A PROMISE BROKE."])
