"""What the customer sees while the assistant still works: that it writes, and the answer as it grows.

Nothing of it is stored. A draft holds all of the answer so far, so that one that gets lost or comes twice does no
harm; the stored message takes its place, and where none comes the draft is taken back. If the process dies in between,
browsers drop a draft that has not grown for 15 s.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self
from uuid import UUID

from kulanz.live.publish import conversation_topic, hint

SIGN_EVERY = 4.0
"""Seconds after which the sign is given again; the desk shows it for 5 s, the chat for 15."""


class Screen:
    """One attempt at one turn. `answers` is the `seq` of the last message that it answers: a browser that has a later
    one does not show the draft. Use it outside of transactions, for what is shown goes out at once."""

    def __init__(self, conversation_id: UUID, answers: int) -> None:
        self._topic, self._answers = conversation_topic(conversation_id), answers
        self._signed_at: float | None = None
        self._drafted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes the draft back; where the message is stored, browsers have it in its place already."""
        if self._drafted:
            self._send_draft("")

    def show_typing(self) -> None:
        """The sign that somebody writes."""
        now = time.monotonic()
        if self._signed_at is None or now - self._signed_at >= SIGN_EVERY:
            self._signed_at = now
            hint(self._topic, "typing", {"author": "assistant", "on": True})

    def show_draft(self, text: str) -> None:
        """All of the answer so far, each sentence of it checked."""
        self._drafted = True
        self._send_draft(text)

    def _send_draft(self, text: str) -> None:
        hint(self._topic, "draft", {"author": "assistant", "on": bool(text), "text": text, "answers": self._answers})
