"""`kulanz bench`: how fast the whole product is on this machine. Everything it prints, it has measured just now.

It starts a product of its own with the demo company in a throw-away folder, in the embedded default, and speaks to
it over HTTP as customers do. The load generator shares the machine's cores with the product.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import psutil

from kulanz.cli import bench_desk
from kulanz.core.errors import InvalidInput

CUSTOMERS_PER_SECOND = 10.0
SUSTAINED_PER_SECOND = 40.0


def run(options: argparse.Namespace) -> int:
    if options.what == "desk":
        return bench_desk.run(options)
    result: dict[str, Any] = {"cores": os.cpu_count()}
    with tempfile.TemporaryDirectory(prefix="kulanz-bench-") as folder:
        data = Path(folder) / "data"
        with product(data) as (_, seconds):
            result["first_start_seconds"] = round(seconds, 2)
        with product(data) as (base, seconds):
            result["later_start_seconds"] = round(seconds, 2)
            parent = psutil.Process(_SERVE[-1].pid)
            time.sleep(5)  # at rest: what start-up used has been given back
            result["memory_at_rest_mb"] = memory(parent, data)
            result["live"] = asyncio.run(live(base, options.seconds))
            result["sustained"] = asyncio.run(sustained(base, options.seconds))
            result["memory_after_load_mb"] = memory(parent, data)
    print(json.dumps(result, indent=2))
    return 0


_SERVE: list[subprocess.Popen[str]] = []


@contextmanager
def product(data: Path) -> Iterator[tuple[str, float]]:
    """A running product with the demo company: its address and the seconds from the command to ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "KULANZ_BASE_URL"}}
    command = [sys.executable, "-m", "kulanz.cli", "serve", "--demo", "--port", str(port), "--data-dir", str(data)]
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    _SERVE.append(process)
    base = f"http://127.0.0.1:{port}"
    try:
        if process.stdout is None or "is ready" not in process.stdout.readline():
            raise InvalidInput("The product did not get ready; its log is above.")
        yield base, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def memory(parent: psutil.Process, data: Path) -> dict[str, float]:
    """Proportional set size in MB of every process of the product (shared pages are counted once)."""
    processes = [parent, *parent.children(recursive=True)]
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    database = [psutil.Process(postmaster), *psutil.Process(postmaster).children()]
    own, theirs = (sum(_pss(p) for p in group) / 1e6 for group in (processes, database))
    return {"kulanz": round(own), "postgresql": round(theirs), "total": round(own + theirs)}


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def questions() -> list[tuple[str, str]]:
    """(text, language): the demo's test questions and intent examples, shuffled with a fixed seed."""
    demo = files("kulanz") / "demo"
    rows = [json.loads(line) for name in ("questions.jsonl", "intents.jsonl") for line in _lines(demo / name)]
    pairs = [(row["text"], row["language"]) for row in rows]
    random.Random(5).shuffle(pairs)  # noqa: S311 - a fixed order, not a secret
    return pairs


def _lines(file: Any) -> list[str]:
    text: str = file.read_text(encoding="utf-8")
    return text.splitlines()


async def live(base: str, seconds: float) -> dict[str, Any]:
    """Ten customers' messages a second, each with a live stream: from sending to the first reply in the stream."""
    async with httpx.AsyncClient(
        base_url=base, timeout=60, trust_env=False, limits=httpx.Limits(max_connections=None)
    ) as client:
        count = int(seconds * CUSTOMERS_PER_SECOND)
        texts = questions()[:count]
        opened = [await _open(client, language) for _, language in texts]
        await asyncio.gather(*(_customer(client, *opened[i], texts[i][0], 0.05 * i) for i in range(10)))  # warm up
        tasks = [
            asyncio.create_task(_customer(client, *opened[i], texts[i][0] + " ", i / CUSTOMERS_PER_SECOND))
            for i in range(10, count)
        ]
        taken = sorted(1000 * t for t in await asyncio.gather(*tasks))
    return {
        "messages_per_second": CUSTOMERS_PER_SECOND,
        "messages": len(taken),
        "first_reply_ms": {"p50": round(statistics.median(taken)), "p95": round(taken[int(0.95 * len(taken))])},
    }


async def _open(client: httpx.AsyncClient, language: str) -> tuple[str, dict[str, str]]:
    body = {"channel": "web_chat", "language": language, "customer": {"email": "anna.beispiel@example.com"}}
    answer = (await client.post("/api/v1/conversations", json=body)).json()
    return answer["id"], {"Authorization": f"Bearer {answer['token']}"}


async def _customer(client: httpx.AsyncClient, conversation: str, key: dict[str, str], text: str, at: float) -> float:
    """Connects the stream, writes at the given second, returns the seconds until a reply is in the stream."""
    await asyncio.sleep(max(0.0, at))
    async with client.stream("GET", f"/live/conversations/{conversation}", headers=key) as stream:
        lines = stream.aiter_lines()
        while "event: ready" not in await anext(lines):
            pass
        began = time.perf_counter()
        body = {"text": text, "client_message_id": os.urandom(8).hex()}
        sending = asyncio.create_task(
            client.post(f"/api/v1/conversations/{conversation}/messages", json=body, headers=key)
        )
        async for line in lines:
            if line.startswith("data: ") and '"author": "customer"' not in line and '"seq"' in line:
                break
        taken = time.perf_counter() - began
        await sending
        return taken


async def sustained(base: str, seconds: float) -> dict[str, Any]:
    """As many messages as asked for, then how long the last reply takes: what comes out per second."""
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
        count = int(seconds * SUSTAINED_PER_SECOND)
        texts = questions()
        opened = [await _open(client, texts[i % len(texts)][1]) for i in range(count)]
        began = time.perf_counter()
        await asyncio.gather(*(_post(client, *opened[i], texts[i % len(texts)][0], began, i) for i in range(count)))
        sent = time.perf_counter() - began
        backlog = await _waiting(client)
        while await _waiting(client):
            await asyncio.sleep(0.05)
        taken = time.perf_counter() - began
    return {
        "sent_per_second": round(count / sent, 1),
        "answered_per_second": round(count / taken, 1),
        "messages": count,
        "unanswered_when_the_last_was_sent": backlog,
    }


async def _post(
    client: httpx.AsyncClient, conversation: str, key: dict[str, str], text: str, began: float, number: int
) -> None:
    await asyncio.sleep(max(0.0, began + number / SUSTAINED_PER_SECOND - time.perf_counter()))
    body = {"text": f"{text}  ", "client_message_id": os.urandom(8).hex()}
    await client.post(f"/api/v1/conversations/{conversation}/messages", json=body, headers=key)


async def _waiting(client: httpx.AsyncClient) -> int:
    """How many turns are waiting or running, as /readyz tells it."""
    return int((await client.get("/readyz")).json()["jobs"])
