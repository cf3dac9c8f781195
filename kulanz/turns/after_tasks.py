"""The jobs of what comes after a handover."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kulanz.turns.after_late import do_tell_late

TELL_LATE = "tell_late"
NAMES = (TELL_LATE,)


@app.periodic(cron="* * * * *")
@app.task(name=TELL_LATE, queue="turns", lock=TELL_LATE, queueing_lock=TELL_LATE)
def tell_late(timestamp: int) -> None:  # noqa: ARG001
    do_tell_late()
