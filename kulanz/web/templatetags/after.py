"""What was promised and what came of a conversation, for the panel beside it and the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Q
from django.utils import timezone

from kulanz.desk.after_models import ContactedAgain, LateNotice, ReplyWish
from kulanz.desk.after_rating import feedback_on
from kulanz.desk.after_wish import count_calls
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Feedback

register = template.Library()


@dataclass(frozen=True, slots=True)
class After:
    """The rating; the conversation that undid this one's resolution and those whose resolution this one has undone; how
    the customer wants to be answered, and that they were told that it takes longer."""

    feedback: Feedback | None
    again: ContactedAgain | None
    before: tuple[ContactedAgain, ...]
    wish: ReplyWish | None
    late: LateNotice | None

    def __bool__(self) -> bool:
        return bool(self.feedback or self.again or self.before or self.wish or self.late)


@register.simple_tag
def what_came_after(conversation: Conversation) -> After:
    """Three queries."""
    links = ContactedAgain.objects.select_related("earlier").filter(Q(earlier=conversation) | Q(later=conversation))
    both = list(links.order_by("at"))
    open_ones = Handover.objects.filter(conversation=conversation).exclude(state=Handover.State.ENDED)
    handover: Any = open_ones.select_related("wish", "late_notice").first()
    wish: ReplyWish | None = getattr(handover, "wish", None)
    return After(
        feedback_on(conversation),
        next((link for link in both if link.earlier_id == conversation.pk), None),
        tuple(link for link in both if link.later_id == conversation.pk),
        wish if wish and wish.settled_at else None,
        getattr(handover, "late_notice", None),
    )


@register.simple_tag
def calls_to_make() -> tuple[int, int]:
    """(all that are promised, those whose time has come)."""
    return count_calls(timezone.now())
