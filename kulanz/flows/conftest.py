"""A real back office over HTTP, which can be told to misbehave, and wishes for it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from kulanz.flows.actions import Action, read_actions
from kulanz.flows.wish import Wish

PAYMENT = {"order": "ML-1", "amount": "20.00"}


class Office:
    """A bank that pays out. `faults` are played one per request, in order: `lose` the answer after acting, `drop` it
    before, `500` before or `500 after`, `html`, `refuse`, `redirect`, `twice` (a proxy sends the request again), `hold`
    (acts once `go` is set). `acts` counts what really happened, by order."""

    def __init__(self) -> None:
        self.url = "http://127.0.0.1:1"  # where nobody listens, until it is started
        self.acts: Counter[str] = Counter()
        self.by_key: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.lookup_faults: list[str] = []
        self.dedupes = True
        self.go, self.held = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    def act(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self.dedupes and key in self.by_key:
                return self.by_key[key]
            self.acts[str(body.get("order"))] += 1
            receipt = {"payment": f"P-{sum(self.acts.values())}", "paid": body.get("amount")}
            self.by_key[key] = receipt
            return receipt

    def next_fault(self, method: str) -> str:
        with self._lock:
            waiting = self.faults if method == "POST" else self.lookup_faults
            return waiting.pop(0) if waiting else ""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        office = self.server.office
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        key, fault = self.headers.get("Idempotency-Key") or "", office.next_fault("POST")
        office.requests.append(("POST", key))
        if fault == "hold":
            office.held.set()
            office.go.wait(20)
        if fault in {"drop", "500", "html", "refuse", "redirect"}:
            self._instead(fault)
            return
        receipt = office.act(key, body)
        if fault == "twice":
            receipt = office.act(key, body)
        if fault in {"lose", "500 after"}:
            self._instead("drop" if fault == "lose" else "500")
            return
        self._answer(201, receipt)

    def do_GET(self) -> None:
        office, key = self.server.office, urlsplit(self.path).path.rsplit("/", 1)[-1]
        office.requests.append(("GET", key))
        if fault := office.next_fault("GET"):
            self._instead(fault)
        elif key in office.by_key:
            self._answer(200, office.by_key[key])
        else:
            self._answer(404, {"error": "unknown"})

    def _instead(self, fault: str) -> None:
        if fault == "drop":
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(2)
        elif fault == "html":
            self._answer(200, b"<!doctype html><h1>We will be right back</h1>")
        elif fault == "redirect":
            self._answer(302, {})
        elif fault == "empty":
            self._answer(200, {"items": [], "total": 0})
        else:
            self._answer(409 if fault == "refuse" else 500, {"reason": "no"})

    def _answer(self, status: int, data: dict[str, Any] | bytes) -> None:
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests look at what was asked."""


class Server(ThreadingHTTPServer):
    """The office's door."""

    daemon_threads = True

    def __init__(self, office: Office) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.office = office
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def office() -> Iterator[Office]:
    """The office at work; its address is `office.url`."""
    office = Office()
    with Server(office) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        office.url = server.url
        yield office
        office.go.set()
        server.shutdown()
        thread.join()


def payment(office: Office, duplicates: str = "key", *, look_up: bool = True, **more: Any) -> Action:
    """The action that pays, described as an operator would; the rules are those of docs/flows.md."""
    entry = {"method": "post", "path": "/payments", "writes": True, "about": ["order"], "reference": "payment"}
    found_at = {"look_up": "/payments/{key}"} if look_up else {}
    rules = {**entry, **found_at, "duplicates": duplicates if look_up else "none", **more}
    rules = {name: rule for name, rule in rules.items() if rule}
    described = {"back_offices": {"bank": {"url": office.url}}, "actions": {"pay": rules}}
    return replace(read_actions(described, "test")["pay"], duplicates=duplicates)  # type: ignore[arg-type]


def talk() -> UUID:
    """A conversation of Petra's; the tables are the inbox's, which is a stranger here."""
    customer, _ = apps.get_model("inbox", "Customer").objects.get_or_create(email="petra@example.org")
    conversations, now = apps.get_model("inbox", "Conversation").objects, timezone.now()
    created = conversations.create(
        customer=customer, language="en", token_digest=uuid4().hex, created_at=now, updated_at=now
    )
    key: UUID = created.pk
    return key


@pytest.fixture
def conversation(db: None) -> UUID:
    return talk()


def wish(action: Action, conversation: UUID, /, **more: Any) -> Wish:
    """Petra's wish that the action be done, agreed to with "yes"."""
    arguments = more.pop("arguments", PAYMENT)
    fields: dict[str, Any] = {"who": "petra@example.org", "flow": "pay_out", "step": "/1", "consent": "yes"}
    return Wish(action, arguments, conversation_id=conversation, **(fields | more))
