"""The rows of the test database, kept and put back: a tenth of the cost of setting the demo company up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

_TABLES = """
    select c.relname from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    and c.relname !~ '^(django|auth|procrastinate)_' order by 1"""
_STALE = timedelta(hours=1)  # what the demo company is made of lies around the time of its making


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Table → its rows in PostgreSQL's binary format. Django's own tables and the jobs are left out: a
    flush leaves them as they are."""

    taken: datetime
    rows: dict[str, bytes]

    def fits(self) -> bool:
        """Whether the clock, which a test may have set, still stands near where it stood."""
        return abs(timezone.now() - self.taken) < _STALE


def take() -> Snapshot:
    """Reads every table that has rows."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("select exists (select from {})").format(sql.Identifier(table)))
            if cursor.fetchone()[0]:
                with cursor.copy(_copy(table, "to stdout")) as out:
                    rows[table] = b"".join(out)
    return Snapshot(timezone.now(), rows)


def put_back(snapshot: Snapshot) -> None:
    """Fills the empty tables again. Sequences are not turned back, so that no number is given twice."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # the rows refer to each other in any order
        for table, data in snapshot.rows.items():
            with cursor.copy(_copy(table, "from stdin")) as into:
                into.write(data)
        cursor.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(map(sql.Identifier, snapshot.rows))))


def _copy(table: str, direction: str) -> sql.Composed:
    return sql.SQL("copy {} " + direction + " (format binary)").format(sql.Identifier(table))
