"""Template tags for flows."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.template import Library

from kulanz.accounts.models import User
from kulanz.flows.versions import waiting_for

register = Library()


@register.simple_tag
def proposals_for(user: User | AnonymousUser) -> int:
    """How many proposed flows this person could publish."""
    return waiting_for(user) if isinstance(user, User) and user.is_architect else 0
