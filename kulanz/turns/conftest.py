"""A flow that pays out, and what goes on with it: the bank is a real server, the jobs are run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kulanz.accounts.models import Role, User
from kulanz.core.errors import TransientError
from kulanz.flows.actions import actions
from kulanz.flows.conftest import Office, office
from kulanz.flows.definitions import active_flows
from kulanz.flows.models import FlowRun
from kulanz.flows.waking import RESUME
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.turns.outside import do_begin_flow, resume_with

__all__ = ["office"]
ACTIONS = """
back_offices:
  bank: {{url: "{url}"}}
actions:
  pay:
    method: post
    path: /payments
    writes: true
    duplicates: {duplicates}
    look_up: /payments/{{key}}
    about: [order]
    amount: amount
    approve_above: 50
    reference: payment
    summary: {{de: "{{amount}} gezahlt", en: "{{amount}} paid"}}
"""
FLOW = """
flow: pay_out
title: {de: Auszahlung, en: Payment}
intents: [refund_status]
slots:
  order: {entity: text}
  amount: {entity: money}
steps:
  - confirm: {de: "Soll ich {amount} zahlen?", en: "Shall I pay {amount}?"}
    again: {de: "Ja oder Nein?", en: "Yes or no?"}
    declined: [{end: declined}]
  - call: pay
    with: {order: "{order}", amount: "{amount}"}
    on_unknown: [{say: {de: "Ich weiß es nicht.", en: "I do not know."}}, {hand_over: outcome_unknown}]
    on_declined: [{say: {de: "Nicht gezahlt.", en: "Not paid."}}, {end: refused}]
    on_repeated: [{end: solved}]
  - say: {de: "Gezahlt: {result.payment}", en: "Paid: {result.payment}"}
"""
WAITING = """
flow: wait_twice
title: {de: Warten, en: Wait}
events: [parcel]
intents: []
slots:
  number: {entity: text}
steps:
  - wait_for: parcel
    key: "{number}"
    at_most: 14d
    text: {de: "Ich warte.", en: "I wait."}
    late: [{say: {de: "Zu spät.", en: "Too late."}}, {end: solved}]
  - say: {de: "Da: {event.place}", en: "Here: {event.place}"}
  - wait_for: parcel
    key: "{number}"
  - say: {de: "Wieder: {event.place}", en: "Again: {event.place}"}
"""


class Bank:
    """A customer, the flows, and the bank that they pay from."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.person = User.objects.create_user("mia@example.org", name="Mia", role=Role.SUPERVISOR)

    def conversation(self) -> Conversation:
        return do_open_conversation("web_chat", "en", Claims(name="Petra", email="petra@example.org"))[0]

    def begin(self, flow: str, conversation: Conversation, **known: str) -> FlowRun:
        """The flow in the conversation, as far as it goes by itself."""
        run = do_begin_flow(conversation.pk, flow, known, "agent")
        self.run_jobs()
        return FlowRun.objects.get(pk=run.pk)

    def jobs(self) -> list[dict[str, Any]]:
        rows = ProcrastinateJob.objects.filter(task_name=RESUME, status="todo").order_by("id")
        return [dict(row.args) for row in rows]

    def run_jobs(self, times: int = 1) -> list[bool]:
        """Runs what waits in the queue, each job that many times; whether it was of any effect."""
        jobs = self.jobs()
        ProcrastinateJob.objects.filter(task_name=RESUME)._raw_delete("default")
        return [
            resume_with(UUID(job["run_id"]), **{k: v for k, v in job.items() if k != "run_id"})
            for job in jobs
            for _ in range(times)
        ]

    @staticmethod
    def texts(conversation: Conversation) -> list[str]:
        """What was said, without the customer."""
        said = Message.objects.filter(conversation=conversation).exclude(author="customer").order_by("seq")
        return list(said.values_list("text", flat=True))


@pytest.fixture
def bank(db: None, office: Office, tmp_path: Path, settings: Any) -> Iterator[Bank]:
    (tmp_path / "flows").mkdir()
    for name, text in {
        "actions": ACTIONS.format(url=office.url, duplicates="key"), "pay_out": FLOW, "wait_twice": WAITING
    }.items():  # fmt: skip
        (tmp_path / "flows" / f"{name}.yaml").write_text(text, encoding="utf-8")
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    forget: list[Callable[[], None]] = [actions.cache_clear, active_flows.cache_clear]
    for each in forget:
        each()
    yield Bank(office)
    for each in forget:
        each()


def tried(work: Callable[[], Any]) -> Any:
    """The result, or the error where something is to be tried again later."""
    try:
        return work()
    except TransientError as error:
        return type(error)
