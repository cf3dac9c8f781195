"""A flow goes on without a word of the customer: an event came, the time is over, or a person decided.

As in a customer's turn, nothing is locked while the back office is called; at the end everything is stored and sent
in one transaction. The job takes the conversation's lock in the queue, so it never runs beside a turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from kulanz.core.decision import Decision, Kind, Reason
from kulanz.core.errors import PermanentError, TransientError
from kulanz.core.message import Reply
from kulanz.core.timeline import Timeline
from kulanz.decision.models import StoredDecision
from kulanz.decision.policies import active_policy
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.desk.stopping import is_stopped
from kulanz.flows.answers import MISSING
from kulanz.flows.definitions import stored_definition
from kulanz.flows.models import Awaits, FlowRun
from kulanz.flows.runner import Progress, advance
from kulanz.flows.waking import position
from kulanz.inbox.conversations import access_conversation, do_reopen
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.settings.logging import logger
from kulanz.trust import audit
from kulanz.turns.open_flows import asking, circumstances, do_save, place_now
from kulanz.turns.receipts import undo_on_page
from kulanz.turns.replies import sentences, stamped, undo_button, yes_no
from kulanz.turns.undoing import until_when
from kulanz.turns.wishes import still_open

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Happened:
    """What a waiting flow goes on with: the result of its open effect, or (with `approved`, the key of the write) the
    leave to make the call. `known` begins it anew with other values. `first` is told before the rest. It holds for a
    run that waits for this kind of thing (`awaited`) `at` this position (see `kulanz.flows.waking`)."""

    why: str
    awaited: Awaits
    at: int
    result: Any = MISSING
    approved: str = ""
    known: dict[str, Any] | None = None
    first: str = ""


class BusyError(TransientError):
    """The customer is in the middle of another flow; to be tried again a little later."""


class StoppedError(BusyError):
    """The assistant is stopped on this channel; to be tried again until it may go on."""


def resume(run_id: UUID, happened: Happened) -> bool:
    """Plays the run as far as it goes. False where it does not wait any more. Raises BusyError while the flow would
    have to ask something and the conversation is in another flow, StoppedError while the assistant is stopped;
    TransientError where the back office is down."""
    run = FlowRun.objects.select_related("conversation__customer").filter(pk=run_id, outcome="").first()
    if run is None or run.awaits != happened.awaited or position(run) != happened.at:
        return False
    conversation, seen = run.conversation, run.updated_at
    if is_stopped(conversation.channel):
        raise StoppedError(conversation.channel)
    with override(conversation.language):
        progress = _played(run, happened)
        with transaction.atomic():
            conversation = access_conversation(conversation.id, None, lock=True)
            run = FlowRun.objects.select_for_update().get(pk=run_id)
            if (run.outcome or run.updated_at != seen) and not progress.wrote:
                return False
            if not progress.wrote and is_stopped(conversation.channel):  # pressed while the flow was played
                raise StoppedError(conversation.channel)
            _store(run, conversation, progress, happened)
    return True


def _played(run: FlowRun, happened: Happened) -> Progress:
    definition = stored_definition(run.flow, run.version)
    state = run.state if happened.known is None else {"known": happened.known, "log": []}
    around = circumstances(run.conversation, run.conversation.language, approved=happened.approved)
    try:
        progress = advance(definition, state, happened.result, around)
    except PermanentError:
        log.warning("back office failed", conversation=str(run.conversation_id))
        return Progress(
            tuple(sentences("system_down")[:1]), dict(run.state), outcome="handed_over", handover="system_down"
        )
    if progress.awaits in {"slot", "confirm"} and asking(run.conversation).exists():
        if not progress.wrote:
            raise BusyError("the conversation is in another flow")
        progress = replace(progress, awaits="", outcome="handed_over", handover="busy")  # what was done is told now
    texts = (happened.first, *progress.texts) if happened.first else progress.texts
    return replace(progress, texts=texts)


def _store(run: FlowRun, conversation: Conversation, progress: Progress, happened: Happened) -> None:
    later = tuple(run.state.get("later", ()))
    if later and not progress.outcome:
        progress = replace(progress, state={**progress.state, "later": list(later)})
    elif later and progress.outcome != "handed_over":
        progress = replace(progress, texts=(*progress.texts, still_open(later)))
    do_save(run, progress)
    timeline, told = load_timeline(conversation), None
    if progress.texts:
        told = _say(conversation, _reply(conversation, progress), timeline, _kind(progress))
    if progress.outcome == "handed_over":
        handed = _do_hand_over(conversation, progress.handover, timeline, "" if told else "hand_over")
        told = told or handed
    elif progress.awaits in {"slot", "confirm"} and conversation.status == Status.RESOLVED:
        do_reopen(conversation)
    _explain(run, conversation, progress, happened, told)
    publish_conversation(conversation)
    audit.record("assistant", "resumed", conversation.id, flow=run.flow, why=happened.why, outcome=run.outcome)


def _do_hand_over(conversation: Conversation, reason: str, timeline: Timeline, decision: str = "") -> Message | None:
    """Says so, unless people have it already: the customer would read the sentence of back then once more."""
    held = conversation.status in {Status.AGENT, Status.WAITING}
    _, sentence = do_hand_over(conversation, reason, conversation.language)
    return None if held else _say(conversation, Reply(sentence, author="system"), timeline, decision)


def _kind(progress: Progress) -> Kind:
    if progress.outcome == "handed_over":
        return "hand_over"
    return "ask" if progress.awaits else "act"


def _explain(
    run: FlowRun, conversation: Conversation, progress: Progress, happened: Happened, told: Message | None
) -> None:
    """Why this was said, as of any other reply; no message of the customer stands behind it."""
    policy = active_policy().version
    reasons = [Reason(f"flow_{happened.why}", detail=run.flow)]
    if progress.outcome == "handed_over":
        reasons.insert(0, Reason(progress.handover, detail=run.flow))
    decision = Decision(_kind(progress), progress.handover or run.flow, tuple(reasons), policy)
    StoredDecision.objects.create(
        conversation=conversation, message=None, reply=told, kind=decision.kind, data=decision.to_json(),
        policy_version=policy,
    )  # fmt: skip


def _reply(conversation: Conversation, progress: Progress) -> Reply:
    """In the assistant's name, or as a plain notice while people hold the conversation."""
    held = conversation.status in {Status.AGENT, Status.WAITING}
    choices = progress.choices or (yes_no(conversation.language) if progress.awaits == "confirm" else ())
    undo = undo_on_page(conversation, progress.notes) if held else until_when(progress.notes)
    if undo and not held:
        choices = (*choices, undo_button())
    text = "\n\n".join(part for part in (*progress.texts, undo) if part)
    return Reply(text, author="system" if held else "assistant", actions=progress.notes, choices=choices)


def _say(conversation: Conversation, reply: Reply, timeline: Timeline, decision: str = "") -> Message:
    told = replace(reply, text=stamped(reply.text, timeline, timezone.now()))
    message = do_append(conversation, told, decision=decision)
    do_send(conversation.id, conversation.channel, message_json(message))
    return message


def do_give_up(run_id: UUID) -> None:
    """The flow could not go on, again and again: a person does, with nothing lost."""
    with transaction.atomic():
        run = FlowRun.objects.select_for_update().get(pk=run_id)
        if run.outcome:
            return
        run.outcome, run.left_at = "handed_over", place_now(run)
        run.save(update_fields=["outcome", "left_at", "updated_at"])
        conversation = access_conversation(run.conversation_id, None, lock=True)
        _do_hand_over(conversation, "internal_error", load_timeline(conversation))
        publish_conversation(conversation)
        audit.record("system", "gave_up", conversation.id, flow=run.flow)
