"""Get a database ready for a command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from kulanz.core.errors import InvalidInput
from kulanz.settings.environment import django_database, ensure_data_dir, read_environment
from kulanz.settings.postgres import EmbeddedPostgres


@contextmanager
def database(options: argparse.Namespace) -> Iterator[str]:
    """The database for the time of a command: the server named by DATABASE_URL, else the embedded one.

    Sets DATABASE_URL and KULANZ_DATA_DIR for this process and those it starts. Raises InvalidInput with the remedy.
    """
    if options.data_dir:
        os.environ["KULANZ_DATA_DIR"] = str(options.data_dir)
    environment = read_environment()
    os.environ["KULANZ_DATA_DIR"] = str(ensure_data_dir(environment.data_dir))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kulanz.settings.django")
    if environment.database_url:
        check_reachable(environment.database_url)
        yield environment.database_url
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped on the way out
    server = EmbeddedPostgres(environment.data_dir)
    server.start()
    os.environ["DATABASE_URL"] = server.url
    try:
        yield server.url
    finally:
        del os.environ["DATABASE_URL"]
        server.stop()


def check_reachable(url: str) -> None:
    """Raises InvalidInput where the server can't be used: unreachable, too old, or without pgvector."""
    django_database(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
            vector = connection.execute("select 1 from pg_available_extensions where name = 'vector'").fetchone()
    except psycopg.OperationalError as error:
        where = psycopg.conninfo.conninfo_to_dict(url)
        last_line = str(error).strip().splitlines()[-1]
        raise InvalidInput(
            f"The database at {where.get('host', 'localhost')} can't be reached: {last_line}. "
            f"Check DATABASE_URL and that the server runs, or unset it to use the embedded PostgreSQL."
        ) from error
    if version < 150000:
        raise InvalidInput(f"PostgreSQL {version // 10000} is too old; Kulanz needs 15 or newer.")
    if not vector:
        raise InvalidInput(
            "This PostgreSQL lacks the extension pgvector. Install it there (package postgresql-NN-pgvector)."
        )


def ready_django() -> None:
    """Django on a database of this version: for commands that work beside or without a running product."""
    import django

    django.setup()
    migrate()


def wait_until_migrated() -> None:
    """Returns once the tables are those of this version: a part may be started before the database is prepared."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    while True:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            connection.close()
            return
        time.sleep(0.1)


def migrate() -> None:
    """Applies the migrations that are missing; costs one query where there are none."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:  # several machines may start at once
        cursor.execute("select pg_advisory_lock(%s)", [0x4B554C])
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [0x4B554C])
