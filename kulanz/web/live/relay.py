"""One LISTEN connection for all streams of this process."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from kulanz.live.publish import CHANNEL
from kulanz.settings.logging import logger

log = logger(__name__)
Message = dict[str, Any]
QUEUE_LIMIT = 500  # events that a slow reader may lag behind before it is sent back to its cursor
LOST: Message = {"kind": "lost"}
"""Put into a stream's queue when events may have been missed: it reads the stored ones after its cursor."""
CLOSING: Message = {"kind": "closing"}
"""The process stops: the stream ends, and its browser connects again elsewhere."""


class Relay:
    """Hands announced events to the streams of their topic."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.pool = AsyncConnectionPool(database, min_size=0, max_size=4, open=False, max_idle=60)
        self._streams: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    async def start(self) -> None:
        await self.pool.open(wait=False)
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.pool.close(timeout=1)

    @contextmanager
    def subscribed(self, topic: str) -> Iterator[asyncio.Queue[Message]]:
        queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_LIMIT)
        self._streams[topic].add(queue)
        try:
            yield queue
        finally:
            self._streams[topic].discard(queue)
            if not self._streams[topic]:
                del self._streams[topic]

    async def stored_after(self, topic: str, cursor: int) -> list[Message]:
        """The stored events behind the cursor, oldest first."""
        async with self.pool.connection() as connection:
            rows = await connection.execute(
                "select id, kind, payload from live_event where topic = %s and id > %s order by id limit 500",
                [topic, cursor],
            )
            return [{"id": r[0], "kind": r[1], "payload": r[2]} for r in await rows.fetchall()]

    async def newest(self, topic: str) -> int:
        """The id of the topic's last stored event, 0 if there is none."""
        async with self.pool.connection() as connection:
            rows = await connection.execute("select max(id) from live_event where topic = %s", [topic])
            row = await rows.fetchone()
            return int(row[0] or 0) if row else 0

    async def _listen(self) -> None:
        """Listens for ever; after a lost connection every stream is told to look at its cursor."""
        while True:
            try:
                await self._listen_once()
            except psycopg.OperationalError:
                self.listening.clear()
                log.warning("live relay lost the database, connecting again")
                await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self.database, autocommit=True)
        async with connection:
            await connection.execute(f"listen {CHANNEL}")
            self._tell_all(LOST)
            self.listening.set()
            async for notification in connection.notifies():
                message = json.loads(notification.payload)
                for queue in self._streams.get(message["topic"], ()):
                    _put(queue, message)

    def close_streams(self) -> None:
        self._tell_all(CLOSING)

    def _tell_all(self, message: Message) -> None:
        for queues in self._streams.values():
            for queue in queues:
                _put(queue, message)


def _put(queue: asyncio.Queue[Message], message: Message) -> None:
    """A reader that is too slow loses its queue, not its events: it goes back to its cursor."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        message = LOST
    queue.put_nowait(message)
