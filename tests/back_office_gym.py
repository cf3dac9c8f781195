"""An invented back office that is not the demo: the members and courses of a gym, with its OpenAPI description.

It asks for a bearer key, knows requests by their `Idempotency-Key`, and can be told to misbehave.
`python tests/back_office_gym.py 9000` runs it at this port, for trying docs/first-flow.md.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "gym-key-for-tests"
DOCUMENT = Path(__file__).with_name("gym.openapi.yaml")


def _members() -> dict[str, dict[str, Any]]:
    rows = (("K-10010", "lena@example.org", "Basic", 29.9), ("K-10020", "omar@example.org", "Plus", 44.5))
    return {
        member: {"member": member, "email": email, "plan": plan, "monthly": monthly, "paused_until": None}
        for member, email, plan, monthly in rows
    }


@dataclass
class Gym:
    """What it knows, and every request that reached it. `fault` is html, huge, wrong, redirect or hang; it holds for
    each request until it is taken away."""

    url: str = ""
    members: dict[str, dict[str, Any]] = field(default_factory=_members)
    done: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    elsewhere: str = ""
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def writes(self) -> list[dict[str, Any]]:
        return [request for request in self.requests if request["method"] == "POST"]

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body of a request with the right key."""
        parts = [unquote(part) for part in request["path"].strip("/").split("/")]
        if request["method"] == "GET" and parts[0] == "requests":
            known = self.done.get(parts[1])
            return (200, known[1]) if known else (404, {"reason": "never seen"})
        member = self.members.get(parts[1]) if len(parts) > 1 and parts[0] == "members" else None
        if request["method"] == "GET":
            email = request["query"].get("email", [""])[0]
            known_email = member is not None and member["email"] == email
            return (200, dict(member)) if member and known_email else (404, {"reason": "no such member"})
        with self.lock:
            return self._once(request, member, parts)

    def _once(
        self, request: dict[str, Any], member: dict[str, Any] | None, parts: list[str]
    ) -> tuple[int, dict[str, Any]]:
        key = request["key"]
        if not key:
            return 400, {"reason": "no Idempotency-Key"}
        if key not in self.done:
            status, body = self._act(request, member, parts)
            if status != 200:
                return status, body
            self.done[key] = status, body
        return self.done[key]

    def _act(
        self, request: dict[str, Any], member: dict[str, Any] | None, parts: list[str]
    ) -> tuple[int, dict[str, Any]]:
        body, number = request["body"] or {}, f"G-{len(self.done) + 1:04}"
        if member is None or member["email"] != body.get("email"):
            return 404, {"reason": "no such member"}
        if parts[2:] == ["pause"]:
            member["paused_until"] = body["until"]
            return 200, {"receipt": number, "member": member["member"], "until": body["until"]}
        if parts[2:] == ["refunds"]:
            return 200, {"receipt": number, "amount": body["refund"]["amount"]}
        return 404, {"reason": "unknown"}


class _Handler(BaseHTTPRequestHandler):
    gym: Gym

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        parts, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
        request = {
            "method": self.command, "path": parts.path, "query": parse_qs(parts.query), "headers": dict(self.headers),
            "key": self.headers.get("Idempotency-Key", ""),
            "body": json.loads(self.rfile.read(length)) if length else None,
        }  # fmt: skip
        if parts.path == "/openapi.yaml" and self.gym.fault != "redirect":
            self._send(200, DOCUMENT.read_bytes(), "application/yaml")
            return
        self.gym.requests.append(request)
        if self.gym.fault:
            self._misbehave()
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, b'{"reason": "no key"}')
        else:
            status, body = self.gym.answer(request)
            self._send(status, json.dumps(body).encode())

    def _misbehave(self) -> None:
        fault = self.gym.fault
        if fault == "html":
            self._send(200, b"<!doctype html><title>Please sign in</title>", "text/html")
        elif fault == "huge":
            self._send(200, b'{"text": "' + b"x" * 10_000_000 + b'"}')
        elif fault == "wrong":
            self._send(200, b'{"receipt": {"amount": [1, null]}, "until": "\\u0000\\ud800"}')
        elif fault == "redirect":
            self._send(307, b"", more={"Location": self.gym.elsewhere})
        elif fault == "hang":
            self.gym.release.wait(20)

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # the other side has stopped reading

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def open_gym(port: int = 0) -> Iterator[Gym]:
    """A running gym at this port of this machine (0: a free one)."""
    gym = Gym()
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"gym": gym}))
    gym.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield gym
    finally:
        gym.release.set()
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    with open_gym(int(sys.argv[1])) as running:
        print(f"The gym is open at {running.url}. Its key is {KEY}; Ctrl-C closes it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Closed.")
