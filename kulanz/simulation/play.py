"""Play one simulated customer against the running pipeline: inbox, turn, stored reply."""

from __future__ import annotations

import random
from collections.abc import Iterator
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection

from kulanz.core.message import InboundMessage
from kulanz.flows.models import ActionCall
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.receive import receive
from kulanz.simulation.customer import Customer, Line
from kulanz.simulation.dialogue import Dialogue, Turn
from kulanz.simulation.observe import observe
from kulanz.simulation.scenario import Scenario, Seen
from kulanz.simulation.wording import Speech
from kulanz.turns.customer_turn import customer_turn

MAX_TURNS = 14


def play(scenario: Scenario, language: str, seed: int) -> Dialogue:
    """Plays the scenario; the same name, language and seed give the same customer."""
    dice = random.Random(f"{scenario.name} {language} {seed}")  # noqa: S311 - repeatability, not secrecy
    speech = Speech(language, dice, scenario.moods, scenario.typos, scenario.style)
    customer = Customer(scenario, language, dice, speech)
    claims = Claims(external_id=f"simulated-{uuid4().hex[:12]}", email=scenario.signed_in)
    conversation, _ = do_open_conversation("web_chat", language, claims)
    turns = tuple(_turns(customer, conversation.id))
    _do_tidy_up(conversation.id)
    return Dialogue(
        scenario, language, seed, turns, customer.end or "gave_up", not customer.goals,
        tuple(customer.all_goals), conversation.id,
    )  # fmt: skip


def _turns(customer: Customer, conversation_id: UUID) -> Iterator[Turn]:
    line: Line | None = customer.open()
    seen: Seen | None = None
    calls = 0
    for _ in range(MAX_TURNS):
        if line is None:
            return
        seen = _one_turn(line, conversation_id, seen, calls)
        calls += len(seen.done)
        yield Turn(line, seen)
        line = customer.react(seen)


def _one_turn(line: Line, conversation_id: UUID, before: Seen | None, calls: int) -> Seen:
    for text in line.texts:
        inbound = InboundMessage(str(conversation_id), uuid4().hex, text)
        message, _ = receive(inbound, token=None)
    customer_turn(conversation_id)
    return observe(conversation_id, message.id, before, calls)


def _do_tidy_up(conversation_id: UUID) -> None:
    """Puts the shop back where something was changed in it, so that no customer feels what another one did."""
    if ActionCall.objects.filter(conversation_id=conversation_id).exists():
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
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(tables)}")
        for table in tables:
            cursor.execute(f"insert into {table} select * from kept.{table}")  # noqa: S608 - our own table names


def _tables() -> list[str]:
    return [model._meta.db_table for model in apps.get_app_config("demo").get_models()]
