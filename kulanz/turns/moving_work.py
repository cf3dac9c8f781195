"""Moving work: a supervisor gives the conversations of one agent to another one, or back into the queue."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.inbox.conversations import access_conversation
from kulanz.inbox.models import Conversation, Status
from kulanz.trust.audit import record
from kulanz.turns import acting
from kulanz.turns.held_reply import do_send_held
from kulanz.turns.returning import do_return


def do_move_work(holder: User, to: User | None, by: User) -> int:
    """Moves everything that `holder` holds to another agent, or with `to=None` back into the queue; returns how many.
    Each conversation is moved in a transaction of its own: what a colleague changes meanwhile stays as they want it.
    Raises InvalidInput for somebody who may not serve customers or does not work here any more."""
    if not by.may_take_from_others:
        raise InvalidInput(_("Only supervisors may move work."))
    if to is not None and (to.pk == holder.pk or not to.is_active or not to.may_approve):
        raise InvalidInput(_("Please choose another colleague."))
    held = Conversation.objects.filter(status=Status.AGENT, agent=holder).values_list("pk", flat=True)
    return sum(do_move(conversation_id, holder, to, by) for conversation_id in list(held))


def do_move(conversation_id: UUID, holder: User, to: User | None, by: User) -> bool:
    """Moves one conversation, if `holder` still holds it; the customer is told who goes on, or that somebody will."""
    try:
        with transaction.atomic():
            conversation = access_conversation(conversation_id, None, lock=True)
            if conversation.status != Status.AGENT or conversation.agent_id != holder.pk:
                return False
            do_send_held(conversation)  # what they have written goes out in their name
            if conversation.status != Status.AGENT:  # and its macro may have closed the matter
                acting.tell(conversation)
                return False
            if to is not None:
                acting.do_pass_on(conversation, by, to, "", f"moved-{conversation.last_seq}-{to.pk}")
            else:
                do_return(conversation, "moved")
            record(acting.actor(by), "moved", conversation.id, taken_from=holder.pk, given_to=to.pk if to else None)
            acting.tell(conversation)
    except NotFound:  # erased meanwhile
        return False
    return True
