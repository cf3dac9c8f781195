"""`kulanz worker`: one worker process."""

from __future__ import annotations

import argparse
import asyncio
import signal

from kulanz.cli.database import database
from kulanz.cli.parent import end_with_parent
from kulanz.settings.parts import WORKER, part

CONCURRENCY = 4  # turns at a time; more would only wait for the two or three cores that embeddings use


def run(options: argparse.Namespace) -> int:
    end_with_parent()
    with database(options) as url:
        import django

        django.setup()
        asyncio.run(_work(url))
    return 0


async def _work(url: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await part(WORKER)(url, concurrency=CONCURRENCY, stop=stop)
