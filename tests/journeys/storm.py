"""Kills processes of a running product at random moments while customers write."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil

from tests.journeys.customers import Accepted, cancelling, curious
from tests.journeys.product import REPOSITORY, RunningProduct, clean_environment, until

LONGEST_DELAY = 0.15  # seconds between a customer's message and the kill


class Nursery:
    """More workers on the product's database, as on other machines; see nursery.py."""

    def __init__(self, product: RunningProduct) -> None:
        self.product = product
        environment = clean_environment(
            DATABASE_URL=product.database_url, KULANZ_DATA_DIR=str(product.data_dir), KULANZ_DEMO="1",
            KULANZ_BASE_URL=product.base, DJANGO_SETTINGS_MODULE="kulanz.settings.django",
            OMP_NUM_THREADS="1",  # a forked process can't use the threads of the one it came from
        )  # fmt: skip
        with product.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.nursery"], env=environment, cwd=REPOSITORY,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1,
            )  # fmt: skip
        assert self._line() == "ready"
        self.workers: list[int] = []

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def spawn(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.workers.append(int(self._line()))

    def kill_one(self, dice: random.Random) -> bool:
        """Kills one of its workers and starts the next."""
        alive = [pid for pid in self.workers if psutil.pid_exists(pid)]
        if alive:
            psutil.Process(dice.choice(alive)).kill()
        self.workers = alive
        self.spawn()
        return bool(alive)

    def kill_all(self) -> None:
        for pid in self.workers:
            with suppress(psutil.Error):
                psutil.Process(pid).kill()
        self.workers = []

    def close(self) -> None:
        self.kill_all()
        self.process.kill()
        self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


class Storm:
    """`kills` names what is killed, in a random order: worker (of the nursery), own_worker, web, everything."""

    def __init__(self, product: RunningProduct, seed: int, kills: dict[str, int]) -> None:
        self.product, self.seed = product, seed
        self.dice = random.Random(seed)
        self.plan = [kind for kind, times in kills.items() for _ in range(times)]
        self.dice.shuffle(self.plan)
        self.accepted = Accepted()
        self.done: Counter[str] = Counter()
        self.failed: list[BaseException] = []

    def run(self, orders: list[tuple[str, str]], customers: int) -> Accepted:
        """Lets it rage until the plan is done; every customer has left afterwards."""
        nursery = Nursery(self.product)
        shared = _Shared(orders)
        threads = [self._thread(cancelling, shared) for _ in range(2)]
        threads += [self._thread(curious, random.Random(self.seed + n)) for n in range(customers)]
        try:
            for _ in range(2):
                nursery.spawn()
            for thread in threads:
                thread.start()
            for kind in self.plan:
                self._kill(kind, nursery)
        finally:
            self.accepted.over.set()
            for thread in threads:
                thread.join(60)
            nursery.close()
        assert not self.failed, self.failed
        return self.accepted

    def _thread(self, story: Callable[..., None], argument: object) -> threading.Thread:
        def play() -> None:
            try:
                if isinstance(argument, random.Random):
                    story(self.product, self.accepted, argument)
                else:
                    story(self.product, self.accepted, argument)
            except (AssertionError, ArithmeticError, LookupError, OSError, ValueError) as error:
                self.failed.append(error)

        return threading.Thread(target=play, daemon=True)

    def _kill(self, kind: str, nursery: Nursery) -> None:
        with self.accepted.posted:
            self.accepted.posted.wait(3)
        time.sleep(self.dice.uniform(0, LONGEST_DELAY))
        if kind == "worker":
            self.done[kind] += nursery.kill_one(self.dice)
        elif kind == "everything":
            nursery.kill_all()
            self.product.kill()
            self.done[kind] += 1
            self.product.start()
            for _ in range(2):
                nursery.spawn()
        else:
            part = "worker" if kind == "own_worker" else "web"
            victims = until(f"serve has a {part}", lambda: self.product.children(part), 15)
            victims[0].kill()
            self.done[kind] += 1


class _Shared:
    """An iterator that several customers may draw from."""

    def __init__(self, orders: list[tuple[str, str]]) -> None:
        self._orders = iter(orders)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self

    def __next__(self) -> tuple[str, str]:
        with self._lock:
            return next(self._orders)
