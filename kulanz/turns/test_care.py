"""The owners of articles are told by e-mail what is new, once a day at most, in their language."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from kulanz.accounts.models import Role, User
from kulanz.knowledge.articles import do_create, do_publish, do_withdraw
from kulanz.knowledge.looking import do_look
from kulanz.knowledge.models import Article, ToldOwner
from kulanz.knowledge.visibility import today
from kulanz.turns.care import do_tell_owners

pytestmark = pytest.mark.django_db
RETURNS = "You can send any item back within {n} days. The time starts on the day the parcel reaches you."
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "kulanz@example.org"
    settings.BASE_URL = "https://help.example.org"


def member(name: str, role: str = Role.AGENT, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org".lower(), "a long password", name=name, role=role, **more)


def expired(owner: User | None, title: str) -> Article:
    writer = owner or User.objects.order_by("pk")[0]
    article = do_create(writer, title=title, body="It is so.", language="en")
    do_publish(article, writer)
    Article.objects.filter(pk=article.pk).update(owner=owner, valid_until=today() - DAY)
    return article


def test_an_owner_is_told_once_and_again_only_what_is_new() -> None:
    cleo = member("Cleo", Role.CURATOR, language="en")
    for title, days in (("How long can I return an item?", 30), ("Returning an item", 14)):
        do_publish(do_create(cleo, title=title, body=RETURNS.format(n=days), language="en"), cleo)
    do_look()
    assert do_tell_owners() == 1
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email, sent.subject) == (
        ["cleo@example.org"], "kulanz@example.org", "1 article needs your eye",
    )  # fmt: skip
    assert "Contradictions\n- " in sent.body
    assert all(title in sent.body for title in ("How long can I return an item?", "Returning an item"))
    assert "https://help.example.org/desk/knowledge/condition/?owner=mine" in sent.body

    expired(cleo, "Christmas")
    now = timezone.now()
    assert do_tell_owners(now) == 0  # this day had its mail
    do_look()  # finds the same pair, perhaps in another order
    assert do_tell_owners(now + DAY) == 1
    assert "Expired\n- Christmas" in mail.outbox[1].body
    assert "Returning an item" not in mail.outbox[1].body
    assert "1 older entry is still open." in mail.outbox[1].body
    assert do_tell_owners(now + 2 * DAY) == 0


def test_what_was_mended_and_comes_back_is_told_again() -> None:
    cleo = member("Cleo", Role.CURATOR, language="en")
    article = expired(cleo, "Christmas")
    now = timezone.now()
    assert do_tell_owners(now) == 1
    do_withdraw([article])
    assert do_tell_owners(now + DAY) == 0
    Article.objects.filter(pk=article.pk).update(published_at=now)
    assert do_tell_owners(now + 2 * DAY) == 1


def test_each_is_told_of_their_own_in_their_language_and_curators_of_what_nobody_owns() -> None:
    ben = member("Ben", language="de")
    cleo = member("Cleo", Role.CURATOR, language="en")
    member("Ada", Role.ADMINISTRATOR)
    member("Nora", Role.CURATOR, is_demo=True)
    expired(ben, "Bens Artikel")
    expired(None, "Nobody's article")
    assert do_tell_owners() == 2
    to_ben, to_cleo = sorted(mail.outbox, key=lambda message: message.to)
    assert (to_ben.to, to_cleo.to) == ([ben.email], [cleo.email])
    assert "- Bens Artikel" in to_ben.body
    assert "Nobody's article" not in to_ben.body
    assert "- Nobody's article" in to_cleo.body
    assert "Bens Artikel" not in to_cleo.body


def test_without_a_server_nothing_is_sent_and_nothing_counts_as_told(settings: Any) -> None:
    expired(member("Cleo", Role.CURATOR), "Christmas")
    settings.EMAIL_HOST = ""
    assert do_tell_owners() == 0
    assert (mail.outbox, ToldOwner.objects.count()) == ([], 0)


def test_a_server_that_fails_is_asked_again_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    expired(member("Cleo", Role.CURATOR), "Christmas")

    def fails(*_: object) -> int:
        raise SMTPServerDisconnected("gone")

    with monkeypatch.context() as broken:
        broken.setattr(locmem.EmailBackend, "send_messages", fails)
        assert do_tell_owners() == 0
    assert do_tell_owners() == 1
