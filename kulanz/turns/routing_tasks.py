"""The job of routing: whenever something has changed, and once a minute for what time alone changes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kulanz.desk.routing import DISTRIBUTE
from kulanz.turns.distribute import do_distribute

NAMES = (DISTRIBUTE,)


@app.periodic(cron="* * * * *")
@app.task(name=DISTRIBUTE, queue="turns", lock=DISTRIBUTE, queueing_lock=DISTRIBUTE)
def distribute(timestamp: int) -> None:  # noqa: ARG001
    do_distribute()
