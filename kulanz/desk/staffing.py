"""Teams and agents as supervisors and administrators arrange them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext as _

from kulanz.accounts.models import Role, Team, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.routing import request_distribution
from kulanz.desk.routing_models import AgentSettings, TeamSettings, usual_capacity
from kulanz.trust.audit import record

MOST_EMAIL = 254  # characters, as the column and RFC 5321 have it


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """Everything that is set for one member of staff."""

    name: str
    email: str
    role: str = Role.AGENT
    language: str = "de"
    team: Team | None = None
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: Mapping[str, int] = field(default_factory=usual_capacity)
    away_from: date | None = None
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class TeamFacts:
    name: str
    languages: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    priority: int = 0
    distribution: bool = False
    react_minutes: int = 5
    week: Mapping[str, list[str]] = field(default_factory=dict)


def may_manage(by: User, whom: User | None = None, role: str = Role.AGENT) -> bool:
    """Administrators everybody; supervisors agents alone, so that nobody gives themselves another's rights."""
    if by.is_administrator:
        return True
    return by.may_manage and role == Role.AGENT and (whom is None or whom.role == Role.AGENT)


def check_may_manage(by: User, whom: User | None, role: str) -> None:
    """Raises InvalidInput where somebody else must do it."""
    if not may_manage(by, whom, role):
        raise InvalidInput(_("Only administrators can do this. You can arrange agents."))


def one_at_a_time() -> None:
    """Until the caller's transaction ends nobody else adds people or teams: names and addresses are given once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('kulanz.staff'))")


def do_save_team(team: Team | None, facts: TeamFacts, by: User) -> Team:
    """Stores a team with its queue. Raises InvalidInput for a name that another team has."""
    with transaction.atomic():
        one_at_a_time()
        if Team.objects.filter(name__iexact=facts.name).exclude(pk=team.pk if team else 0).exists():
            raise InvalidInput(_("There is a team with this name already."))
        team = team or Team()
        team.name = facts.name
        team.save()
        values = {
            "languages": list(facts.languages), "subjects": list(facts.subjects), "priority": facts.priority,
            "distribution": facts.distribution, "react_minutes": facts.react_minutes, "week": dict(facts.week),
        }  # fmt: skip
        TeamSettings.objects.update_or_create(team=team, defaults=values)
        record(f"agent:{by.pk}", "saved_team", None, team=team.pk, **values)
    request_distribution()
    return team


def do_save_agent(user: User | None, facts: AgentFacts, by: User) -> User:
    """Stores a member of staff; a new one can't sign in before they are given a password. Raises InvalidInput for an
    address that somebody else has, for what only administrators may do, and for the last administrator's role."""
    check_may_manage(by, user, facts.role)
    with transaction.atomic():
        one_at_a_time()
        email = User.objects.normalize_email(facts.email).lower()
        if User.objects.filter(email=email).exclude(pk=user.pk if user else 0).exists():
            raise InvalidInput(_("Somebody with this e-mail address is here already."))
        if user and user.role == Role.ADMINISTRATOR and facts.role != Role.ADMINISTRATOR:
            _check_other_administrator(user)
        if user is None:
            user = User()
            user.set_unusable_password()
        user.email, user.name, user.role = email, facts.name, facts.role
        user.language, user.team = facts.language, facts.team
        user.save()
        _do_save_settings(user, facts)
        record(f"agent:{by.pk}", "saved_agent", None, user=user.pk, role=facts.role)
    request_distribution()
    return user


def do_add_agents(many: Sequence[AgentFacts], by: User) -> None:
    """Stores many new people at once, in a handful of queries. The caller has checked that none is here yet. Raises
    InvalidInput for what only administrators may do."""
    for facts in many:
        check_may_manage(by, None, facts.role)
    unusable = make_password(None)
    with transaction.atomic():
        users = User.objects.bulk_create(
            User(email=f.email, name=f.name, role=f.role, language=f.language, team=f.team, password=unusable)
            for f in many
        )
        AgentSettings.objects.bulk_create(
            AgentSettings(user=user, **_settings(facts)) for user, facts in zip(users, many, strict=True)
            if user.role == Role.AGENT
        )  # fmt: skip
        record(f"agent:{by.pk}", "imported_agents", None, users=[user.pk for user in users])


def _settings(facts: AgentFacts) -> dict[str, Any]:
    return {
        "languages": list(facts.languages), "skills": list(facts.skills), "capacity": dict(facts.capacity),
        "away_from": facts.away_from, "away_until": facts.away_until,
    }  # fmt: skip


def _do_save_settings(user: User, facts: AgentFacts) -> None:
    if user.role == Role.AGENT or AgentSettings.objects.filter(user=user).exists() or any(facts.capacity.values()):
        AgentSettings.objects.update_or_create(user=user, defaults=_settings(facts))


def _check_other_administrator(user: User) -> None:
    others = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise InvalidInput(_("This is the last administrator. Please name another one first."))


def do_new_password(user: User, by: User) -> str:
    """A fresh random password, returned once and stored as a hash alone; whoever is signed in with the old one is
    signed out. Raises InvalidInput for what only administrators may do."""
    check_may_manage(by, user, user.role)
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        record(f"agent:{by.pk}", "new_password", None, user=user.pk)
    return password


def do_activate(user: User, by: User) -> None:
    """They may sign in again."""
    check_may_manage(by, user, user.role)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        record(f"agent:{by.pk}", "activated", None, user=user.pk)
