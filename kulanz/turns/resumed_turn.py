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

from kulanz.core.errors import PermanentError, TransientError
from kulanz.core.message import Reply
from kulanz.core.timeline import Timeline
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.flows.answers import MISSING
from kulanz.flows.definitions import stored_definition
from kulanz.flows.models import Awaits, FlowRun
from kulanz.flows.runner import Progress, advance
from kulanz.inbox.conversations import access_conversation, do_reopen
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation, Status
from kulanz.settings.logging import logger
from kulanz.trust import audit
from kulanz.turns.open_flows import asking, circumstances, do_save
from kulanz.turns.replies import sentences, stamped, yes_no

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Happened:
    """What a waiting flow goes on with: the result of its open effect, or (with `approved`, the key of the write) the
    leave to make the call. `known` begins it anew with other values. `first` is told before the rest."""

    why: str
    result: Any = MISSING
    approved: str = ""
    known: dict[str, Any] | None = None
    first: str = ""


class BusyError(TransientError):
    """The customer is in the middle of another flow; to be tried again a little later."""


def resume(run_id: UUID, happened: Happened) -> bool:
    """Plays the run as far as it goes. False where it does not wait any more. Raises BusyError while the flow would
    have to ask something and the conversation is in another flow; TransientError where the back office is down."""
    run = FlowRun.objects.select_related("conversation__customer").filter(pk=run_id, outcome="").first()
    if run is None or run.awaits not in {Awaits.EVENT, Awaits.APPROVAL}:
        return False
    conversation, seen = run.conversation, run.updated_at
    with override(conversation.language):
        progress = _played(run, happened)
        with transaction.atomic():
            conversation = access_conversation(conversation.id, None, lock=True)
            run = FlowRun.objects.select_for_update().get(pk=run_id)
            if run.outcome or run.updated_at != seen:
                return False
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
        raise BusyError("the conversation is in another flow")
    texts = (happened.first, *progress.texts) if happened.first else progress.texts
    return replace(progress, texts=texts)


def _store(run: FlowRun, conversation: Conversation, progress: Progress, happened: Happened) -> None:
    do_save(run, progress)
    timeline = load_timeline(conversation)
    if progress.texts:
        _say(conversation, _reply(conversation, progress), timeline)
    if progress.outcome == "handed_over":
        _, sentence = do_hand_over(conversation, progress.handover, conversation.language)
        _say(conversation, Reply(sentence, author="system"), timeline)
    elif progress.awaits in {"slot", "confirm"} and conversation.status == Status.RESOLVED:
        do_reopen(conversation)
    publish_conversation(conversation)
    audit.record("assistant", "resumed", conversation.id, flow=run.flow, why=happened.why, outcome=run.outcome)


def _reply(conversation: Conversation, progress: Progress) -> Reply:
    """In the assistant's name, or as a plain notice while people hold the conversation."""
    held = conversation.status in {Status.AGENT, Status.WAITING}
    choices = progress.choices or (yes_no(conversation.language) if progress.awaits == "confirm" else ())
    return Reply(
        "\n\n".join(progress.texts), author="system" if held else "assistant", actions=progress.notes, choices=choices
    )


def _say(conversation: Conversation, reply: Reply, timeline: Timeline) -> None:
    told = replace(reply, text=stamped(reply.text, timeline, timezone.now()))
    message = do_append(conversation, told)
    do_send(conversation.id, conversation.channel, message_json(message))


def do_give_up(run_id: UUID) -> None:
    """The flow could not go on, again and again: a person does, with nothing lost."""
    with transaction.atomic():
        run = FlowRun.objects.select_for_update().get(pk=run_id)
        if run.outcome:
            return
        run.outcome = "handed_over"
        run.save(update_fields=["outcome", "updated_at"])
        conversation = access_conversation(run.conversation_id, None, lock=True)
        _, sentence = do_hand_over(conversation, "internal_error", conversation.language)
        _say(conversation, Reply(sentence, author="system"), load_timeline(conversation))
        publish_conversation(conversation)
        audit.record("system", "gave_up", conversation.id, flow=run.flow)
