"""The job that sends an agent's reply once it can no longer be taken back."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kulanz.turns.held_reply import SEND, do_release

NAMES = (SEND,)
TRIES = 30  # what is tried in vain until then goes out with the agent's next act in the conversation


@app.task(name=SEND, queue="delivery", retry=RetryStrategy(max_attempts=TRIES, linear_wait=2))
def send_held_reply(held_id: str) -> None:
    do_release(UUID(held_id))
