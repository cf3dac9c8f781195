"""A local server that speaks the protocol of chat completions, with every fault one can wish for. For tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
Behaviour = Callable[["Exchange"], None]


@dataclass(slots=True)
class FakeServer:
    """`behaviours` answer one request after the other, the last one all that follow."""

    url: str
    behaviours: list[Behaviour]
    requests: list[Request] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def behave(self, *behaviours: Behaviour) -> None:
        self.behaviours[:] = behaviours

    @property
    def heard(self) -> str:
        """All that the last request said."""
        return json.dumps(self.requests[-1], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the ways to answer it."""

    handler: BaseHTTPRequestHandler
    request: Request
    stopped: threading.Event

    @property
    def streams(self) -> bool:
        return bool(self.request.get("stream"))

    @property
    def material(self) -> str:
        return str(self.request["messages"][-1]["content"])

    def send(self, status: int, body: str, kind: str = "application/json", length: int | None = None) -> None:
        data = body.encode()
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        self.handler.send_header("retry-after-ms", "1")  # tests do not wait
        if length is not None or kind != "text/event-stream":
            self.handler.send_header("Content-Length", str(len(data) if length is None else length))
        self.handler.end_headers()
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


def says(text: str, finish: str = "stop") -> Behaviour:
    """An orderly reply, in pieces of a few characters where a stream is wanted."""

    def behaviour(exchange: Exchange) -> None:
        if exchange.streams:
            exchange.send(200, "".join(_events(text, finish)), "text/event-stream")
        else:
            exchange.send(200, json.dumps(_completion(text, finish)))

    return behaviour


def echoes(exchange: Exchange) -> None:
    """Says what it was given."""
    says(exchange.material)(exchange)


def fails(status: int, code: str = "") -> Behaviour:
    error = json.dumps({"error": {"message": "the server's own words", "type": code, "code": code}})
    return lambda exchange: exchange.send(status, error)


def sends(body: str, kind: str = "application/json") -> Behaviour:
    """Anything at all, with status 200."""
    return lambda exchange: exchange.send(200, body, kind)


def breaks_off(exchange: Exchange) -> None:
    """Half a reply, then the connection ends."""
    if exchange.streams:
        exchange.send(200, "".join(_events("Half a sentence that never", None)), "text/event-stream")
    else:
        body = json.dumps(_completion("Half", "stop"))
        exchange.send(200, body[:40], length=len(body))
    exchange.handler.close_connection = True


def says_then_breaks_off(text: str) -> Behaviour:
    """A stream that ends without its end."""
    return lambda exchange: exchange.send(200, "".join(_events(text, None)), "text/event-stream")


def says_then_hangs(text: str) -> Behaviour:
    """A stream that stops in the middle and stays open until the test is over."""

    def behaviour(exchange: Exchange) -> None:
        exchange.send(200, "".join(_events(text, None)), "text/event-stream")
        exchange.stopped.wait(20)

    return behaviour


def hangs(exchange: Exchange) -> None:
    """Says nothing until the test is over."""
    exchange.stopped.wait(20)


def refuses(exchange: Exchange) -> None:
    """The filter of the model's provider."""
    says("", "content_filter")(exchange)


@contextmanager
def fake_server(*behaviours: Behaviour) -> Iterator[FakeServer]:
    """Runs the server on a free port of this machine."""
    stopped = threading.Event()
    state = FakeServer("", list(behaviours) or [says("OK")])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            behaviour = state.behaviours[min(len(state.requests), len(state.behaviours) - 1)]
            state.requests.append(request)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.close_connection = True  # the end of a stream is the end of the connection
            behaviour(Exchange(self, request, stopped))

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(text: str, finish: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "fake", "choices": [choice], "usage": usage}


def _events(text: str, finish: str | None) -> Iterator[str]:
    pieces = [text[i : i + 5] for i in range(0, len(text), 5)]
    for delta, end in [*(({"content": piece}, None) for piece in pieces), *([({}, finish)] if finish else [])]:
        choice = {"index": 0, "delta": delta, "finish_reason": end}
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
        yield f"data: {json.dumps(chunk)}\n\n"
    if finish:
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        last = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "fake",
            "choices": [],
            "usage": usage,
        }
        yield f"data: {json.dumps(last)}\n\n"
        yield "data: [DONE]\n\n"
