"""`kulanz serve`: everything on one machine, watched by one small process."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import httpx

from kulanz.cli.database import database
from kulanz.cli.parent import PARENT_PIPE
from kulanz.core.errors import InvalidInput
from kulanz.settings import parts
from kulanz.settings.logging import logger

log = logger(__name__)
STOP_SECONDS = 25.0
READY_SECONDS = 60.0


def run(options: argparse.Namespace) -> int:
    check_address(options)
    os.environ["KULANZ_DEMO"] = "1" if options.demo else "0"
    os.environ.setdefault("KULANZ_BASE_URL", f"http://{own_address(options.host)}:{options.port}")
    began = time.monotonic()
    with database(options):
        # the other parts load meanwhile and wait for the tables
        return Product(options, subprocess.Popen([*COMMAND, "prepare"])).run(began)


def check_address(options: argparse.Namespace) -> None:
    """Raises InvalidInput for a demo that others could reach, and for a port that is taken."""
    if options.demo and not _is_loopback(options.host):
        raise InvalidInput(
            f"The demo has published passwords, so it listens on this machine only: leave out --host {options.host}, "
            f"or start without --demo."
        )
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except (OSError, OverflowError) as error:
            raise InvalidInput(
                f"Port {options.port} on {options.host} can't be used ({error}). "
                f"Stop what runs there, or choose another with --port."
            ) from error


def own_address(host: str) -> str:
    """The address under which this machine reaches itself when it listens on `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


COMMAND = [sys.executable, "-m", "kulanz.cli"]


@dataclass(slots=True)
class Part:
    """One child process, started again when it dies."""

    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)
    due: float = 0.0  # when it is started again


class Product:
    """Starts the parts, starts a dead one again, and stops them all."""

    def __init__(self, options: argparse.Namespace, preparing: subprocess.Popen[bytes]) -> None:
        self.options = options
        self.preparing = preparing
        self.parts = [Part(["web", "--host", options.host, "--port", str(options.port)])]
        self.parts += [Part(["worker"]) for _ in range(max(1, options.workers))]
        self.stop = threading.Event()
        self.read_end, self.write_end = os.pipe()

    def run(self, began: float) -> int:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop.set())
        try:
            for part in self.parts:
                self._start(part)
            if self._prepared() and self._wait_until_ready():
                self._announce(time.monotonic() - began)
            elif self.preparing.returncode:
                return self.preparing.returncode
            while not self.stop.wait(0.2):
                self._look_after()
        finally:
            self._stop_all()
        return 0

    def _start(self, part: Part) -> None:
        environment = {**os.environ, PARENT_PIPE: str(self.read_end)}
        # a session of its own: Ctrl-C reaches this process alone, which then stops the parts in order
        part.process = subprocess.Popen(
            [*COMMAND, *part.arguments], env=environment, pass_fds=[self.read_end], start_new_session=True
        )
        part.due = 0.0

    def _look_after(self) -> None:
        """Starts what has ended; a part that ends again and again waits for longer, and nobody waits for it."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is None or part.process.poll() is None:
                continue
            if not part.due:
                part.restarts = [t for t in part.restarts if now - t < 60] + [now]
                part.due = now + (min(5.0, 0.1 * 2 ** len(part.restarts)) if len(part.restarts) > 3 else 0)
                log.error("a part ended, starting it again", part=part.arguments[0], status=part.process.returncode)
            if now >= part.due and not self.stop.is_set():
                self._start(part)

    def _prepared(self) -> bool:
        while self.preparing.poll() is None and not self.stop.wait(0.02):
            self._look_after()
        if self.preparing.poll() is None:
            self.preparing.terminate()
        return self.preparing.wait() == 0 and not self.stop.is_set()

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        with httpx.Client(trust_env=False, timeout=2) as client:
            while not self.stop.is_set() and time.monotonic() < deadline:
                try:
                    if client.get(f"{os.environ['KULANZ_BASE_URL']}/readyz").status_code == 200:
                        return True
                except httpx.HTTPError:
                    pass
                self._look_after()
                self.stop.wait(0.05)
        if not self.stop.is_set():
            log.error("the product is not ready yet; /readyz names what is missing", seconds=READY_SECONDS)
        return False

    def _announce(self, seconds: float) -> None:
        base = os.environ["KULANZ_BASE_URL"]
        lines = [f"Kulanz is ready after {seconds:.1f} s. Stop it with Ctrl-C.", ""]
        if self.options.demo:
            lines += [f"  Shop with chat   {base}/demo/shop/", f"  Agents' desk     {base}/desk/", ""]
            lines += ["  Sign-ins (demo only):"]
            lines += [
                f"    {who.role:<14} {who.email}  password: {who.password}" for who in parts.part(parts.DEMO_SIGN_INS)
            ]
        else:
            lines += [f"  Agents' desk     {base}/desk/", f"  API              {base}/api/v1/openapi.json"]
        print("\n".join(lines), flush=True)

    def _stop_all(self) -> None:
        """Workers finish what they have begun; the web part goes last, so that actions can still reach the demo."""
        for part in [*self.parts[1:], self.parts[0]]:
            if part.process and part.process.poll() is None:
                part.process.terminate()
                if part is self.parts[-1]:
                    self._wait_for(self.parts[1:])
        self._wait_for(self.parts)

    def _wait_for(self, parts: list[Part]) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for part in parts:
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()
