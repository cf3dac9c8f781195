"""`kulanz prepare`: the database at this version, and in demo mode the demo company."""

from __future__ import annotations

import argparse
import sys

from kulanz.cli.database import database, ready_django
from kulanz.settings.loading import begin_loading
from kulanz.settings.parts import DEMO_SEED, part


def run(options: argparse.Namespace) -> int:
    begin_loading()  # up to the end, which comes soon
    with database(options):
        ready_django()
        from django.conf import settings

        from kulanz.flows.actions import do_fetch_descriptions
        from kulanz.flows.definitions import active_flows

        if settings.DEMO:
            part(DEMO_SEED)()
        for problem in do_fetch_descriptions():
            print(f"kulanz: {problem}", file=sys.stderr)
        active_flows()  # a flow with a mistake stops the start, not a customer
    return 0
