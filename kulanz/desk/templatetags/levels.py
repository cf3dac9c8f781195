"""Service levels and the emergency stop, for the desk's templates."""

from __future__ import annotations

from django import template
from django.utils import timezone

from kulanz.accounts.models import User
from kulanz.desk.board import at_risk, count_at_risk
from kulanz.desk.level_models import AssistantStop, NextDue, Whisper
from kulanz.desk.level_wording import at_risk_text, level_label, minutes_text, outcome_label
from kulanz.desk.stopping import stops
from kulanz.desk.whispering import first_unheard, listener, whispers_for
from kulanz.inbox.models import Conversation

register = template.Library()
register.filter("level", level_label)
register.filter("outcome", outcome_label)
register.filter("working", minutes_text)


@register.simple_tag
def stopped_channels() -> list[AssistantStop]:
    return stops()


@register.simple_tag
def risk_count(user: User) -> dict[str, str | int]:
    """What is due soon or overdue: for supervisors everywhere, for others among what they hold."""
    number, late = count_at_risk(timezone.now(), None if user.may_manage else user)
    return {"number": number, "text": at_risk_text(number, late)}


@register.simple_tag
def first_at_risk(user: User) -> NextDue | None:
    """What this agent should do next."""
    return next(iter(at_risk(timezone.now(), user)), None)


@register.simple_tag
def whispered(conversation: Conversation, user: User) -> list[Whisper]:
    return whispers_for(conversation, user)


@register.simple_tag
def may_whisper(conversation: Conversation, user: User) -> User | None:
    """Whom they may whisper to."""
    return listener(conversation, user)


@register.simple_tag
def unheard(user: User) -> Whisper | None:
    return first_unheard(user)
