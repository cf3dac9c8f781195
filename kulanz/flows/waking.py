"""Flows that wait for something outside, and the jobs that let them go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from kulanz.core.flow.steps.wait_for import TIME
from kulanz.flows.models import Awaits, FlowRun, OutsideEvent

RESUME = "resume_flow"
BEGIN = "begin"
"""What a run waits for that was begun from outside, until its job plays it."""
KEEP = timedelta(days=1)


def do_resume_later(run: FlowRun, why: str, **facts: Any) -> None:
    """Lets a run go on from where it stands now, in the caller's transaction and in line with the turns of its
    conversation."""
    job = app.configure_task(RESUME, lock=str(run.conversation_id), queue="turns")
    job.defer(run_id=str(run.pk), why=why, at=position(run), **facts)


def position(run: FlowRun) -> int:
    """How far the run has come: a job that is run a second time finds it further on."""
    return len(run.state.get("log", ()))


def do_tell_event(event: str, key: str, data: Mapping[str, Any]) -> int:
    """Something happened outside: every flow that waits for it goes on; returns how many do. The same event with the
    same data again within a day is its repetition. A flow that begins to wait within the day goes on at once."""
    if event in {TIME, BEGIN}:  # comes by itself
        return 0
    with transaction.atomic():
        _one_at_a_time(event, key)
        told = _stored(event, key, dict(data))
        waiting = FlowRun.objects.filter(awaits=Awaits.EVENT, outcome="", event=event, event_key=key)
        runs = list(waiting.exclude(pk__in=told.taken_by).select_for_update())
        for run in runs:
            _do_take(run, told)
    return len(runs)


def do_claim_event(event: str, key: str, who: str) -> bool:
    """Whether `who` is the first to act on what was told; in the caller's transaction."""
    _one_at_a_time(event, key)
    told = OutsideEvent.objects.filter(event=event, key=key).first()
    if told is None or who in told.taken_by:
        return False
    told.taken_by = [*told.taken_by, who]
    told.save(update_fields=["taken_by"])
    return True


def do_look_for_early(run: FlowRun) -> None:
    """A run has just begun to wait, in the caller's transaction: what it waits for may have happened already."""
    if run.event in {TIME, BEGIN}:
        return
    _one_at_a_time(run.event, run.event_key)
    recent = OutsideEvent.objects.filter(told_at__gt=timezone.now() - KEEP, event=run.event, key=run.event_key)
    told = recent.first()
    if told and str(run.pk) not in told.taken_by:
        _do_take(run, told)


def _stored(event: str, key: str, data: dict[str, Any]) -> OutsideEvent:
    now = timezone.now()
    told = OutsideEvent.objects.filter(event=event, key=key).first()
    if told is None:
        return OutsideEvent.objects.create(event=event, key=key, data=data, told_at=now)
    if told.data != data or told.told_at < now - KEEP:
        told.data, told.told_at, told.taken_by = data, now, []
        told.save()
    return told


def do_wake_late() -> int:
    """Flows whose time is over go on without their event; returns how many."""
    late = FlowRun.objects.filter(awaits=Awaits.EVENT, outcome="", wakes_at__lte=timezone.now())
    with transaction.atomic():
        runs = list(late.select_for_update(skip_locked=True))
        for run in runs:
            _do_wake(run, "late", {"late": True, "data": {}})
    return len(runs)


def do_forget_events() -> None:
    """Deletes what was told longer ago than a day."""
    OutsideEvent.objects.filter(told_at__lt=timezone.now() - KEEP).delete()


def _do_take(run: FlowRun, told: OutsideEvent) -> None:
    told.taken_by = [*told.taken_by, str(run.pk)]
    told.save(update_fields=["taken_by"])
    _do_wake(run, "event", {"late": False, "data": told.data})


def _do_wake(run: FlowRun, why: str, data: dict[str, Any]) -> None:
    """The row is the claim: of two events and the time only the first wakes the run."""
    run.event = run.event_key = ""
    run.wakes_at = None
    run.save(update_fields=["event", "event_key", "wakes_at"])
    do_resume_later(run, why, data=data)


def _one_at_a_time(event: str, key: str) -> None:
    """Telling and beginning to wait exclude each other until the transaction ends, so that none misses the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 5))", [f"{event}\n{key}"])
