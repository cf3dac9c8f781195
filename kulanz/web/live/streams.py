"""Server-sent events and long polls."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Message, Scope

from kulanz.live.publish import QUEUE_TOPIC, conversation_topic
from kulanz.web.live.relay import Relay

HEARTBEAT = 15.0  # seconds
ASK_AGAIN = 60.0  # seconds after which staff's right to listen is asked for again
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Right = Callable[[], Awaitable[Response | None]]
"""Why somebody may not listen (any more); None where they may."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"}


async def ask_django(app: ASGIApp, scope: Scope, path: str, query: str = "") -> Answer:
    """Django's answer to a GET of `path` with the caller's own headers: the one place that knows who may do what."""
    inner = {
        **scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
    }
    inner["headers"] = [h for h in scope["headers"] if h[0] not in {b"content-length", b"if-none-match"}]
    status, headers, body = 500, [], b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            body += message.get("body", b"")

    await app(inner, receive, send)
    return status, headers, body


class Streams:
    """The waiting side of the product; `django` answers everything that needs the right to be checked."""

    def __init__(self, django: ASGIApp, relay: Relay) -> None:
        self.django = django
        self.relay = relay

    async def conversation(self, request: Request) -> Response:
        """A conversation's events, for whoever may read the conversation."""
        conversation_id = request.path_params["conversation_id"]
        refused = await self._refused(request, f"/api/v1/conversations/{conversation_id}")
        return refused or await self._stream(request, conversation_topic(conversation_id))

    async def desk(self, request: Request) -> Response:
        """The queue's hints, or one conversation's events, for signed-in staff."""
        topic = request.query_params.get("topic", QUEUE_TOPIC)
        right = partial(self._refused, request, "/desk/may-listen/")
        return await right() or await self._stream(request, topic, right)

    async def _refused(self, request: Request, path: str) -> Response | None:
        status, headers, body = await ask_django(self.django, request.scope, path)
        if status < 300:
            return None
        kept = {k.decode("latin1"): v.decode("latin1") for k, v in headers if k in {b"content-type", b"location"}}
        return Response(body, status, {**kept, **HEADERS})

    async def _stream(self, request: Request, topic: str, right: Right | None = None) -> Response:
        given = request.headers.get("last-event-id") or request.query_params.get("after") or ""
        cursor = int(given) if given.isdecimal() and len(given) < 19 else None
        events = self._events(topic, cursor, right)
        # the cursor is fixed before the headers go out: what the browser loads after them is never older
        first = await anext(events)
        return StreamingResponse(_chain(first, events), media_type="text/event-stream", headers=HEADERS)

    async def _events(self, topic: str, cursor: int | None, right: Right | None) -> AsyncIterator[str]:
        """What was missed, then what happens; nothing twice, nothing left out. The right is asked for again and again:
        whoever is signed out or does not work here any more reads nothing more."""
        asked = time.monotonic()
        with self.relay.subscribed(topic) as queue:
            await self.relay.listening.wait()
            sent = await self.relay.newest(topic) if cursor is None else cursor
            yield _event("ready", {}, sent)
            async for event in self._missed(topic, sent):
                sent = event["id"]
                yield _event(event["kind"], event["payload"], sent)
            while True:
                if right and time.monotonic() - asked > ASK_AGAIN:
                    if await right():
                        return
                    asked = time.monotonic()
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if event["kind"] == "closing":
                    return
                if event["kind"] == "lost" or event["payload"] is None:
                    async for stored in self._missed(topic, sent):
                        sent = stored["id"]
                        yield _event(stored["kind"], stored["payload"], sent)
                elif event["id"] is None:
                    yield _event(event["kind"], event["payload"], None)
                elif event["id"] > sent:
                    sent = event["id"]
                    yield _event(event["kind"], event["payload"], sent)

    async def _missed(self, topic: str, cursor: int) -> AsyncIterator[dict[str, Any]]:
        while events := await self.relay.stored_after(topic, cursor):
            for event in events:
                yield event
            cursor = events[-1]["id"]

    async def long_poll(self, request: Request) -> Response:
        """`GET …/messages?wait=`: Django is asked at once, and again at the first event if it had nothing."""
        conversation_id = request.path_params["conversation_id"]
        path, query = request.url.path, request.url.query
        wait = request.query_params.get("wait", "0")
        seconds = min(int(wait), 30) if wait.isdecimal() and len(wait) < 4 else 0
        with self.relay.subscribed(conversation_topic(conversation_id)) as queue:
            answer = await ask_django(self.django, request.scope, path, query)
            deadline = asyncio.get_running_loop().time() + seconds
            while seconds and answer[0] == 200 and json.loads(answer[2]) == {"messages": []}:
                if not await _first_message(queue, deadline):
                    break
                answer = await ask_django(self.django, request.scope, path, query)
        status, headers, body = answer
        response = Response(body, status)
        response.raw_headers = headers
        return response


async def _chain(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for event in rest:
        yield event


async def _first_message(queue: asyncio.Queue[dict[str, Any]], deadline: float) -> bool:
    """True at the first event that may be a message, False at the deadline."""
    loop = asyncio.get_running_loop()
    while (left := deadline - loop.time()) > 0:
        try:
            event = await asyncio.wait_for(queue.get(), left)
        except TimeoutError:
            return False
        if event["kind"] in {"message", "lost", "closing"}:
            return bool(event["kind"] != "closing")
    return False


def _event(kind: str, payload: Any, event_id: int | None) -> str:
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
