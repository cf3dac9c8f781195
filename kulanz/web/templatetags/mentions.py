"""How many notes name the reader, for the desk's navigation."""

from __future__ import annotations

from django import template

from kulanz.accounts.models import User
from kulanz.desk.notes import unseen_mentions

register = template.Library()


@register.simple_tag
def mentions_for(user: User) -> int:
    return unseen_mentions(user).count()
