"""`kulanz bench desk`: how fast the desk is when much has been said. Everything it prints, it has measured just now.

It fills a database of its own in a throw-away folder (or in one that is kept with `--keep`), set by set, and asks the
desk's pages for it through Django, with all their queries; only the network and the browser are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kulanz.cli.database import ready_django
from kulanz.settings.environment import ensure_data_dir
from kulanz.settings.postgres import EmbeddedPostgres

MESSAGES_EACH = 5  # in a conversation
OPEN_EACH = 20  # one of so many conversations is open
AGENTS = 100
LIMITS = {"list": 100, "open_conversation": 150, "search": 300}
"""Milliseconds that nineteen of twenty must stay below."""


def run(options: argparse.Namespace) -> int:
    with _folder(options.keep) as folder, _database(folder):
        from kulanz.cli.bench_desk_data import do_fill, filled

        began = time.monotonic()
        if not filled():
            do_fill(options.messages // MESSAGES_EACH, OPEN_EACH, AGENTS)
            _settle()
        result: dict[str, Any] = {
            "cores": os.cpu_count(),
            **_sizes(),
            "filled_seconds": round(time.monotonic() - began),
        }
        result |= {**measured(options.requests), "load": os.getloadavg()[0]}
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return 0 if all(result[name]["p95"] <= limit for name, limit in LIMITS.items()) else 1


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="kulanz-bench-") as folder:
        yield Path(folder)


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """A server of its own, whatever DATABASE_URL says: what is measured here is never somebody's data."""
    os.environ["KULANZ_DATA_DIR"] = str(ensure_data_dir(folder / "data"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kulanz.settings.django")
    server = EmbeddedPostgres(folder / "data")
    server.start()
    os.environ["DATABASE_URL"] = server.url
    try:
        ready_django()
        yield
    finally:
        from django.db import connection

        connection.close()
        server.stop()


def _settle() -> None:
    """What PostgreSQL does by itself after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _sizes() -> dict[str, int]:
    from kulanz.inbox.models import Conversation, Message, Status

    return {
        "messages": Message.objects.count(),
        "conversations": Conversation.objects.count(),
        "open": Conversation.objects.exclude(status=Status.RESOLVED).count(),
    }


def measured(requests: int) -> dict[str, Any]:
    """What the pages take, in milliseconds: so many requests of each kind, after a few to warm up."""
    from kulanz.cli.bench_desk_data import addresses

    ask = _browser()
    result: dict[str, Any] = {}
    for name, pages in addresses(requests).items():
        for page in pages[:10]:
            ask(page)
        result[name] = _figures([(ask(page), page) for page in pages])
    return result


def _browser() -> Callable[[str], float]:
    """Asks for a page as a signed-in agent; returns the milliseconds."""
    from django.test import Client

    from kulanz.accounts.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email="agent1@bench.example"))

    def ask(page: str) -> float:
        began = time.perf_counter()
        response = client.get(page)
        taken = 1000 * (time.perf_counter() - began)
        if response.status_code != 200:
            raise AssertionError(f"{page}: {response.status_code}")
        return taken

    return ask


def _figures(taken: list[tuple[float, str]]) -> dict[str, Any]:
    taken.sort()
    times = [milliseconds for milliseconds, _ in taken]
    return {
        "requests": len(times),
        "p50": round(statistics.median(times)),
        "p95": round(times[int(0.95 * len(times))]),
        "slowest": f"{times[-1]:.0f} {taken[-1][1]}",
    }
