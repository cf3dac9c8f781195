"""Customers who get things done while the product is being killed. They send again until they hear that a message was
accepted, twice what need not be sent twice, late what came before, and confirm from two devices at once."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from kulanz.cli.storm.product import RunningProduct
from kulanz.cli.storm.stock import Errand

PATIENCE = 150.0  # seconds for one request; a machine with other work to do may be slow, but not stuck
REPLY = 25.0  # seconds for a reply, before the customer asks no further
YES, NO = {"de": "Ja", "en": "Yes"}, {"de": "Nein", "en": "No"}
QUESTIONS = {
    "de": (
        "Wie lange dauert die Lieferung?",
        "Kann ich mit Rechnung bezahlen?",
        "Wie entkalke ich die Kaffeemaschine?",
    ),
    "en": ("How do I return a pan?", "What does shipping to Austria cost?", "Do you have vouchers?"),
}
_clients = threading.local()


@dataclass
class Log:
    """What was sent and heard. `posted` wakes whoever kills things."""

    accepted: dict[tuple[str, str], str] = field(default_factory=dict)
    """(conversation, client_message_id) → the message's id."""
    errands: dict[str, Errand] = field(default_factory=dict)
    """Conversation → what is wished in it."""
    agreed: set[str] = field(default_factory=set)
    """Conversations in which the customer's yes was accepted, and nothing against it was sent."""
    habits: Counter[str] = field(default_factory=Counter)
    failed: list[BaseException] = field(default_factory=list)
    posted: threading.Condition = field(default_factory=threading.Condition)
    messages: int = 0

    def begins(self) -> None:
        """A message is on its way: a good moment to kill something."""
        with self.posted:
            self.messages += 1
            self.posted.notify_all()


class Chat:
    """One conversation from the customer's side. Every call is repeated until the product answers it."""

    def __init__(self, client: httpx.Client, log: Log, errand: Errand) -> None:
        self.client, self.log, self.errand = client, log, errand
        body = {"channel": "web_chat", "language": errand.language, "customer": {"email": errand.email}}
        opened = self._insist("POST", "/api/v1/conversations", json=body)
        self.id: str = opened["id"]
        self.headers = {"Authorization": f"Bearer {opened['token']}"}
        self.path = f"/api/v1/conversations/{self.id}"
        self.last = ""
        log.errands[self.id] = errand

    def _insist(self, method: str, path: str, **arguments: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answer = self.client.request(method, path, headers=getattr(self, "headers", {}), **arguments)
                if answer.status_code < 500:
                    answer.raise_for_status()
                    return answer.json()
            time.sleep(0.05)
        raise TimeoutError(f"{method} {path} was never answered")

    def send(self, text: str, key: str = "") -> tuple[str, str]:
        """Sends a message, or again one with its key; returns the key and the message's id."""
        key = key or uuid.uuid4().hex
        self.log.begins()
        stored = self._insist("POST", f"{self.path}/messages", json={"text": text, "client_message_id": key})["id"]
        self.log.accepted[self.id, key] = stored
        return key, stored

    def write(self, text: str) -> str:
        """Sends a new message; what is heard afterwards is an answer to it. Returns its key."""
        key, self.last = self.send(text)
        return key

    def hear(self) -> list[dict[str, Any]]:
        """What came after the customer's last message, as soon as there is something."""
        deadline = time.monotonic() + REPLY
        while time.monotonic() < deadline:
            wait = {"after": self.last, "wait": 2}
            found = self._insist("GET", f"{self.path}/messages", params=wait)["messages"]
            if any(message["author"] != "customer" for message in found):
                return list(found)
        return []

    def is_asked(self) -> bool:
        """Whether the last words want a yes for something that was not done before; a second time is declined."""
        heard = [message for message in self.hear() if message["author"] != "customer"]
        if not heard or YES[self.errand.language] not in heard[-1]["choices"]:
            return False
        if heard[-1]["actions"]:
            self.write(NO[self.errand.language])
            return False
        return True


def run_errand(product: RunningProduct, log: Log, errand: Errand, seed: int) -> None:
    """One customer from the first word to the last; they don't wait for what comes of their yes."""
    dice = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
    log.habits[errand.habit] += 1
    if getattr(_clients, "base", "") != product.base:  # making one costs more than all that is said with it
        _clients.base, _clients.client = product.base, product.client(timeout=15)
    try:
        chats = [Chat(_clients.client, log, errand) for _ in range(errand.runs)]
        if errand.habit == "conversations":
            _in_two_conversations(chats, dice)
        else:
            _in_one(chats[0], dice)
    except (OSError, httpx.HTTPError, LookupError, ValueError) as error:
        log.failed.append(error)


def _in_one(chat: Chat, dice: random.Random) -> None:
    errand, opening = chat.errand, chat.write(chat.errand.opening)
    if errand.habit == "twice":
        chat.send(errand.opening, opening)
    if not chat.is_asked():
        return
    _agree(chat)
    if errand.habit == "late":
        chat.send(errand.opening, opening)
    if errand.habit == "curious":
        chat.send(dice.choice(QUESTIONS[errand.language]))
    if errand.habit == "changes_mind":
        chat.send({"de": "Nein, doch nicht!", "en": "No, don't!"}[errand.language])
    if errand.habit not in {"curious", "changes_mind"}:
        chat.log.agreed.add(chat.id)


def _agree(chat: Chat) -> None:
    yes = YES[chat.errand.language]
    if chat.errand.habit == "devices":
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda _: chat.send(yes), range(2)))
        return
    key = chat.write(yes)
    if chat.errand.habit == "twice":
        chat.send(yes, key)


def _in_two_conversations(chats: list[Chat], dice: random.Random) -> None:
    dice.shuffle(chats)
    for chat in chats:
        chat.write(chat.errand.opening)
    asked = [chat for chat in chats if chat.is_asked()]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda chat: chat.write(YES[chat.errand.language]), asked))
    chats[0].log.agreed.update(chat.id for chat in asked)
