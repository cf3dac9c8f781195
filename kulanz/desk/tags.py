"""Tags: words that agents put on conversations."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.desk.notes import tell_beside
from kulanz.desk.sorting_models import COLOURS, ConversationTag, Tag
from kulanz.inbox.conversations import access_conversation
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record

LONGEST = 30  # characters
MOST = 20  # on one conversation


def tags_of(conversation_id: UUID) -> list[Tag]:
    return list(Tag.objects.filter(tagged__conversation=conversation_id).order_by("name"))


def known_tags(limit: int = 200) -> list[str]:
    """The names to choose from, by name."""
    return list(Tag.objects.order_by("name").values_list("name", flat=True)[:limit])


def do_tag(conversation_id: UUID, agent: User, name: str, colour: str = "") -> Tag:
    """Puts a tag on a conversation, whoever holds it; a new word is a new tag. A colour given is the tag's from now on.
    Doing it again changes nothing. Raises InvalidInput for what can't be a tag, NotFound."""
    name = _checked(name)
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        tag = _tag(name, colour if colour in COLOURS else "")
        known = ConversationTag.objects.filter(conversation=conversation)
        if not known.filter(tag=tag).exists():
            if known.count() >= MOST:
                raise InvalidInput(_("{n} tags are enough for one conversation.").format(n=MOST))
            ConversationTag.objects.create(conversation=conversation, tag=tag, agent=agent)
            record(f"agent:{agent.pk}", "tagged", conversation.id, tag=tag.name)
        _tell(conversation_id)
    return tag


def do_untag(conversation_id: UUID, agent: User, tag_id: int) -> None:
    """Takes a tag off; one that is not there is off already. Raises NotFound."""
    with transaction.atomic():
        conversation = access_conversation(conversation_id, None, lock=True)
        found = ConversationTag.objects.filter(conversation=conversation, tag=tag_id).select_related("tag").first()
        if found:
            found.delete()
            record(f"agent:{agent.pk}", "untagged", conversation.id, tag=found.tag.name)
            _tell(conversation_id)


def _tell(conversation_id: UUID) -> None:
    hint(QUEUE_TOPIC, "changed", {"conversation": str(conversation_id)})
    tell_beside(conversation_id)


def _checked(name: str) -> str:
    name = " ".join(name.replace("\0", "").replace(",", " ").split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise InvalidInput(_("A tag is a word of up to {n} characters.").format(n=LONGEST))
    return name


def _tag(name: str, colour: str) -> Tag:
    """The tag of this name in whatever letters; new ones take the colours in turn."""
    known = Tag.objects.filter(name__iexact=name).first()
    if known is None:
        turn = COLOURS[Tag.objects.count() % len(COLOURS)]
        Tag.objects.bulk_create([Tag(name=name, colour=colour or turn)], ignore_conflicts=True)
        known = Tag.objects.get(name__iexact=name)
    elif colour and known.colour != colour:
        known.colour = colour
        known.save(update_fields=["colour"])
    return known
