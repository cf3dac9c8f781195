"""The order of the waiting as supervisors have set it: readable numbers, every version kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import User
from kulanz.core.errors import InvalidInput
from kulanz.core.routing import MOST_MINUTES, Rules
from kulanz.desk.hours import service_hours
from kulanz.desk.routing import request_distribution
from kulanz.desk.routing_models import RoutingRule, TeamSettings
from kulanz.desk.team_hours import team_hours
from kulanz.trust.audit import record

NUMBERS: Final = ("critical", "sensitive", "urgent", "angry", "promise", "promise_within")


def current_rule() -> RoutingRule | None:
    """The newest version; None while nobody has changed anything."""
    return RoutingRule.objects.select_related("author").order_by("-pk").first()


def rules_at(now: datetime, minutes: Mapping[str, int] | None = None) -> Rules:
    """The rules that hold: the stored numbers (or those given instead), each team's priority, and who is closed."""
    if minutes is None:
        stored = current_rule()
        minutes = stored.minutes if stored else {}
    known: dict[str, Any] = {name: value for name, value in minutes.items() if name in NUMBERS}
    teams = list(TeamSettings.objects.all())
    whole = service_hours(now).hours
    closed = (t.pk for t in teams if not (team_hours(t.week, now) or whole).is_open(now))
    return replace(Rules(**known), teams={t.pk: t.priority for t in teams}, closed=frozenset(closed))


def check_minutes(given: Mapping[str, str]) -> dict[str, int]:
    """The numbers of the form. Raises InvalidInput where one is missing or out of range."""
    return {name: check_number(given.get(name, ""), MOST_MINUTES) for name in NUMBERS}


def check_number(text: str, most: int) -> int:
    """A whole number from 0 to `most`. Raises InvalidInput."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most):
        raise InvalidInput(_("Please write whole numbers from 0 to {most}.").format(most=most))
    return int(text)


def do_save_rule(minutes: Mapping[str, int], author: User) -> RoutingRule:
    """Stores the next version, unless nothing has changed."""
    with transaction.atomic():
        newest = current_rule()
        if (newest.minutes if newest else _numbers(Rules())) == dict(minutes) and newest:
            return newest
        rule = RoutingRule.objects.create(minutes=dict(minutes), author=author)
        record(f"agent:{author.pk}", "changed_routing_rule", None, version=rule.pk, minutes=dict(minutes))
    request_distribution()
    return rule


def _numbers(rules: Rules) -> dict[str, int]:
    return {name: value for name, value in asdict(rules).items() if name in NUMBERS}


def numbers_now() -> dict[str, int]:
    """The numbers that hold now, for the form."""
    stored = current_rule()
    return {**_numbers(Rules()), **(stored.minutes if stored else {})}
