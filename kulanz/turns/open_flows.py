"""The flow that a conversation is in: load it, and store where it has come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kulanz.core.decision import OpenFlow, Start
from kulanz.core.errors import TransientError
from kulanz.core.flow import Ask, Confirm, Definition, effects_of, lookup, number_of
from kulanz.core.reading import Reading
from kulanz.flows.actions import Level, actions
from kulanz.flows.answers import MISSING, answer_to, choice_changed, names_answer
from kulanz.flows.approvals import do_request_approval, do_withdraw
from kulanz.flows.choosing import is_unknowing
from kulanz.flows.definitions import active_flows, do_store_version, stored_definition
from kulanz.flows.models import Awaits, FlowRun
from kulanz.flows.places import place_of
from kulanz.flows.runner import Circumstances, Progress, has_written, open_question
from kulanz.flows.waking import do_look_for_early
from kulanz.inbox.models import Conversation

if TYPE_CHECKING:
    from kulanz.turns.carry_out import Carried

_MONEY = re.compile(r"\{([\w.]+)\|money\}")
_ANY = frozenset(
    {"text", "choice", "email", "phone", "money", "date", "iban", "card", "quantity", "address", "photo", "file"}
)
"""Kinds of slots that say nothing of the matter when a message names one; the operator's own numbers do."""
LONGEST_KEY = 200
"""Characters of an event's key; nobody can tell a longer one."""


@dataclass(frozen=True, slots=True)
class FlowView:
    """A waiting flow beside the message at hand. `answer` is MISSING where the message does not answer it;
    `corrected` is the state to begin again from, where the message changes what was said before."""

    definition: Definition
    state: dict[str, Any]
    question: Ask | Confirm
    answer: Any
    open: OpenFlow
    corrected: dict[str, Any] | None = None

    @property
    def later(self) -> tuple[dict[str, Any], ...]:
        """The wishes that wait for the end of this flow."""
        return tuple(self.state.get("later", ()))


@dataclass(frozen=True, slots=True)
class FlowChange:
    """What a turn did to flows: a definition with its progress, or (without one) the open flow was ended. `before`
    happened first, where one flow followed another; `withdraws` is an approval that is not wanted any more."""

    definition: Definition | None
    progress: Progress | None
    outcome: str = ""
    before: FlowChange | None = None
    withdraws: UUID | None = None


class OvertakenError(TransientError):
    """What the turn goes by is not so any more: it starts again."""


def flows_by_intent() -> dict[str, str]:
    return {intent: flow.name for flow in active_flows().values() for intent in flow.intents}


def starts(language: str) -> dict[str, Start]:
    """How each flow that customers may begin is offered in this language, and the numbers that it asks for."""
    flows = (flow for flow in active_flows().values() if flow.intents)
    return {f.name: Start(f.title[language], frozenset(s.entity for s in f.slots.values()) - _ANY) for f in flows}


def declined_flows(conversation: Conversation) -> frozenset[str]:
    runs = FlowRun.objects.filter(conversation=conversation, outcome="declined")
    return frozenset(runs.values_list("flow", flat=True))


def asking(conversation: Conversation) -> QuerySet[FlowRun]:
    """The run, if there is one, that waits for the customer; not those that wait for something outside."""
    running = FlowRun.objects.filter(conversation=conversation, outcome="")
    return running.exclude(awaits__in=[Awaits.EVENT, Awaits.APPROVAL])


def flow_view(conversation: Conversation, reading: Reading) -> FlowView | None:
    """The conversation's waiting flow, if there is one."""
    waiting = asking(conversation).first()
    if waiting is None:
        return None
    definition = stored_definition(waiting.flow, waiting.version)
    question = open_question(definition, waiting.state)
    if question is None:
        return None
    answer = answer_to(question, reading, definition)
    changed = choice_changed(definition, waiting.state, reading) if isinstance(question, Confirm) else {}
    corrected = _corrected(definition, waiting.state, question, reading, changed)
    view = OpenFlow(
        name=waiting.flow,
        awaits="confirm" if isinstance(question, Confirm) else "slot",
        fits=answer is not MISSING,
        asked=int(waiting.state.get("asked", 1)),
        corrects=corrected is not None,
        names="one" if changed and corrected else names_answer(question, reading),
        amount=amount_of(question),
        unknowing=answer is MISSING and is_unknowing(reading.text),
        later=tuple(later["wish"] for later in waiting.state.get("later", ())),
    )
    return FlowView(definition, waiting.state, question, answer, view, corrected)


def amount_of(question: Ask | Confirm | None) -> float | None:
    """The amount that a confirmation is about: the action's own, or the largest that the customer is shown; None
    where there is none."""
    if not isinstance(question, Confirm):
        return None
    action = actions().get(question.call.action)
    if action and action.amount:
        return number_of(question.call.arguments.get(action.amount))
    places = {path for text in question.text.values() for path in _MONEY.findall(text)}
    values = (number_of(lookup(path, question.values)) for path in places)
    return max((value for value in values if value is not None), default=None)


