"""Notes for colleagues beside a conversation, and who is named in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.desk.beside_models import Mention, Note
from kulanz.inbox.models import Conversation
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record

SHOWN_MENTIONS = 50


def do_note(
    conversation: Conversation, agent: User, text: str, key: str, *, passed_to: User | str | None = None
) -> Note:
    """Stores the note and tells whom it names, and the colleague that the conversation is passed to. The same `key`
    again is the same note. The caller holds the conversation's row lock and has checked the text."""
    if known := Note.objects.filter(conversation=conversation, key=key).first():
        return known
    note = Note.objects.create(
        conversation=conversation, agent=agent, text=text, key=key, passed_to=str(passed_to or "")[:80],
        after_seq=conversation.last_seq, created_at=timezone.now(),
    )  # fmt: skip
    named = {user.pk for user in _named(text)} | ({passed_to.pk} if isinstance(passed_to, User) else set())
    named.discard(agent.pk)
    Mention.objects.bulk_create(Mention(note=note, user_id=pk) for pk in sorted(named))
    record(f"agent:{agent.pk}", "noted", conversation.id, note=str(note.id))
    tell_beside(conversation.id, named)
    return note


def tell_beside(conversation_id: UUID, users: Iterable[int] = ()) -> None:
    """Tells the open desks, and never the customer, that something beside the conversation has changed."""
    hint(QUEUE_TOPIC, "beside", {"conversation": str(conversation_id), "users": sorted(users)})


def notes_of(conversation_id: UUID) -> list[Note]:
    """The conversation's notes in order: one query."""
    return list(Note.objects.select_related("agent").filter(conversation_id=conversation_id).order_by("created_at"))


def colleagues() -> list[User]:
    """Everybody who can be named in a note, by name; who of them `may_approve` can be given a conversation."""
    return list(User.objects.filter(is_active=True).select_related("team").order_by("name"))


def unseen_mentions(user: User) -> QuerySet[Mention]:
    """Notes that name the user in conversations which they have not opened since."""
    return Mention.objects.filter(user=user, seen_at=None)


def mentions_of(user: User) -> list[Mention]:
    """The newest mentions, the unseen ones first."""
    query = Mention.objects.filter(user=user).select_related("note__agent", "note__conversation__customer")
    newest = list(query.order_by("-note__created_at")[:SHOWN_MENTIONS])
    return sorted(newest, key=lambda mention: mention.seen_at is not None)


def do_see_mentions(conversation_id: UUID, user: User) -> int:
    """The user has opened the conversation; returns how many mentions that settles."""
    return unseen_mentions(user).filter(note__conversation_id=conversation_id).update(seen_at=timezone.now())


def _named(text: str) -> list[User]:
    """The active colleagues whose names stand behind an @; of names that begin alike the longest one counts."""
    if "@" not in text:
        return []
    known = {user.name.casefold(): user for user in colleagues() if user.name}
    either = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    pattern = rf"@({either})(?!\w)"
    return [known[found.casefold()] for found in re.findall(pattern, text.casefold())] if either else []
