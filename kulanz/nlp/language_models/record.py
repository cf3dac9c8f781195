"""Every call leaves a row, and the budget what it really took."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kulanz.nlp.language_models.budget import Reservation, settle
from kulanz.nlp.language_models.client import Prompt
from kulanz.nlp.language_models.models import ModelCall
from kulanz.nlp.language_models.result import Reason
from kulanz.settings.language_models import Model, Task

_CHARACTERS_A_TOKEN = 3  # German and English, where the server does not count
_NEVER_WORKED = frozenset({Reason.UNREACHABLE, Reason.BUSY, Reason.SERVER_FAILED, Reason.NOT_ALLOWED, Reason.TOO_LONG})
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked and how it ended. `prompt` and `replied` are masked."""

    task: Task
    model: Model
    prompt: Prompt
    conversation: UUID | None
    outcome: str
    milliseconds: int
    replied: str


def do_record(call: Call, reservation: Reservation, tokens_in: int, tokens_out: int) -> UUID:
    """Stores the call and settles its reservation; returns the row's id."""
    if call.outcome not in _NEVER_WORKED:
        tokens_in = tokens_in or _estimate(call.prompt.size)
        tokens_out = tokens_out or _estimate(len(call.replied))
    cost = (tokens_in * call.model.price_in + tokens_out * call.model.price_out) / _MILLION
    keep = settings.LANGUAGE_MODELS.keep_texts
    with transaction.atomic():
        settle(reservation, tokens_in + tokens_out)
        row = ModelCall.objects.create(
            task=call.task.value,
            model=call.model.name[:200],
            outcome=call.outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            milliseconds=call.milliseconds,
            cost=cost,
            conversation_id=call.conversation,
            asked=f"{call.prompt.instructions}\n\n{call.prompt.material}" if keep else "",
            replied=call.replied if keep else "",
        )
    return row.id


def do_record_missed(task: Task, model: Model, reason: Reason, conversation: UUID | None) -> None:
    """Stores that a call was wanted but not made (no budget left, server at rest), so that the operator sees it."""
    ModelCall.objects.create(
        task=task.value, model=model.name[:200], outcome=reason.value, conversation_id=conversation
    )


def do_judge(call_id: UUID | None, outcome: Reason) -> None:
    """What whoever read a reply made of it, where it was of no use."""
    if call_id:
        ModelCall.objects.filter(id=call_id).update(outcome=outcome.value)


def _estimate(characters: int) -> int:
    return -(-characters // _CHARACTERS_A_TOKEN)
