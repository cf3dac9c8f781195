"""The rows of the test database: emptied, kept and put back, at a hundredth of what a flush and setting up the demo
company would cost. Only what has changed is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

_TABLES = """
    select c.relname from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    and c.relname !~ '^(django_(migrations|content_type)|auth_|procrastinate_workers)' order by 1"""
_STATE = """
    select {name}, count(*), sum(hashtextextended(xmin::text || ctid::text, 0)), array_agg(distinct xmin::text)
    from {table}"""
_STALE = timedelta(hours=1)  # what the demo company is made of lies around the time of its making

_made: dict[Callable[[], None], Snapshot] = {}

State = dict[str, tuple[Any, ...]]
"""Table → how many rows, a number that changes with every row that is added, changed or removed, and which transactions
have written them."""


@dataclass(slots=True)
class Snapshot:
    """Table → its rows in PostgreSQL's binary format."""

    taken: datetime
    rows: dict[str, bytes]
    state: State

    def fits(self) -> bool:
        """Whether the clock, which a test may have set, still stands near where it stood."""
        return abs(timezone.now() - self.taken) < _STALE


def take() -> Snapshot:
    """Reads every table that has rows."""
    rows, state = {}, _state()
    with connection.cursor() as cursor:
        for table, (count, *_) in state.items():
            if count:
                with cursor.copy(_copy(table, "to stdout")) as out:
                    rows[table] = b"".join(out)
    return Snapshot(timezone.now(), rows, state)


def put_back(snapshot: Snapshot) -> None:
    """Makes every table that has changed since what it was. Sequences are not turned back, so that no number is given
    twice."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for table in _changed(snapshot):  # where rows were only added this is all; the search index stays as it is
            later = sql.SQL("delete from {} where xmin::text <> all(%s)").format(sql.Identifier(table))
            cursor.execute(later, [snapshot.state[table][2] or []])
    if changed := _changed(snapshot):
        _fill(changed, snapshot.rows)
        snapshot.state = _state()


def made_once(make: Callable[[], None]) -> None:
    """What `make` writes into empty tables, in the test's transaction: written once in this process, then copied."""
    if (kept := _made.get(make)) and kept.fits():
        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            for table, data in kept.rows.items():
                with cursor.copy(_copy(table, "from stdin")) as into:
                    into.write(data)
            cursor.execute("set session_replication_role = origin")
        return
    before = _state()
    make()
    made = take()
    _made[make] = Snapshot(made.taken, {table: data for table, data in made.rows.items() if not before[table][0]}, {})


def _changed(snapshot: Snapshot) -> list[str]:
    now = _state()
    return [table for table, state in snapshot.state.items() if now[table] != state]


def empty() -> None:
    """Leaves no row but what Django itself needs (content types, permissions)."""
    _fill([table for table, (count, *_) in _state().items() if count], {})


def _fill(tables: list[str], rows: dict[str, bytes]) -> None:
    """Gives the tables these rows and no others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # the rows refer to each other in any order
        for table in tables:
            cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
            if data := rows.get(table):
                with cursor.copy(_copy(table, "from stdin")) as into:
                    into.write(data)
                cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))


@cache
def _question() -> sql.Composed:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [table for (table,) in cursor.fetchall()]
    one = sql.SQL(_STATE)
    return sql.SQL(" union all ").join(
        one.format(name=sql.Literal(table), table=sql.Identifier(table)) for table in tables
    )


def _state() -> State:
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return {table: tuple(rest) for table, *rest in cursor.fetchall()}


def _copy(table: str, direction: str) -> sql.Composed:
    return sql.SQL("copy {} " + direction + " (format binary)").format(sql.Identifier(table))
