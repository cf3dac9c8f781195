"""Whoever may not listen any more reads nothing more."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from kulanz.web.live import streams
from kulanz.web.live.relay import Relay


class OneTopic(Relay):
    """Without a database: nothing was missed."""

    def __init__(self) -> None:
        self._streams = defaultdict(set)
        self.listening = asyncio.Event()
        self.listening.set()

    async def newest(self, topic: str) -> int:
        return 0

    async def stored_after(self, topic: str, cursor: int) -> list[dict[str, Any]]:
        return []


def test_a_stream_ends_for_who_is_signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ASK_AGAIN", 0.0)
    status = 204

    async def django(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def listens() -> list[str]:
        nonlocal status
        relay = OneTopic()
        scope = {"type": "http", "method": "GET", "path": "/live/desk", "query_string": b"topic=one", "headers": []}
        response: Any = await streams.Streams(django, relay).desk(Request(scope))
        heard = [await anext(response.body_iterator)]
        event = {"kind": "message", "id": 1, "payload": {"text": "before"}}
        for queue in relay._streams["one"]:
            queue.put_nowait(event)
        heard.append(await anext(response.body_iterator))
        status = 302
        for queue in relay._streams["one"]:
            queue.put_nowait({**event, "id": 2, "payload": {"text": "secret"}})
        return heard + [piece async for piece in response.body_iterator]

    heard = asyncio.run(listens())
    assert "before" in heard[1]
    assert len(heard) == 2
