"""A supervisor's quiet word to the agent who holds a conversation."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.level_models import Whisper
from kulanz.inbox.models import Conversation, Status
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record


def listener(conversation: Conversation, by: User) -> User | None:
    """Whom `by` may whisper to: the agent who holds the conversation, if `by` may and it is somebody else."""
    held = conversation.status == Status.AGENT and conversation.agent_id != by.pk
    return conversation.agent if held and by.may_manage else None


def do_whisper(conversation: Conversation, by: User, text: str) -> Whisper:
    """Stores the word and tells the open desks that there is one. The caller holds the conversation's row lock and has
    checked the text. Raises InvalidInput where nobody is there to hear it, or it is not for `by` to whisper."""
    to = listener(conversation, by)
    if to is None:
        raise InvalidInput(_("Nobody else holds this conversation any more; there is nobody to whisper to."))
    whisper = Whisper.objects.create(conversation=conversation, author=by, to=to, text=text, at=timezone.now())
    record(f"agent:{by.pk}", "whispered", conversation.id, whisper=str(whisper.pk), to=to.pk)
    hint(QUEUE_TOPIC, "whisper", {"conversation": str(conversation.id)})
    return whisper


def whispers_for(conversation: Conversation, user: User) -> list[Whisper]:
    """What `user` may see here: what was whispered to them; supervisors see all of it. Nothing is shown, nor asked for,
    while no agent has the conversation."""
    if conversation.agent_id is None:
        return []
    query = Whisper.objects.filter(conversation=conversation).select_related("author", "to").order_by("at")
    return list(query if user.may_manage else query.filter(to=user))


def do_see_whispers(conversation: Conversation, user: User) -> int:
    """The user has the conversation before them; returns how many words that settles."""
    unseen = Whisper.objects.filter(conversation=conversation, to=user, seen_at=None)
    return unseen.update(seen_at=timezone.now())


def first_unheard(user: User) -> Whisper | None:
    """The oldest word to this agent that they have not seen."""
    return Whisper.objects.filter(to=user, seen_at=None).order_by("at").first()
