"""What every page of the desk tells the owners of articles."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser

from kulanz.accounts.models import User
from kulanz.knowledge.condition import count_for

register = template.Library()


@register.simple_tag
def care_for(user: User | AnonymousUser) -> int:
    """How many entries of the condition page wait for this member of staff."""
    return count_for(user) if isinstance(user, User) else 0
