"""How many writes wait for a person, for the desk's navigation."""

from __future__ import annotations

from django import template

from kulanz.flows.approvals import waiting_approvals

register = template.Library()


@register.simple_tag
def approvals_waiting() -> int:
    return waiting_approvals().count()
