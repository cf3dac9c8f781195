"""Who may sign in at the desk."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from kulanz.accounts.models import User


def may_sign_in(user: User) -> bool:
    """Demo users have a published password, so they exist in demo mode only."""
    return user.is_active and (settings.DEMO or not user.is_demo)


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail, closed to demo users outside demo mode (running sessions included)."""

    def user_can_authenticate(self, user: User) -> bool:
        return may_sign_in(user)

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("team").filter(pk=user_id).first()
        return user if user and may_sign_in(user) else None


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Staff are invited by an administrator; nobody signs up."""
        return False
