"""Files of messages on their way out: as what they are, and as nothing that a browser could run."""

from __future__ import annotations

from django.http import HttpResponse

from kulanz.inbox.models import Attachment

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Nothing runs and nothing is fetched; the style is the browser's own for a picture that is opened alone."""


def as_response(found: Attachment) -> HttpResponse:
    """Pictures, which were written anew, may be shown where they are; anything else is a download. Kept by nobody."""
    response = HttpResponse(bytes(found.data), content_type=found.kind)
    way = "inline" if found.kind.startswith("image/") else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="{found.name.encode("ascii", "replace").decode()}"'
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
