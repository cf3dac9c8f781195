"""`kulanz simulate FILE…`: simulated customers talk to the running pipeline, in a database of their own."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from kulanz.settings.parts import SIMULATION, SIMULATION_WANTED, part


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where a rule that always holds was broken or a figure is not as demanded."""
    if options.data_dir:
        os.environ["KULANZ_DATA_DIR"] = str(options.data_dir)
    names = ("files", "only", "spoken", "seed", "plays", "fast", "closed", "expect")
    wanted = part(SIMULATION_WANTED)(**{name: getattr(options, name) for name in names})

    def watch(dialogues: Iterable[Any], number: int) -> Any:
        return tqdm(
            dialogues, total=number, unit="dialogue", dynamic_ncols=True, disable=None
        )  # none where nobody looks

    result = part(SIMULATION)(wanted, options.language, options.worst, watch)
    print(json.dumps(result.data, ensure_ascii=False) if options.json else result.text)
    return 1 if result.failed else 0
