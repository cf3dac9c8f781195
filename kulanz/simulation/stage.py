"""A database of the simulation's own, with the demo company in it and its back office at work."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from kulanz.core.errors import InvalidInput
from kulanz.settings.environment import ensure_data_dir, read_environment
from kulanz.settings.parts import DEMO_SEED, part
from kulanz.settings.postgres import EmbeddedPostgres
from kulanz.simulation.clock import OPEN, clock

if TYPE_CHECKING:
    from django.core.servers.basehttp import ThreadedWSGIServer

PACKAGE = Path(__file__).resolve().parents[1]
SEEDED_BY = ("accounts", "core", "demo", "knowledge", "nlp", "understanding")
"""The rooms whose content decides what a seeded database looks like, beside every migration."""


@contextmanager
def own_stage(start: datetime = OPEN) -> Iterator[None]:
    """For the time of a command: a fresh copy of the seeded database, gone afterwards. Live data is not touched.

    The server lies in the folder `simulation` of the data folder, never the one that DATABASE_URL names. The seeded
    template is made once for each state of the seed. Time begins at `start`, on the day of the seed.
    """
    data_dir = ensure_data_dir(read_environment().data_dir)
    folder = data_dir / "simulation"
    folder.mkdir(exist_ok=True, mode=0o700)
    server, name = EmbeddedPostgres(folder, durable=False), f"run_{os.getpid()}"
    server.start()
    back_office = _back_office()
    try:
        _setup_django(server.url, back_office.server_port)
        with clock():
            template = _template(server.url)
        _create(server.url, name, template)
        _use(name)
        _open(back_office)
        with clock(start):
            yield
    finally:
        back_office.server_close()
        _leave()
        _drop(server.url, name)
        server.stop()


def seed_version() -> str:
    """A hash over everything that a seeded database is made from, and its day."""
    digest = hashlib.sha256(OPEN.isoformat().encode())  # the shop's dates lie around this day
    files = {f for room in SEEDED_BY for f in (PACKAGE / room).rglob("*") if "scenarios" not in f.parts}
    files |= set(PACKAGE.glob("*/migrations/*.py"))
    for file in sorted(f for f in files if f.suffix in {".py", ".md", ".jsonl", ".yaml", ".npz", ".json"}):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _template(url: str) -> str:
    """The name of the seeded database; made where it is missing, and then those of other states are dropped."""
    name = f"seed_{seed_version()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [0x53494D])  # two simulations may start at once
        known = {row[0] for row in connection.execute("select datname from pg_database where datname like 'seed_%'")}
        if name in known:
            return name
        for other in known:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(other)))
        half = f"half_{name}"
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(half)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(half)))
        _use(half)
        _seed()
        _leave()
        connection.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(half), sql.Identifier(name)))
    return name


def _setup_django(url: str, port: int) -> None:
    import django

    os.environ["DATABASE_URL"] = url
    os.environ["KULANZ_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kulanz.settings.django")
    os.environ["KULANZ_BASE_URL"] = f"http://127.0.0.1:{port}"
    django.setup()


def _seed() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    part(DEMO_SEED)()


def _use(name: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name  # the same mapping for every thread's connection


def _leave() -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connection

    try:
        connection.close()
    except ImproperlyConfigured:  # stopped before Django was set up
        return


def _create(url: str, name: str, template: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _back_office() -> ThreadedWSGIServer:
    """The demo's back office behind real HTTP, as the flows know it; bound at once, because the settings want its
    address, and given its application by `_open`."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    quiet = type("QuietHandler", (WSGIRequestHandler,), {"log_message": lambda *_: None})
    try:
        return ThreadedWSGIServer(("127.0.0.1", 0), quiet)
    except OSError as error:
        raise InvalidInput(f"No port is free for the simulated back office: {error.strerror}.") from error


def _open(server: ThreadedWSGIServer) -> None:
    from django.core.wsgi import get_wsgi_application

    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
