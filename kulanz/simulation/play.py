"""Play one simulated customer against the running pipeline: inbox, turn, stored reply."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection, transaction

from kulanz.accounts.models import User
from kulanz.core.message import InboundMessage
from kulanz.flows.approvals import approval_of
from kulanz.flows.models import ActionCall, Approval, FlowRun
from kulanz.flows.waking import position
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.receive import receive
from kulanz.settings.parts import DEMO_CODE, DEMO_STATE, part
from kulanz.simulation.customer import Customer, Line
from kulanz.simulation.dialogue import Dialogue, Turn
from kulanz.simulation.observe import observe
from kulanz.simulation.scenario import Scenario, Seen
from kulanz.simulation.wording import Speech
from kulanz.turns.customer_turn import customer_turn
from kulanz.turns.outside import do_approve, do_refuse, resume_with

MAX_TURNS = 18
"""The longest flow has a dozen questions."""
NO = {
    "de": "Dafür sehe ich nach Rücksprache leider keinen Grund.",
    "en": "After asking around I see no reason for it, I'm afraid.",
}


def play(scenario: Scenario, language: str, seed: int) -> Dialogue:
    """Plays the scenario; the same name, language and seed give the same customer."""
    dice = random.Random(f"{scenario.name} {language} {seed}")  # noqa: S311 - repeatability, not secrecy
    speech = Speech(language, dice, scenario.moods, scenario.typos, scenario.style)
    customer = Customer(scenario, language, dice, speech, mailbox=part(DEMO_CODE))
    stage = _Stage(customer, f"simulated-{uuid4().hex[:12]}")
    looks = any(wish.state is not None for wish in scenario.wishes)
    before = part(DEMO_STATE)() if looks else frozenset()
    turns = tuple(stage.turns())
    changes = part(DEMO_STATE)() - before if looks else frozenset()
    _do_tidy_up(stage.conversations)
    return Dialogue(
        scenario, language, seed, turns, customer.end or "gave_up", not customer.goals,
        tuple(customer.all_goals), stage.conversations[0], customer.state, changes,
    )  # fmt: skip


@dataclass
class _Stage:
    """A customer and their conversations with the pipeline, the newest last."""

    customer: Customer
    external_id: str
    conversations: list[UUID] = field(default_factory=list)
    before: Seen | None = None
    calls: int = 0

    def turns(self) -> Iterator[Turn]:
        line: Line | None = self.customer.open()
        self._open()
        for _ in range(MAX_TURNS):
            if line is None:
                return
            if line.afresh:
                self._open()
            seen = self._turn(line)
            yield Turn(line, seen)
            line = self.customer.react(seen)

    def _open(self) -> None:
        claims = Claims(external_id=self.external_id, email=self.customer.scenario.signed_in)
        conversation, _ = do_open_conversation("web_chat", self.customer.language, claims)
        self.conversations.append(conversation.id)
        self.before, self.calls = None, 0

    def _turn(self, line: Line) -> Seen:
        here = self.conversations[-1]
        for text in line.texts:
            message, _ = receive(InboundMessage(str(here), uuid4().hex, text), token=None)
        customer_turn(here)
        _do_decide(here, self.customer.scenario.approval, self.customer.language)
        seen = self.before = observe(here, message.id, self.before, self.calls)
        self.calls += len(seen.done) + len(seen.undone)
        return seen


def _do_decide(conversation_id: UUID, approval: str, language: str) -> None:
    """An agent looks at what waits for one, and the flow goes on: its job runs here, as no worker does."""
    waiting = approval_of(conversation_id)
    agent = User.objects.filter(role="supervisor").first()
    if waiting is None or approval == "waits":
        return
    if agent is None:
        agent = User.objects.create_user("supervisor@simulation.example", name="Supervisor", role="supervisor")
    at = position(waiting.run)
    if approval == "approves":
        do_approve(waiting.pk, agent)
    else:
        do_refuse(waiting.pk, agent, NO[language])
    resume_with(waiting.run_id, "approval", at, approval=str(waiting.pk))


def _do_tidy_up(conversations: Sequence[UUID]) -> None:
    """Puts the shop back where a flow was in it, and forgets what was done there, so that no customer feels what
    another one did: the same wish of another customer with the same address would be its repetition."""
    if FlowRun.objects.filter(conversation__in=conversations).exists():
        Approval.objects.filter(run__conversation__in=conversations).delete()
        ActionCall.objects.filter(conversation__in=conversations).delete()
        restore_shop()


def keep_shop() -> None:
    """Keeps a copy of the back office's tables, which lie in this database as long as it is the demo's."""
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists kept cascade; create schema kept")
        for table in _tables():
            cursor.execute(f"create table kept.{table} as table {table}")


def restore_shop() -> None:
    """The back office's tables as they were when `keep_shop` ran."""
    tables = _tables()
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are looked at in the end
        cursor.execute(f"truncate {', '.join(tables)}")
        for table in tables:
            cursor.execute(f"insert into {table} select * from kept.{table}")  # noqa: S608 - our own table names


def _tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_app_config("demo").get_models()]