def _corrected(
    definition: Definition, state: Mapping[str, Any], question: Ask | Confirm, reading: Reading, changed: dict[str, Any]
) -> dict[str, Any] | None:
    """The flow's beginning with the corrected slot: filled anew where the message names another value, empty where
    it only takes the old one back. None where nothing is corrected, or something has been written already; a no to a
    proposal that names nothing else is a no. `changed` are other answers to questions with choices."""
    told = told_slots(definition, state)
    if not told or has_written(definition, state):
        return None
    open_slot = question.slot.name if isinstance(question, Ask) else ""
    asked = question.slot if isinstance(question, Ask) else None
    whole = asked and (asked.entity == "text" or asked.or_text)  # a postcode there is no order number
    if whole and not reading.signal("corrects"):
        return None
    if changed:
        return _again(state, told | changed)
    named = {n: value for n, slot in definition.slots.items() if (value := _other(reading, slot.entity, told.get(n)))}
    if any(name in told and name != open_slot for name in named):
        return _again(state, told | named)
    if reading.signal("corrects") and not open_slot and not reading.entities and not reading.signal("denies"):
        first = next((name for name in told if not definition.slots[name].from_customer), None)
        if first:
            return _again(state, {name: value for name, value in told.items() if name != first})
    return None


def _other(reading: Reading, kind: str, old: str | None) -> str | None:
    """The value of this kind in the message that is not the old one."""
    return next((e.value for e in reading.entities if e.kind == kind and e.value != old), None)


def _again(state: Mapping[str, Any], known: dict[str, str]) -> dict[str, Any]:
    return {"known": known, "log": [], "later": list(state.get("later", ()))}


def told_slots(definition: Definition, state: Mapping[str, Any]) -> dict[str, str]:
    """Every slot and choice that has a value by now: known at the start, or answered since; slots in the order of the
    file, then the choices."""
    values = dict(state["known"])
    for effect, result in effects_of(definition, state["known"], state["log"]):
        if isinstance(effect, Ask):
            values |= {**result.get("also", {}), effect.slot.name: result["value"]}
    return {name: values[name] for name in (*definition.slots, *values) if values.get(name)}


def circumstances(conversation: Conversation, language: str, **more: Any) -> Circumstances:
    """For whom a flow of this conversation is played. What a customer says of themselves is a claim."""
    customer = conversation.customer
    level: Level = "claimed" if customer.email else "anonymous"
    return Circumstances(conversation.id, customer.email.lower() or str(customer.id), language, level=level, **more)


def do_store_flow(conversation: Conversation, carried: Carried) -> None:
    """Writes what the turn did to the conversation's flows, in the turn's transaction."""
    if carried.flow:
        _do_store(conversation, carried.flow)


def _do_store(conversation: Conversation, change: FlowChange) -> None:
    if change.before:
        _do_store(conversation, change.before)
    if change.withdraws:
        if not do_withdraw(change.withdraws):
            raise OvertakenError("a person has decided meanwhile")
        return
    waiting = asking(conversation).select_for_update().first()
    progress = change.progress
    if progress is None:
        if waiting:
            _do_leave(waiting, change.outcome)
        return
    if change.definition is None:
        raise ValueError("progress without its flow")
    if waiting and waiting.flow != change.definition.name:
        _do_leave(waiting, "left")
        waiting = None
    if waiting is None:
        do_store_version(change.definition)
        waiting = FlowRun(conversation=conversation, flow=change.definition.name, version=change.definition.version)
    do_save(waiting, progress)


def _do_leave(run: FlowRun, outcome: str) -> None:
    """The run ends where it stands."""
    run.outcome, run.left_at = outcome, place_now(run)
    run.save(update_fields=["outcome", "left_at", "updated_at"])


def place_now(run: FlowRun) -> str:
    """The step at which it stands, for the architects' figures."""
    return place_of(stored_definition(run.flow, run.version), run.state)[:200]


def do_save(run: FlowRun, progress: Progress) -> None:
    """Writes where a run stands, and puts a write that needs it before a person; in the caller's transaction."""
    run.state, run.awaits, run.outcome = progress.state, progress.awaits, progress.outcome or ""
    if run.outcome not in {"", "solved"}:
        run.left_at = place_now(run)
    if wait := progress.wait:
        run.event, run.event_key = wait.event, wait.key[:LONGEST_KEY]
        run.wakes_at = timezone.now() + timedelta(seconds=wait.seconds) if wait.seconds is not None else None
    run.save()
    if progress.wait:
        do_look_for_early(run)
    if progress.approval:
        do_request_approval(run, progress.approval)
