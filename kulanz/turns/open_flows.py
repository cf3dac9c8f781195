"""The flow that a conversation is in: load it, and store where it has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kulanz.core.decision import OpenFlow
from kulanz.core.flow import Ask, Confirm, Definition
from kulanz.core.reading import Reading
from kulanz.flows.definitions import active_flows, do_store_version, stored_definition
from kulanz.flows.models import FlowRun
from kulanz.flows.runner import MISSING, Progress, answer_to, open_question
from kulanz.inbox.models import Conversation

if TYPE_CHECKING:
    from kulanz.turns.carry_out import Carried


@dataclass(frozen=True, slots=True)
class FlowView:
    """A waiting flow beside the message at hand. `answer` is MISSING where the message does not answer it."""

    definition: Definition
    state: dict[str, Any]
    question: Ask | Confirm
    answer: Any
    open: OpenFlow


@dataclass(frozen=True, slots=True)
class FlowChange:
    """What a turn did to flows: a definition with its progress, or (without one) the open flow was ended."""

    definition: Definition | None
    progress: Progress | None
    outcome: str = ""


def flows_by_intent() -> dict[str, str]:
    return {intent: flow.name for flow in active_flows().values() for intent in flow.intents}


def flow_view(conversation: Conversation, reading: Reading) -> FlowView | None:
    """The conversation's waiting flow, if there is one."""
    run = FlowRun.objects.filter(conversation=conversation, outcome="").first()
    if run is None:
        return None
    definition = stored_definition(run.flow, run.version)
    question = open_question(definition, run.state)
    if question is None:
        return None
    answer = answer_to(question, reading)
    awaits = "confirm" if isinstance(question, Confirm) else "slot"
    view = OpenFlow(run.flow, awaits, fits=answer is not MISSING, asked=int(run.state.get("asked", 1)))  # type: ignore[arg-type]
    return FlowView(definition, run.state, question, answer, view)


def do_store_flow(conversation: Conversation, carried: Carried) -> None:
    """Writes what the turn did to the conversation's flow, in the turn's transaction."""
    change = carried.flow
    if change is None:
        return
    run = FlowRun.objects.select_for_update().filter(conversation=conversation, outcome="").first()
    progress = change.progress
    if progress is None:
        if run:
            run.outcome = change.outcome
            run.save(update_fields=["outcome", "updated_at"])
        return
    if change.definition is None:
        raise ValueError("progress without its flow")
    if run and run.flow != change.definition.name:
        run.outcome = "left"
        run.save(update_fields=["outcome", "updated_at"])
        run = None
    if run is None:
        do_store_version(change.definition)
        run = FlowRun(conversation=conversation, flow=change.definition.name, version=change.definition.version)
    run.state = progress.state
    run.outcome = progress.outcome or ""
    run.save()
