"""The jobs of the queue. A job that fails is tried again; the last try hands the conversation to a person."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from kulanz.core.errors import InvalidInput
from kulanz.decision.policies import active_policy
from kulanz.delivery.outbox import DELIVER, RETRY, deliver
from kulanz.desk.hours import service_hours
from kulanz.flows.definitions import active_flows
from kulanz.inbox.attachments import do_forget_unsent
from kulanz.inbox.receive import TURN
from kulanz.knowledge.search import search
from kulanz.live.models import Event
from kulanz.nlp.vector import LazyVector
from kulanz.turns import after_tasks, curator_tasks, flow_tasks, held_tasks, knowledge_tasks, level_tasks, routing_tasks
from kulanz.turns.customer_turn import customer_turn, surrender
from kulanz.understanding.read import read

TRIES = 5
NAMES = (
    TURN,
    DELIVER,
    *after_tasks.NAMES,
    *curator_tasks.NAMES,
    *knowledge_tasks.NAMES,
    *flow_tasks.NAMES,
    *held_tasks.NAMES,
    *level_tasks.NAMES,
    *routing_tasks.NAMES,
)  # what others queue by name
KEEP_EVENTS = timedelta(days=1)  # a stream resumes after a night; older conversations load their messages


def warm_up() -> None:
    """Loads models, policy, flows and opening hours before the first customer waits for them."""
    vector = LazyVector("Hallo und guten Tag, hello and good morning")  # too long to be a mere greeting
    read(vector.text, vector, language_hint="en")
    search(vector.text, vector, "en", limit=1)
    active_policy()
    active_flows()
    with suppress(InvalidInput):  # a mistake in the operator's hours is told by the turn that needs them
        service_hours(timezone.now())
    connection.close()


@app.task(name=TURN, queue="turns", pass_context=True, retry=RetryStrategy(max_attempts=TRIES + 2, wait=1))
def customer_turn_job(context: JobContext, conversation_id: str) -> None:
    with structlog.contextvars.bound_contextvars(conversation=conversation_id):
        if context.job.attempts >= TRIES:
            surrender(UUID(conversation_id))
        else:
            customer_turn(UUID(conversation_id))


app.task(name=DELIVER, queue="delivery", retry=RETRY)(deliver)


@app.periodic(cron="17 * * * *")
@app.task(name="forget_events", queue="turns")
def forget_events(timestamp: int) -> None:  # noqa: ARG001
    Event.objects.filter(created_at__lt=timezone.now() - KEEP_EVENTS).delete()


@app.periodic(cron="27 * * * *")
@app.task(name="forget_unsent_files", queue="turns")
def forget_unsent_files(timestamp: int) -> None:  # noqa: ARG001
    do_forget_unsent(timezone.now())
