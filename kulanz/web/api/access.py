"""Who may call: a conversation's token opens that conversation, an API key what its scopes allow."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest

from kulanz.accounts.api_keys import access_api_key
from kulanz.core.errors import KulanzError


class Unauthorised(KulanzError):
    """No credentials, or none that are worth anything. HTTP status 401."""


class Forbidden(KulanzError):
    """Good credentials without this right. HTTP status 403."""


def bearer(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def caller_token(request: HttpRequest, right: Literal["read", "write"]) -> str | None:
    """The conversation token to check, or None where an API key with the scope has been checked already."""
    secret = bearer(request)
    if not secret:
        raise Unauthorised("Send the conversation's token or an API key as `Authorization: Bearer …`.")
    if not secret.startswith("kz_"):
        return secret
    if access_api_key(secret, f"conversations:{right}") is None:
        raise Forbidden(f"This API key is unknown, revoked, or lacks the scope conversations:{right}.")
    return None


def check_may_open(request: HttpRequest, channel: str) -> None:
    """The web chat is open to every visitor; an integration shows its key."""
    if channel == "web_chat" and not bearer(request):
        return
    if caller_token(request, "write") is not None:
        raise Unauthorised("Opening a conversation on this channel needs an API key.")


def check_flows(request: HttpRequest) -> None:
    """Flows are begun, and events told, by integrations alone."""
    secret = bearer(request)
    if not secret:
        raise Unauthorised("Send an API key as `Authorization: Bearer …`.")
    if access_api_key(secret, "flows:write") is None:
        raise Forbidden("This key is unknown, revoked, or lacks the scope flows:write.")
