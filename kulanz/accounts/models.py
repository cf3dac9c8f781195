"""Staff: people, teams, roles and the keys of integrations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    CURATOR = "curator", _("Curator")
    ARCHITECT = "architect", _("Architect")
    STRATEGIST = "strategist", _("Escalation strategist")
    PRIVACY = "privacy", _("Privacy officer")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Team(models.Model):
    """A group of agents that answers together; its hours decide what customers are promised."""

    name = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One member of staff. A demo user can sign in only while the demo company runs."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.AGENT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    language = models.CharField(max_length=5, default="de")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def is_curator(self) -> bool:
        """Whether they may teach the assistant: its examples, its models and what must stay understood."""
        return self.role in {Role.CURATOR, Role.ADMINISTRATOR}

    @property
    def may_approve(self) -> bool:
        """Whether they may decide on what customers want: whoever serves customers, and administrators."""
        return self.role in {Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR}

    @property
    def is_architect(self) -> bool:
        """Whether they may build flows: write, try, propose, and publish what another one has written."""
        return self.role in {Role.ARCHITECT, Role.ADMINISTRATOR}

    @property
    def may_manage(self) -> bool:
        """Whether they may arrange the work: teams, agents, and who is served first."""
        return self.role in {Role.SUPERVISOR, Role.ADMINISTRATOR}

    @property
    def may_take_from_others(self) -> bool:
        """Whether they may take over a conversation that another agent holds."""
        return self.role in {Role.SUPERVISOR, Role.ADMINISTRATOR}


class ApiKey(models.Model):
    """An integration's key: shown once, stored as a hash, opening only its scopes."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
