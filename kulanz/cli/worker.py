"""`kulanz worker`: one worker process."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable

from kulanz.cli.database import database, wait_until_migrated
from kulanz.cli.parent import end_with_parent
from kulanz.settings.loading import begin_loading
from kulanz.settings.parts import WORKER, part

CONCURRENCY = 4  # turns at a time; more would only wait for the two or three cores that embeddings use


def run(options: argparse.Namespace) -> int:
    end_with_parent()
    begin_loading()
    with database(options) as url:
        import django

        django.setup()
        work = part(WORKER)  # the imports take longer than the waiting
        wait_until_migrated()
        asyncio.run(_work(work, url))
    return 0


async def _work(work: Callable[..., Awaitable[None]], url: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(url, concurrency=CONCURRENCY, stop=stop)
