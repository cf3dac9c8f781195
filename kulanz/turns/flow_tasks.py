"""The jobs of flows and actions: go on after an event or a decision, notice what is late, settle lost answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from kulanz.flows.waking import RESUME, do_forget_events, do_wake_late
from kulanz.turns.outside import do_expire_approvals, resume_with
from kulanz.turns.resumed_turn import StoppedError, do_give_up
from kulanz.turns.settling import do_settle_open_calls

SETTLE = "settle_calls"
LATE = "look_for_late_flows"
NAMES = (RESUME, SETTLE, LATE)
TRIES = 10
STOPPED_WAIT = 60
"""Seconds between two looks whether the assistant may go on."""


@app.task(name=RESUME, queue="turns", pass_context=True, retry=RetryStrategy(max_attempts=TRIES + 2, linear_wait=10))
def resume_flow(context: JobContext, /, run_id: str, why: str, at: int, **facts: Any) -> None:
    """Tried again while the back office is down or the conversation is in another flow; then a person goes on."""
    with structlog.contextvars.bound_contextvars(flow_run=run_id):
        if context.job.attempts >= TRIES:
            do_give_up(UUID(run_id))
            return
        try:
            resume_with(UUID(run_id), why, at, **facts)
        except StoppedError:
            _do_wait_for_the_stop(context, run_id=run_id, why=why, at=at, **facts)


def _do_wait_for_the_stop(context: JobContext, **args: Any) -> None:
    """The same job again, with all its tries: a stop has no end that is known. Behind every other job of the
    conversation, or the queue would keep the customer's next message waiting for this one."""
    again = {"seconds": STOPPED_WAIT}
    app.configure_task(RESUME, lock=context.job.lock, queue="turns", priority=-1, schedule_in=again).defer(**args)


@app.periodic(cron="* * * * *")
@app.task(name=SETTLE, queue="turns", lock=SETTLE, queueing_lock=SETTLE)
def settle_calls(timestamp: int) -> None:  # noqa: ARG001
    do_settle_open_calls()


@app.periodic(cron="* * * * *")
@app.task(name=LATE, queue="turns")
def look_for_late_flows(timestamp: int) -> None:  # noqa: ARG001
    """One look at an index a minute, however many flows wait."""
    do_wake_late()
    do_expire_approvals()
    do_forget_events()
