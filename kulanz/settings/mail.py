"""The mail server that notices to staff are sent through, read once from the environment and checked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from kulanz.core.errors import InvalidInput

PORTS = {"smtp": 587, "smtps": 465}
TIMEOUT = 20
"""Seconds that one step of sending may take."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; an empty `host` means that none is sent. `tls` from the first byte, `starttls` after a
    greeting in the clear, neither for a server in one's own network."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False
    sender: str = ""


def read_mail_server() -> MailServer:
    """Reads KULANZ_MAIL_URL and KULANZ_MAIL_FROM. Raises InvalidInput, without the password in its words."""
    url = os.environ.get("KULANZ_MAIL_URL", "").strip()
    if not url:
        return MailServer()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port or parts.query not in {"", "tls=no"}:
        raise InvalidInput(
            "KULANZ_MAIL_URL can't be read. It looks like smtps://user:password@mail.example.org or "
            "smtp://user:password@mail.example.org:587, or smtp://localhost:25?tls=no for a server of your own."
        )
    sender = os.environ.get("KULANZ_MAIL_FROM", "").strip()
    if "@" not in parseaddr(sender)[1]:
        raise InvalidInput("KULANZ_MAIL_FROM is missing: name the address that mail comes from, such as k@example.org.")
    tls = parts.scheme == "smtps"
    return MailServer(
        host, port, unquote(parts.username or ""), unquote(parts.password or ""), tls,
        not tls and parts.query != "tls=no", sender,
    )  # fmt: skip
