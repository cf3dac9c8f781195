"""Whoever comes back about the same matter was not helped: the earlier resolution does not count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from kulanz.core.reading import Reading, reading_from_json
from kulanz.desk.after_models import ContactedAgain
from kulanz.desk.handover import publish_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.live.publish import QUEUE_TOPIC, hint
from kulanz.trust.audit import record

CONTACTED_AGAIN: Final = "contacted_again"
"""The resolution of a conversation whose matter came up again."""
WITHIN: Final = timedelta(days=7)
NUMBERS: Final = frozenset({"order_number", "invoice_number"})


@dataclass(frozen=True, slots=True)
class Matter:
    """What a conversation is about: intents, and numbers as (kind, value)."""

    intents: frozenset[str] = frozenset()
    numbers: frozenset[tuple[str, str]] = frozenset()


def same_matter(earlier: Matter, later: Matter) -> tuple[str, str] | None:
    """What is the same in both, as ("number" or "intent", which); None where nothing is. Two orders are two matters,
    whatever is wanted with them."""
    if both := earlier.numbers & later.numbers:
        return "number", min(both)[1]
    kinds = {kind for kind, __ in earlier.numbers} & {kind for kind, __ in later.numbers}
    same = earlier.intents & later.intents
    return ("intent", min(same)) if same and not kinds else None


def do_note_contact(conversation: Conversation) -> None:
    """Undoes what was resolved within the last seven days about the matter that the customer now writes about; takes
    that back where it turns out to be another order. The caller holds the conversation's row lock.

    An earlier conversation that somebody is at work in right now is left to them, which also keeps two conversations of
    one customer from waiting for each other.
    """
    for earlier in _earlier(conversation):
        same = same_matter(_all_of(earlier), _since_then(conversation, earlier))
        link = ContactedAgain.objects.filter(earlier=earlier).first()
        if same and earlier.resolution != CONTACTED_AGAIN:
            _do_undo(earlier, conversation, *same)
        elif link and not same and earlier.resolution == CONTACTED_AGAIN:
            link.delete()
            _do_change(earlier, link.was)


def _earlier(conversation: Conversation) -> list[Conversation]:
    now = timezone.now()
    held = Q(resolution__in=["confirmed", "unconfirmed"], resolved_at__gte=now - WITHIN, resolved_at__lt=now)
    undone_by_this = Q(resolution=CONTACTED_AGAIN, contacted_again__later=conversation)
    others = Conversation.objects.filter(held | undone_by_this, customer_id=conversation.customer_id)
    return list(others.exclude(pk=conversation.pk).select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def _do_undo(earlier: Conversation, later: Conversation, because: str, detail: str) -> None:
    facts = {"later": later, "was": earlier.resolution, "because": because, "detail": detail[:80], "at": timezone.now()}
    ContactedAgain.objects.update_or_create(earlier=earlier, defaults=facts)
    record("customer", "contacted_again", earlier.pk, later=str(later.pk), was=earlier.resolution, because=because)
    _do_change(earlier, CONTACTED_AGAIN)


def _do_change(earlier: Conversation, resolution: str) -> None:
    earlier.resolution = resolution
    earlier.save(update_fields=["resolution"])
    publish_conversation(earlier)
    hint(QUEUE_TOPIC, "changed", {"conversation": str(earlier.pk)})


def _all_of(conversation: Conversation) -> Matter:
    found = _matter(_readings(Q(conversation=conversation)))
    subject = frozenset({conversation.subject} - {""})
    return Matter(found.intents | subject, found.numbers)


def _since_then(conversation: Conversation, earlier: Conversation) -> Matter:
    """What was said in the conversation within seven days of the other one's end; not that all is well now."""
    resolved = earlier.resolved_at or timezone.now()
    window = Q(created_at__gt=resolved, created_at__lte=resolved + WITHIN)
    readings = _readings(Q(conversation=conversation) & window)
    return _matter(r for r in readings if not r.signal("confirms_success"))


def _readings(wanted: Q) -> list[Reading]:
    messages: Iterable[Any] = (
        Message.objects.filter(wanted, author="customer").select_related("reading").order_by("seq")
    )
    stored = (getattr(message, "reading", None) for message in messages)
    return [reading_from_json(reading.data) for reading in stored if reading]


def _matter(readings: Iterable[Reading]) -> Matter:
    intents: set[str] = set()
    numbers: set[tuple[str, str]] = set()
    for reading in readings:
        intents |= {wish.value for wish in (*([reading.intent] if reading.intent else []), *reading.wishes)}
        numbers |= {(entity.kind, entity.value) for entity in reading.entities if entity.kind in NUMBERS}
    return Matter(frozenset(intents), frozenset(numbers))
