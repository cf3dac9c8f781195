"""Kills processes, cuts connections and breaks the back office at random moments while customers confirm."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import psycopg

from kulanz.cli.storm.customers import Log, run_errand
from kulanz.cli.storm.product import REPOSITORY, RunningProduct, clean_environment, until
from kulanz.cli.storm.stock import Errand

AT_ONCE = 12  # customers
WORKERS = 2  # of the nursery, besides the product's own
LONGEST_DELAY = 0.15  # seconds between a customer's message and what befalls it
PER_500 = {"worker": 40, "own_worker": 3, "web": 2, "everything": 1, "database": 25, "office": 45}
MESSAGES_EACH = 2.4  # of a customer, about
OFFICE = ("slow", "down", "fail_before", "fail_after", "lose_answer", "lose_answer", "twice", "garbage")
CUT = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    order by random() limit %s"""
FAULT = """
    insert into demo_shopfault (id, mode, calls, seconds, times) values (1, %(mode)s, %(calls)s, %(seconds)s, %(times)s)
    on conflict (id) do update set mode = excluded.mode, calls = excluded.calls, seconds = excluded.seconds,
        times = excluded.times"""


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
                [sys.executable, "-m", "kulanz.cli.storm.nursery"], env=environment, cwd=REPOSITORY,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1,
            )  # fmt: skip
        self.workers: list[int] = []
        if self._line() != "ready":
            raise AssertionError(f"the nursery did not get ready:\n{product.tail()}")

    def _line(self) -> str:
        return self.process.stdout.readline().strip() if self.process.stdout else ""

    def spawn(self) -> None:
        """One more worker."""
        if self.process.stdin:
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
    """`done` counts what befell the product, by kind; `log` is what the customers know."""

    def __init__(self, product: RunningProduct, seed: int) -> None:
        self.product, self.seed = product, seed
        self.dice = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
        self.log = Log()
        self.done: Counter[str] = Counter()
        self._over = threading.Event()

    def rage(self, errands: list[Errand]) -> None:
        """Until every customer has had their last word."""
        plan = [kind for kind, times in PER_500.items() for _ in range(max(1, times * len(errands) // 500))]
        self.dice.shuffle(plan)
        nursery = Nursery(self.product)
        killer = threading.Thread(target=self._kill, args=(plan, len(errands), nursery), daemon=True)
        try:
            for _ in range(WORKERS):
                nursery.spawn()
            killer.start()
            with ThreadPoolExecutor(AT_ONCE) as customers:
                for number, errand in enumerate(errands):
                    customers.submit(run_errand, self.product, self.log, errand, self.seed + number)
            self._over.set()
            killer.join(180)
        finally:
            nursery.close()
            self._calm()

    def _kill(self, plan: list[str], errands: int, nursery: Nursery) -> None:
        """Spreads the plan over the customers' messages."""
        for number, kind in enumerate(plan):
            due = MESSAGES_EACH * errands * number / len(plan)
            with self.log.posted:
                while self.log.messages < due and not self._over.is_set():
                    self.log.posted.wait(0.5)
            if self._over.is_set():
                return
            time.sleep(self.dice.uniform(0, LONGEST_DELAY))
            try:
                self.done[self._befall(kind, nursery)] += 1
            except (psutil.Error, psycopg.Error, AssertionError) as error:
                if kind == "everything":  # the product did not come back
                    self.log.failed.append(error)
                    return
                self.done["missed"] += 1

    def _befall(self, kind: str, nursery: Nursery) -> str:
        """Does it; what it is called in the report."""
        if kind == "worker":
            return kind if nursery.kill_one(self.dice) else "missed"
        if kind == "everything":
            nursery.kill_all()
            self.product.kill()
            self.product.start()
            for _ in range(WORKERS):
                nursery.spawn()
        elif kind == "database":
            self.product.rows(CUT, self.dice.randint(1, 4))
        elif kind == "office":
            return f"office: {self._break_office()}"
        else:
            part = "worker" if kind == "own_worker" else "web"
            until(f"serve has a {part}", lambda: self.product.children(part), 15)[0].kill()
        return kind

    def _break_office(self) -> str:
        mode = self.dice.choice(OFFICE)
        calls, seconds = self.dice.choice(["writes", "writes", "writes", "all"]), self.dice.choice([0.1, 0.3, 0.3, 1.0])
        how = {"mode": mode, "calls": calls, "seconds": seconds, "times": self.dice.randint(1, 3)}
        with self.product.connect() as connection:
            connection.execute(FAULT, how)
        return mode

    def _calm(self) -> None:
        with suppress(psycopg.Error), self.product.connect() as connection:
            connection.execute("update demo_shopfault set times = 0")
