"""The customer's own page of what was done for them in a conversation, with what can still be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.errors import NotFound
from kulanz.core.message import ReceiptNote, Reply
from kulanz.delivery.outbox import do_send
from kulanz.desk.handover import do_hand_over, publish_conversation
from kulanz.flows.actions import actions
from kulanz.flows.back_offices.operation import CallResult
from kulanz.flows.models import ActionCall, CallStatus
from kulanz.flows.runner import note_of
from kulanz.flows.undo import do_undo, undoable_until
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.messages import do_append, load_timeline, message_json
from kulanz.inbox.models import Conversation
from kulanz.trust import audit
from kulanz.turns.open_flows import circumstances
from kulanz.turns.replies import stamped
from kulanz.turns.undoing import sentence_of, until_when

_SIGNER = signing.Signer(salt="kulanz.receipts")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that was done, or may have been (`status` unknown)."""

    call_id: UUID
    text: str
    reference: str
    at: datetime
    status: str
    undone: bool
    undo_until: datetime | None


def address_of(conversation: Conversation) -> str:
    """The page's address: whoever has it sees this conversation's receipts and nothing else."""
    return f"{settings.BASE_URL}/receipts/{_SIGNER.sign(str(conversation.id))}/"


def access_receipts(token: str) -> Conversation:
    """The conversation whose page this is. Raises NotFound for a token that we did not make."""
    try:
        conversation_id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound("there are no such receipts") from error
    return access_conversation(conversation_id, None)


def first_receipt(conversation: Conversation, notes: Sequence[ReceiptNote]) -> str:
    """Where all receipts stand, told with the first one; else empty."""
    done = [note for note in notes if note.status == "done"]
    before = ActionCall.objects.filter(conversation=conversation, status=CallStatus.DONE).count()
    if not done or before > len(done):
        return ""
    return _("All your receipts: {address}").format(address=address_of(conversation))


def undo_on_page(conversation: Conversation, notes: Sequence[ReceiptNote]) -> str:
    """Until when what was done can be undone, and where: while people hold the conversation no click in the chat does
    it. Empty where nothing can."""
    where = _("All your receipts: {address}").format(address=address_of(conversation))
    return f"{until} {where}" if (until := until_when(notes)) else ""


def receipts_of(conversation: Conversation) -> list[Receipt]:
    """What was done in the conversation, the newest first, in the language of the thread."""
    shown = [CallStatus.DONE, CallStatus.UNKNOWN]
    calls = ActionCall.objects.filter(conversation=conversation, status__in=shown, undoes=None)
    undone = set(
        ActionCall.objects.filter(undoes__in=calls, status=CallStatus.DONE).values_list("undoes_id", flat=True)
    )
    return [_receipt(call, conversation.language, undone=call.pk in undone) for call in calls.order_by("-created_at")]


def _receipt(call: ActionCall, language: str, *, undone: bool) -> Receipt:
    action = actions().get(call.action)
    result = CallResult("done" if call.status == CallStatus.DONE else "unknown", call.receipt)
    note = note_of(action, result, call.arguments, language) if action else ReceiptNote(call.action, result.status)
    return Receipt(
        call.pk, note.summary or call.action.replace("_", " "), note.reference, call.settled_at or call.created_at,
        call.status, undone, undoable_until(call),
    )  # fmt: skip


def do_undo_receipt(token: str, call_id: UUID) -> None:
    """The button "Undo" on the page. Raises NotFound; InvalidInput where its time is over; TransientError where the
    back office is down and surely nothing happened."""
    conversation = access_receipts(token)
    call = ActionCall.objects.filter(pk=call_id, conversation=conversation, undoes=None).first()
    if call is None:
        raise NotFound("there is no such receipt")
    with override(conversation.language):
        around = circumstances(conversation, conversation.language)
        note = do_undo(call, _("Button “Undo” on the page of receipts"), around)
        with transaction.atomic():
            conversation = access_conversation(conversation.id, None, lock=True)
            text = stamped(sentence_of(note), load_timeline(conversation), timezone.now())
            _say(conversation, Reply(text, author="system", actions=(note,)))
            if note.status != "done":
                _hand_over(conversation, "outcome_unknown" if note.status == "unknown" else "undo_too_late")
            publish_conversation(conversation)
            audit.record("customer", "undid", conversation.id, call=str(call.pk), status=note.status)


def _hand_over(conversation: Conversation, reason: str) -> None:
    _, sentence = do_hand_over(conversation, reason, conversation.language)
    _say(conversation, Reply(stamped(sentence, load_timeline(conversation), timezone.now()), author="system"))


def _say(conversation: Conversation, reply: Reply) -> None:
    do_send(conversation.id, conversation.channel, message_json(do_append(conversation, reply)))
