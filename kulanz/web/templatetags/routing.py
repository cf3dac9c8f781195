"""Presence and alarms for the desk's top bar."""

from __future__ import annotations

from typing import Any

from django import template

from kulanz.accounts.models import Role, User
from kulanz.desk.routing_models import AgentSettings, Presence, QueueAlarm, TeamSettings
from kulanz.web.desk.presence import given_to

register = template.Library()


@register.simple_tag
def own_presence(user: User) -> dict[str, Any] | None:
    """What the switch shows; None where nobody gives this person conversations, so that there is no switch."""
    given_out = TeamSettings.objects.filter(distribution=True, team=user.team_id)
    takes = user.role == Role.AGENT or AgentSettings.objects.filter(user=user).exists()
    if not takes or not given_out.exists():
        return None
    state = Presence.objects.filter(user=user).values_list("state", flat=True).first() or Presence.State.AVAILABLE
    return {
        "state": Presence.State(state),
        "others": [one for one in Presence.State if one != state],
        "given": given_to(user),
    }


@register.simple_tag
def queue_alarms(user: User) -> int:
    """How many waiting conversations nobody can take; for those alone who can do something about it."""
    return QueueAlarm.objects.count() if user.may_manage else 0
