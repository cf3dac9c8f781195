"""The flow that a conversation is in: load it, and store where it has come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kulanz.core.decision import OpenFlow
from kulanz.core.flow import Ask, Call, Confirm, Definition, lookup, run
from kulanz.core.reading import Reading
from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows, do_store_version, stored_definition
from kulanz.flows.models import FlowRun
from kulanz.flows.runner import MISSING, Progress, answer_to, open_question
from kulanz.inbox.models import Conversation

if TYPE_CHECKING:
    from kulanz.turns.carry_out import Carried

_MONEY = re.compile(r"\{([\w.]+)\|money\}")


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
    happened first, where one flow followed another."""

    definition: Definition | None
    progress: Progress | None
    outcome: str = ""
    before: FlowChange | None = None


def flows_by_intent() -> dict[str, str]:
    return {intent: flow.name for flow in active_flows().values() for intent in flow.intents}


def flow_view(conversation: Conversation, reading: Reading) -> FlowView | None:
    """The conversation's waiting flow, if there is one."""
    waiting = FlowRun.objects.filter(conversation=conversation, outcome="").first()
    if waiting is None:
        return None
    definition = stored_definition(waiting.flow, waiting.version)
    question = open_question(definition, waiting.state)
    if question is None:
        return None
    answer = answer_to(question, reading)
    corrected = _corrected(definition, waiting.state, question, reading)
    view = OpenFlow(
        name=waiting.flow,
        awaits="confirm" if isinstance(question, Confirm) else "slot",
        fits=answer is not MISSING,
        asked=int(waiting.state.get("asked", 1)),
        corrects=corrected is not None,
        amount=amount_of(question),
        later=tuple(later["wish"] for later in waiting.state.get("later", ())),
    )
    return FlowView(definition, waiting.state, question, answer, view, corrected)


def amount_of(question: Ask | Confirm | None) -> float | None:
    """The largest amount that a confirmation shows the customer; None where it shows none."""
    if not isinstance(question, Confirm):
        return None
    places = {path for text in question.text.values() for path in _MONEY.findall(text)}
    values = (lookup(path, question.values) for path in places)
    return max((float(value) for value in values if value is not None), default=None)


def _corrected(
    definition: Definition, state: Mapping[str, Any], question: Ask | Confirm, reading: Reading
) -> dict[str, Any] | None:
    """The flow's beginning with the corrected slot: filled anew where the message names another value, empty where
    it only takes the old one back. None where nothing is corrected, or something has been written already."""
    told = _told(definition, state)
    if not told or _has_written(definition, state):
        return None
    open_slot = question.slot.name if isinstance(question, Ask) else ""
    named = {n: value for n, slot in definition.slots.items() if (value := _other(reading, slot.entity, told.get(n)))}
    if any(name in told and name != open_slot for name in named):
        return _again(state, told | named)
    if reading.signal("corrects") and not open_slot and not reading.entities:
        first = next((name for name in told if not definition.slots[name].from_customer), None)
        if first:
            return _again(state, {name: value for name, value in told.items() if name != first})
    return None


def _other(reading: Reading, kind: str, old: str | None) -> str | None:
    """The value of this kind in the message that is not the old one."""
    return next((e.value for e in reading.entities if e.kind == kind and e.value != old), None)


def _again(state: Mapping[str, Any], known: dict[str, str]) -> dict[str, Any]:
    return {"known": known, "log": [], "later": list(state.get("later", ()))}


def _told(definition: Definition, state: Mapping[str, Any]) -> dict[str, str]:
    """Every slot that has a value by now, in the order of the file: known at the start, or answered since."""
    values = dict(state["known"])
    for effect, result in _effects(definition, state):
        if isinstance(effect, Ask):
            values[effect.slot.name] = result
    return {name: values[name] for name in definition.slots if values.get(name)}


def _has_written(definition: Definition, state: Mapping[str, Any]) -> bool:
    return any(
        isinstance(effect, Call) and actions()[effect.action].writes for effect, _ in _effects(definition, state)
    )


def _effects(definition: Definition, state: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What the flow has done so far, each effect with its result."""
    generator, done = run(definition, state["known"]), []
    effect: Any = next(generator, None)
    for result in state["log"]:
        done.append((effect, result))
        try:
            effect = generator.send(result)
        except StopIteration:
            break
    return done


def do_store_flow(conversation: Conversation, carried: Carried) -> None:
    """Writes what the turn did to the conversation's flows, in the turn's transaction."""
    if carried.flow:
        _do_store(conversation, carried.flow)


def _do_store(conversation: Conversation, change: FlowChange) -> None:
    if change.before:
        _do_store(conversation, change.before)
    waiting = FlowRun.objects.select_for_update().filter(conversation=conversation, outcome="").first()
    progress = change.progress
    if progress is None:
        if waiting:
            waiting.outcome = change.outcome
            waiting.save(update_fields=["outcome", "updated_at"])
        return
    if change.definition is None:
        raise ValueError("progress without its flow")
    if waiting and waiting.flow != change.definition.name:
        waiting.outcome = "left"
        waiting.save(update_fields=["outcome", "updated_at"])
        waiting = None
    if waiting is None:
        do_store_version(change.definition)
        waiting = FlowRun(conversation=conversation, flow=change.definition.name, version=change.definition.version)
    waiting.state = progress.state
    waiting.outcome = progress.outcome or ""
    waiting.save()
