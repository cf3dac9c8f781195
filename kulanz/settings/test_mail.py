"""The mail server as the operator names it."""

from __future__ import annotations

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.settings.mail import MailServer, read_mail_server

SENDER = "Kulanz <kulanz@example.org>"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer()),
        ("smtps://a%40b.org:p%2Fw@mail.example.org",
         MailServer("mail.example.org", 465, "a@b.org", "p/w", tls=True, sender=SENDER)),
        ("smtp://mail.example.org", MailServer("mail.example.org", 587, starttls=True, sender=SENDER)),
        ("smtp://localhost:25?tls=no", MailServer("localhost", 25, sender=SENDER)),
    ],
)  # fmt: skip
def test_the_address_of_a_server(monkeypatch: pytest.MonkeyPatch, url: str, server: MailServer) -> None:
    monkeypatch.setenv("KULANZ_MAIL_URL", url)
    monkeypatch.setenv("KULANZ_MAIL_FROM", SENDER)
    assert read_mail_server() == server


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example.org", SENDER),
        ("http://user:hush@mail.example.org", SENDER),
        ("smtp://user:hush@mail.example.org:port", SENDER),
        ("smtp://user:hush@mail.example.org?tls=maybe", SENDER),
        ("smtp://user:hush@mail.example.org", ""),
    ],
)
def test_what_cannot_be_read_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, url: str, sender: str
) -> None:
    monkeypatch.setenv("KULANZ_MAIL_URL", url)
    monkeypatch.setenv("KULANZ_MAIL_FROM", sender)
    with pytest.raises(InvalidInput, match="KULANZ_MAIL") as refused:
        read_mail_server()
    assert "hush" not in str(refused.value)
