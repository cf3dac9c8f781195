"""Lost answers of the back office: looked for until they are known, and then told."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.message import ReceiptNote, Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import publish_conversation
from kulanz.flows.actions import Action, actions
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.calls import do_settle
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.runner import note_of
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.trust import audit
from kulanz.turns.replies import stamped

FIRST_LOOK = timedelta(seconds=20)
"""After the turn has had its own look; a call under way is not looked for."""
GIVE_UP = timedelta(minutes=10)
"""After this, what the back office does not know did not happen: no request is under way that long."""
LONGEST = timedelta(days=2)


def do_settle_open_calls() -> int:
    """One round over the calls without an answer; returns how many are settled now. What can't be asked about stays
    unknown, and with a person."""
    now, settled = timezone.now(), 0
    lost = ActionCall.objects.filter(
        status__in=[CallStatus.STARTED, CallStatus.UNKNOWN], attempts__gte=1,
        created_at__range=(now - LONGEST, now - FIRST_LOOK),
    ).order_by("created_at")  # fmt: skip
    for call in lost:
        action = actions().get(call.action)
        if action is None:
            continue
        result = do_settle(call, action, give_up=now - call.created_at > GIVE_UP)
        if result is not None:
            settled += 1
            _tell(call, action, result)
    return settled


def _tell(call: ActionCall, action: Action, result: CallResult) -> None:
    """The customer and whoever holds the conversation learn what came of it."""
    with transaction.atomic():
        conversation = access_conversation(call.conversation_id, None, lock=True)
        with override(conversation.language):
            note = note_of(action, result, call.arguments, conversation.language)
            text = stamped(_text(result, note), load_timeline(conversation), timezone.now())
        message = do_append(conversation, Reply(text, author="system", actions=(note,)))
        do_send(conversation.id, conversation.channel, message_json(message))
        publish_conversation(conversation)
        audit.record("system", "settled", conversation.id, call=str(call.pk), status=result.status)


def _text(result: CallResult, note: ReceiptNote) -> str:
    if result.status == "done":
        text = _("It is clear now: it was done, once.")
        return f"{text} {note.summary}".strip()
    return _("It is clear now: it was not done. Nothing was changed.")
