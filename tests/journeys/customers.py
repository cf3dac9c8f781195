"""A customer who writes whatever happens to the product, and sends again until they hear that it was accepted."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import suppress
from typing import Any

import httpx

from tests.journeys.product import RunningProduct

PATIENCE = 150.0  # seconds; a machine with other work to do may be slow, but not stuck


class Visitor:
    """One customer's chat. Every call is repeated until the product answers it."""

    def __init__(
        self, product: RunningProduct, email: str, language: str = "de", over: threading.Event | None = None
    ) -> None:
        """Whoever is given `over` waits for no more replies once it is set."""
        self.client = product.client(timeout=15)
        self.over = over or threading.Event()
        self.deadline = time.monotonic() + PATIENCE
        body = {"channel": "web_chat", "language": language, "customer": {"email": email}}
        opened = self._insist("POST", "/api/v1/conversations", json=body)
        self.id: str = opened["id"]
        self.client.headers["Authorization"] = f"Bearer {opened['token']}"
        self.path = f"/api/v1/conversations/{self.id}"
        self.last = ""

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def _insist(self, method: str, path: str, **arguments: Any) -> Any:
        while True:
            with suppress(httpx.TransportError):
                answer = self.client.request(method, path, **arguments)
                if answer.status_code < 500:
                    answer.raise_for_status()
                    return answer.json()
            assert time.monotonic() < self.deadline, f"{method} {path} was never answered"
            time.sleep(0.05)

    def write(self, text: str, key: str = "") -> str:
        """The message's id, once it has been accepted."""
        body = {"text": text, "client_message_id": key or uuid.uuid4().hex}
        self.last = self._insist("POST", f"{self.path}/messages", json=body)["id"]
        return self.last

    def replies(self, seconds: float = 40) -> list[dict[str, Any]]:
        """What came after the customer's last message, as soon as there is something; nothing after `seconds`."""
        until = min(time.monotonic() + seconds, self.deadline)
        while (left := until - time.monotonic()) > 0 and not self.over.is_set():
            wait = {"after": self.last, "wait": max(1, min(2, round(left)))}
            if found := self._insist("GET", f"{self.path}/messages", params=wait)["messages"]:
                return list(found)
        return []

    def ask(self, text: str, seconds: float = 40) -> str:
        """Writes, and returns the text of what is said to it."""
        self.write(text)
        return "\n".join(reply["text"] for reply in self.replies(seconds))

    def state(self) -> dict[str, Any]:
        return dict(self._insist("GET", self.path))
