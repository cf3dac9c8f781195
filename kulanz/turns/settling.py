"""Lost answers of the back office: looked for until they are known, and then told."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.message import ReceiptNote, Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.flows.actions import Action, actions
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.calls import do_settle
from kulanz.flows.models import ActionCall, Awaits, CallStatus, FlowRun
from kulanz.flows.runner import note_of
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Status
from kulanz.settings.logging import logger
from kulanz.trust import audit
from kulanz.turns.receipts import undo_on_page
from kulanz.turns.replies import stamped

log = logger(__name__)
FIRST_LOOK = timedelta(seconds=20)
"""After the turn has had its own look; a call under way is not looked for."""
RESEND = timedelta(minutes=5)
"""So long a call is sent again under its key."""
GIVE_UP = timedelta(minutes=10)
"""After this, what the back office does not know did not happen: no request is under way since the last sending."""
LONGEST = timedelta(days=2)
ROUND = 40.0
"""Seconds of one round, where a back office hangs; the calls that are left come in the next."""


def do_settle_open_calls() -> int:
    """One round over the calls without an answer; returns how many are settled now. What can't be asked about stays
    unknown, and with a person."""
    now, settled = timezone.now(), 0
    lost = ActionCall.objects.filter(
        status__in=[CallStatus.STARTED, CallStatus.UNKNOWN], attempts__gte=1,
        created_at__range=(now - LONGEST, now - FIRST_LOOK),
    ).order_by("?")  # fmt: skip  # so that a round that is too short comes to all of them in time
    until = time.monotonic() + ROUND
    for call in lost:
        if time.monotonic() > until:
            break
        try:
            settled += _do_settle_one(call, now)
        except Exception:  # one call that can't be settled must not keep the others from it
            log.exception("a call can't be settled", call=str(call.pk), action=call.action)
    return settled


def _do_settle_one(call: ActionCall, now: datetime) -> bool:
    action = actions().get(call.action)
    age = now - call.created_at
    old = age > GIVE_UP
    if action is None or (_has_a_turn(call) and not old):
        return False
    if do_settle(call, action, resend=age < RESEND, give_up=old, told=partial(_tell, call, action)):
        return True
    if call.status == CallStatus.STARTED:
        _do_admit(call)
    return False


def _has_a_turn(call: ActionCall) -> bool:
    """Whether the turn that sent it is still to be told: it died and is taken over, or is at it. It asks itself."""
    if call.message:
        return call.message.seq > call.conversation.answered_seq
    waiting = FlowRun.objects.filter(conversation_id=call.conversation_id, flow=call.flow, outcome="")
    return waiting.filter(awaits=Awaits.APPROVAL).exists()


def _do_admit(call: ActionCall) -> None:
    """A call whose turn was given up, and that can't be settled: it is unknown, and a person has it."""
    with transaction.atomic():
        open_still = ActionCall.objects.filter(pk=call.pk, status=CallStatus.STARTED)
        if not open_still.update(status=CallStatus.UNKNOWN):
            return
        conversation = access_conversation(call.conversation_id, None, lock=True)
        if conversation.status in {Status.WAITING, Status.AGENT}:
            return
        _, sentence = do_hand_over(conversation, "outcome_unknown", conversation.language)
        with override(conversation.language):
            text = stamped(sentence, load_timeline(conversation), timezone.now())
        message = do_append(conversation, Reply(text, author="system"))
        do_send(conversation.id, conversation.channel, message_json(message))
        publish_conversation(conversation)


def _tell(call: ActionCall, action: Action, result: CallResult) -> None:
    """The customer and whoever holds the conversation learn what came of it; in the caller's transaction."""
    conversation = access_conversation(call.conversation_id, None, lock=True)
    with override(conversation.language):
        note = note_of(action, result, call.arguments, conversation.language)
        parts = (_text(result, note), undo_on_page(conversation, (note,)))
        text = stamped("\n\n".join(part for part in parts if part), load_timeline(conversation), timezone.now())
    message = do_append(conversation, Reply(text, author="system", actions=(note,)))
    do_send(conversation.id, conversation.channel, message_json(message))
    publish_conversation(conversation)
    audit.record("system", "settled", conversation.id, call=str(call.pk), status=result.status)


def _text(result: CallResult, note: ReceiptNote) -> str:
    if result.status == "done":
        text = _("It is clear now: it was done, once.")
        receipt = _("Receipt: {reference}.").format(reference=note.reference) if note.reference else ""
        return " ".join(part for part in (text, note.summary, receipt) if part)
    return _("It is clear now: it was not done. Nothing was changed.")
