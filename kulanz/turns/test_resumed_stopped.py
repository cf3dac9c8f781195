"""Flows that wait for something outside while the assistant is stopped, and while people hold the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django.models import ProcrastinateJob

from kulanz.desk.handover import do_hand_over
from kulanz.desk.stopping import do_let_go_on, do_stop
from kulanz.flows.models import ActionCall, FlowRun
from kulanz.flows.waking import RESUME, do_tell_event
from kulanz.turns import agent_turn, resumed_turn
from kulanz.turns.conftest import Bank
from kulanz.turns.flow_tasks import TRIES, resume_flow
from kulanz.turns.outside import do_approve
from kulanz.turns.resumed_turn import StoppedError, do_give_up
from kulanz.turns.test_outside import waiting_for_a_person

pytestmark = pytest.mark.django_db


def work_off(attempts: int = 0) -> None:
    """Runs the flows' jobs as the worker does, whenever they are due, as if tried so often before."""
    for row in ProcrastinateJob.objects.filter(task_name=RESUME, status="todo").order_by("id"):
        ProcrastinateJob.objects.filter(pk=row.pk)._raw_delete("default")
        job = Mock(attempts=attempts, lock=row.lock, priority=row.priority)
        resume_flow(Mock(spec=JobContext, job=job), **row.args)


def test_what_was_approved_during_a_stop_is_carried_out_after_it(bank: Bank) -> None:
    talk = bank.conversation()
    _, approval = waiting_for_a_person(bank, talk)
    do_stop("", bank.person)
    do_approve(approval.pk, bank.person)
    for _ in range(2):
        work_off(attempts=TRIES - 1)
    job = ProcrastinateJob.objects.get(task_name=RESUME, status="todo")
    assert (job.attempts, job.lock, job.queue_name, job.args["approval"]) == (
        0,
        str(talk.pk),
        "turns",
        str(approval.pk),
    )
    assert job.scheduled_at and job.scheduled_at > timezone.now() + timedelta(seconds=50)
    assert job.priority < 0  # the customer's next message does not wait behind it
    assert bank.office.acts == {} and not ActionCall.objects.filter(attempts__gte=1).exists()
    do_let_go_on("", bank.person)
    work_off()
    assert bank.office.acts == {"ML-1": 1} and bank.texts(talk)[-1] == "Paid: P-1"
    assert not bank.jobs()


@pytest.mark.parametrize(("flow_wrote", "told"), [(False, False), (True, True)])
def test_stopped_while_it_is_played(bank: Bank, monkeypatch: pytest.MonkeyPatch, flow_wrote: bool, told: bool) -> None:
    """What was done is told all the same; anything else waits."""
    talk = bank.conversation()
    plays = resumed_turn._played
    if flow_wrote:
        _, approval = waiting_for_a_person(bank, talk)
        do_approve(approval.pk, bank.person)
    else:
        bank.begin("wait_twice", talk, number="7")
        do_tell_event("parcel", "7", {"place": "Ulm"})
    before = (bank.texts(talk), FlowRun.objects.get().state)

    def slow(*args: Any) -> Any:
        progress = plays(*args)
        do_stop("", bank.person)
        return progress

    monkeypatch.setattr(resumed_turn, "_played", slow)
    if told:
        assert bank.run_jobs() == [True] and bank.texts(talk)[-1] == "Paid: P-1"
        return
    with pytest.raises(StoppedError):
        bank.run_jobs()
    assert (bank.texts(talk), FlowRun.objects.get().state) == before


@pytest.mark.parametrize("given_up", [False, True])
@pytest.mark.parametrize("accepted", [False, True])
def test_where_people_have_it_the_old_promise_is_not_said_again(bank: Bank, given_up: bool, accepted: bool) -> None:
    talk = bank.conversation()
    run, approval = waiting_for_a_person(bank, talk)
    promise = do_hand_over(talk, "button", "en")[1]
    if accepted:
        agent_turn.do_accept(talk.pk, bank.person)
    if given_up:
        do_give_up(UUID(str(run.pk)))
    else:
        bank.office.faults, bank.office.lookup_faults = ["lose"], ["500"]
        do_approve(approval.pk, bank.person)
        bank.run_jobs()
    assert FlowRun.objects.get(pk=run.pk).outcome == "handed_over"
    assert promise and promise not in bank.texts(talk)
    talk.refresh_from_db()
    assert talk.status == ("agent" if accepted else "waiting")


def test_where_nobody_has_it_the_promise_is_said(bank: Bank) -> None:
    talk = bank.conversation()
    run, _ = waiting_for_a_person(bank, talk)
    do_give_up(run.pk)
    talk.refresh_from_db()
    assert talk.status == "waiting" and "handed you over" in bank.texts(talk)[-1]
