"""Keys for integrations: created once, checked by hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from django.utils import timezone

from kulanz.accounts.models import ApiKey, User

SCOPES: Final = ("conversations:read", "conversations:write", "flows:write")


def digest(secret: str) -> str:
    """SHA-256 in hex. Enough for 256 random bits, which nobody can guess from the hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def do_create_api_key(name: str, scopes: list[str], created_by: User | None) -> tuple[ApiKey, str]:
    """Creates a key and returns it with its secret, which is shown this one time."""
    secret = f"kz_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=name, prefix=secret[:10], digest=digest(secret), scopes=scopes, created_by=created_by
    )
    return key, secret


def do_revoke_api_key(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def access_api_key(secret: str, scope: str) -> ApiKey | None:
    """The living key for this secret if it opens `scope`, else None."""
    key = ApiKey.objects.filter(digest=digest(secret), revoked_at=None).first()
    if key is None or scope not in key.scopes:
        return None
    today = timezone.now()
    if key.last_used_at is None or (today - key.last_used_at).total_seconds() > 60:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=today)
    return key
