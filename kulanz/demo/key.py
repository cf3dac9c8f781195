"""The back office's API key, apart from the API: whoever calls the shop need not load it."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac


def backoffice_key() -> str:
    """Derived from the installation's secret, so that none stands in the repository."""
    return salted_hmac("kulanz.demo.backoffice", "api-key", secret=settings.SECRET_KEY).hexdigest()
