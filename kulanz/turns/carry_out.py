"""Carry a decision out: prepare the replies, play the flow, call the actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from kulanz.core.decision import Decision, Reason
from kulanz.core.errors import PermanentError, TransientError
from kulanz.core.flow import Definition
from kulanz.core.knowledge import Passage
from kulanz.core.message import Reply, Source
from kulanz.core.reading import Reading
from kulanz.core.timeline import Timeline
from kulanz.flows.definitions import active_flows
from kulanz.flows.runner import MISSING, Progress, advance, again, known_slots
from kulanz.inbox.models import Conversation
from kulanz.settings.logging import logger
from kulanz.turns.open_flows import FlowChange, FlowView
from kulanz.turns.replies import insist, sentences, stamped, unsaid, yes_no

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Carried:
    """The replies to store and send. `decision` is what the turn really came to: a flow that had to ask is an
    *ask*, one that could not go on is a *hand_over*. `wrote`: an action was sent and must be told."""

    decision: Decision
    replies: tuple[Reply, ...]
    flow: FlowChange | None = None
    wrote: bool = False


@dataclass(frozen=True, slots=True)
class _Turn:
    decision: Decision
    reading: Reading
    passages: tuple[Passage, ...]
    conversation: Conversation
    timeline: Timeline
    flow: FlowView | None
    language: str
    before_call: Callable[[], None]


def carry_out(
    decision: Decision, reading: Reading, passages: tuple[Passage, ...], conversation: Conversation,
    timeline: Timeline, flow: FlowView | None, language: str, *, before_call: Callable[[], None],
) -> Carried:  # fmt: skip
    """Prepares what the decision means. Raises nothing for a back office that is down: that becomes a person."""
    turn = _Turn(decision, reading, passages, conversation, timeline, flow, language, before_call)
    with override(language):
        if decision.kind == "stay_silent":
            return Carried(decision, ())
        if decision.kind == "hand_over":
            return Carried(decision, (), _leave(turn, "handed_over"))
        if decision.kind == "act":
            return _act(turn)
        if decision.kind == "answer":
            return _answer(turn)
        return _ask(turn)


def _leave(turn: _Turn, outcome: str) -> FlowChange | None:
    return FlowChange(None, None, outcome) if turn.flow else None


def _instead_a_person(turn: _Turn, code: str, *replies: Reply, flow: FlowChange | None = None) -> Carried:
    """Whatever was planned can't be done honestly: a person."""
    reasons = (Reason(code, detail=turn.decision.subject), *turn.decision.reasons)
    decision = replace(turn.decision, kind="hand_over", subject=code, reasons=reasons)
    return Carried(decision, replies, flow or _leave(turn, "handed_over"))


def _ask(turn: _Turn) -> Carried:
    if turn.decision.subject == "flow_again" and turn.flow:
        text = unsaid([again(turn.flow.question, turn.language)], turn.timeline)
        state = {**turn.flow.state, "asked": turn.flow.open.asked + 1}
        awaits = turn.flow.open.awaits
        change = FlowChange(turn.flow.definition, Progress((), state, awaits))
        if text is None:
            return _instead_a_person(turn, "flow_unclear")
        return Carried(turn.decision, (Reply(text, choices=_choices(awaits, turn.language)),), change)
    text = unsaid(sentences(turn.decision.subject), turn.timeline)
    if text is None:
        return _instead_a_person(turn, "would_repeat")
    return Carried(turn.decision, (Reply(text, choices=turn.decision.suggestions),))


def _answer(turn: _Turn) -> Carried:
    passage = next((p for p in turn.passages if p.passage_id == turn.decision.subject), None)
    if passage is None:
        text = unsaid(sentences(turn.decision.subject), turn.timeline)
        silent = replace(turn.decision, kind="stay_silent", subject="said_before")
        return Carried(turn.decision, (Reply(text),)) if text else Carried(silent, ())
    quote = unsaid([passage.quote, passage.text], turn.timeline)
    if quote is None:
        return _instead_a_person(turn, "would_repeat")
    if turn.flow:  # a question in between: answered, then back to the flow
        quote = f"{quote}\n\n{again(turn.flow.question, turn.language)}"
    source = Source(
        passage.article_id, passage.passage_id, passage.title, passage.quote, passage.language,
        f"/help/{passage.article_id}/",
    )  # fmt: skip
    return Carried(turn.decision, (Reply(quote, sources=(source,)),))


def _act(turn: _Turn) -> Carried:
    if turn.decision.subject == "stop_flow":
        last = stamped(sentences("stop_flow")[-1], turn.timeline, timezone.now())
        stopped = unsaid(sentences("stop_flow"), turn.timeline) or last
        return Carried(turn.decision, (Reply(stopped),), _leave(turn, "declined"))
    definition, state, answer = _where_to_go_on(turn)
    try:
        progress = advance(definition, state, answer, turn.conversation.id, turn.language, turn.before_call)
    except (TransientError, PermanentError) as error:
        log.warning("back office failed", conversation=str(turn.conversation.id), error=type(error).__name__)
        text = unsaid(sentences("system_down"), turn.timeline)
        return _instead_a_person(turn, "system_down", *([Reply(text)] if text else []))
    return _told(turn, definition, progress)


def _where_to_go_on(turn: _Turn) -> tuple[Definition, dict[str, Any], Any]:
    if turn.flow and turn.decision.subject == turn.flow.open.name:
        return turn.flow.definition, turn.flow.state, turn.flow.answer
    definition = active_flows()[turn.decision.subject]
    customer = turn.conversation.customer
    record = {"email": customer.email, "name": customer.name, "external_id": customer.external_id}
    known = known_slots(definition, turn.reading, turn.timeline, record)
    return definition, {"known": known, "log": []}, MISSING


def _told(turn: _Turn, definition: Definition, progress: Progress) -> Carried:
    """The flow's texts as one reply, marked with what the turn came to."""
    change = FlowChange(definition, progress)
    text = "\n\n".join(progress.texts)
    if progress.outcome == "handed_over":
        replies = [Reply(text, actions=progress.notes)] if text else []
        carried = _instead_a_person(turn, progress.handover, *replies, flow=change)
        return replace(carried, wrote=progress.wrote)
    fresh = insist(text, turn.timeline, turn.language)
    if fresh is None and not progress.wrote:
        return _instead_a_person(turn, "would_repeat", flow=change)
    text = fresh or stamped(text, turn.timeline, timezone.now())
    decision = replace(turn.decision, kind="ask") if progress.awaits else turn.decision
    reply = Reply(text, actions=progress.notes, choices=_choices(progress.awaits, turn.language))
    return Carried(decision, (reply,), change, progress.wrote)


def _choices(awaits: str, language: str) -> tuple[str, ...]:
    return yes_no(language) if awaits == "confirm" else ()
