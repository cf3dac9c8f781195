"""A throw-away product: the same processes, database and files as `kulanz serve --demo` gives everybody."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from django.utils.crypto import salted_hmac

import kulanz
from kulanz.settings.postgres import EmbeddedPostgres

REPOSITORY = Path(kulanz.__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "kulanz.cli"]
READY_SECONDS = 150.0  # where other work shares the machine; docs/measurements.md has the real figure


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without the suite's own database and settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KULANZ_", "DJANGO_", "PYTEST_"))}
    kept.pop("DATABASE_URL", None)
    return kept | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, condition: Callable[[], Any], seconds: float) -> Any:
    """The condition's first true value; fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)
    return value


class RunningProduct:
    """`kulanz serve --demo` on a port and in a data folder of its own; can be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "product.log"
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process: psutil.Popen | None = None

    @property
    def _serve(self) -> psutil.Popen:
        if self.process is None:
            raise AssertionError("the product was never started")
        return self.process

    @property
    def database_url(self) -> str:
        return EmbeddedPostgres(self.data_dir).url

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to the product's own database, each statement a transaction."""
        return psycopg.connect(self.database_url, autocommit=True)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def client(self, timeout: float = 40) -> httpx.Client:
        return httpx.Client(base_url=self.base, timeout=timeout, trust_env=False)

    def start(self) -> float:
        """Starts the product; returns the seconds until it says that it is ready."""
        began, seen = time.monotonic(), self.log.stat().st_size if self.log.exists() else 0
        arguments = ["serve", "--demo", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                [*COMMAND, *arguments], env=clean_environment(PYTHONUNBUFFERED="1"), cwd=REPOSITORY,
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

        def ready() -> bool:
            if self._serve.poll() is not None:
                raise AssertionError(f"the product ended:\n{self.tail()}")
            return b"Kulanz is ready" in self.log.read_bytes()[seen:]

        until("the product is ready", ready, READY_SECONDS)
        return time.monotonic() - began

    def children(self, kind: str = "") -> list[psutil.Process]:
        """The parts that serve has started, all or one kind (web, worker)."""
        found = []
        with suppress(psutil.Error):
            for child in self.process.children() if self.process else []:
                with suppress(psutil.Error):
                    if not kind or kind in child.cmdline():
                        found.append(child)
        return found

    def postgres(self) -> list[psutil.Process]:
        """The postmaster and its children; nothing if it is not running."""
        try:
            pid = int((self.data_dir / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
            postmaster = psutil.Process(pid)
            return [postmaster, *postmaster.children()] if "postgres" in postmaster.name() else []
        except (OSError, ValueError, psutil.Error):
            return []

    def stop(self, seconds: float = 40) -> int:
        """Asks politely; returns the exit status."""
        self._serve.send_signal(signal.SIGTERM)
        return int(self._serve.wait(seconds))

    def kill(self) -> None:
        """Everything at once, as when the power fails; PostgreSQL's own processes follow their postmaster."""
        doomed = [self._serve, *self.children(), *self.postgres()[:1]]
        for process in doomed:
            with suppress(psutil.Error):
                process.kill()
        self._serve.wait(10)
        psutil.wait_procs(doomed, timeout=10)

    def backoffice_key(self) -> str:
        secret = (self.data_dir / "secret-key").read_text()
        return salted_hmac("kulanz.demo.backoffice", "api-key", secret=secret).hexdigest()

    def fault(self, mode: str, times: int = 1, calls: str = "all", seconds: float = 0) -> None:
        """The back office plays this fault for its next calls."""
        wanted = {"mode": mode, "times": times, "calls": calls, "seconds": seconds}
        with self.client() as client:
            path, headers = "/demo/backoffice/api/v1/_faults", {"X-Api-Key": self.backoffice_key()}
            client.post(path, json=wanted, headers=headers).raise_for_status()

    def tail(self, length: int = 6000) -> str:
        return self.log.read_bytes()[-length:].decode("utf-8", "replace") if self.log.exists() else ""


@contextmanager
def running_product() -> Iterator[RunningProduct]:
    """A product in a temporary folder; the folder and every process are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kulanz-product-"))
    product = RunningProduct(folder)
    try:
        product.start()
        yield product
    finally:
        if product.process and product.process.poll() is None:
            try:
                product.stop()
            except psutil.TimeoutExpired:
                product.kill()
        for left in product.postgres()[:1]:
            left.kill()
        shutil.rmtree(folder, ignore_errors=True)
