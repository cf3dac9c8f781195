"""The board, the stop and the report, as supervisors and agents see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.accounts.models import Team, User
from kulanz.core.message import InboundMessage, Reply
from kulanz.desk.erasure import erase
from kulanz.desk.level_models import AssistantStop, LevelClock, LevelTarget, NextDue, Whisper
from kulanz.desk.models import Handover
from kulanz.desk.stopping import do_stop
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message, Status
from kulanz.inbox.receive import receive
from kulanz.trust.models import AuditEntry
from kulanz.turns.agent_turn import do_accept, do_request_person
from kulanz.turns.customer_turn import customer_turn

pytestmark = pytest.mark.django_db


def person(name: str, role: str, team: Team | None = None) -> User:
    return User.objects.create_user(
        f"{name.lower()}@example.org", "a long password", name=name, role=role, language="en", team=team
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sue(db: None) -> User:
    return person("Sue", "supervisor")


@pytest.fixture
def mia(db: None) -> User:
    return person("Mia", "agent", Team.objects.create(name="Service"))


def conversation(name: str = "Petra") -> tuple[Conversation, str]:
    opened, token = do_open_conversation("web_chat", "en", Claims(name=name))
    receive(InboundMessage(str(opened.pk), "1", "Where is my parcel?"), token)
    return opened, token


def held_by(agent: User, name: str = "Petra") -> Conversation:
    opened, token = conversation(name)
    do_request_person(opened.pk, token)
    return do_accept(opened.pk, agent)


def html(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("path", ["board/", "board/parts/", "times/", "times/export/", "settings/levels/"])
def test_for_supervisors_alone(mia: User, sue: User, path: str) -> None:
    assert signed_in(mia).get(f"/desk/{path}").status_code == 403
    assert signed_in(sue).get(f"/desk/{path}").status_code == 200
    assert Client().get(f"/desk/{path}").status_code == 302


def test_the_stop_holds_for_every_message_and_is_told_everywhere(mia: User, sue: User) -> None:
    assert signed_in(mia).post("/desk/board/stop/", {"act": "stop"}).status_code == 403
    signed_in(sue).post("/desk/board/stop/", {"act": "stop", "channel": ""})
    opened, token = conversation()
    assert customer_turn(opened.pk) is None
    opened.refresh_from_db()
    notice = Message.objects.get(conversation=opened, author="system")
    assert opened.status == Status.WAITING and "switched off" in notice.text
    assert not Message.objects.filter(author="assistant").exists()
    receive(InboundMessage(str(opened.pk), "2", "Hello?"), token)
    customer_turn(opened.pk)
    assert Message.objects.filter(conversation=opened, author="system").count() == 1
    page = html(signed_in(mia).get("/desk/"))
    assert "stopped on all channels" in page and "Stopped by Sue" in page
    assert AuditEntry.objects.get(act="stopped_assistant").actor == f"agent:{sue.pk}"


def test_the_stop_of_one_channel_leaves_the_others(sue: User) -> None:
    client = signed_in(sue)
    client.post("/desk/board/stop/", {"act": "stop", "channel": "api"})
    opened, __ = conversation()
    assert customer_turn(opened.pk) is not None
    client.post("/desk/board/stop/", {"act": "stop", "channel": "fax"})
    assert AssistantStop.objects.count() == 1
    client.post("/desk/board/stop/", {"act": "go_on", "channel": "api"})
    assert not AssistantStop.objects.exists()
    assert client.post("/desk/board/stop/", {"act": "?"}).status_code == 400


def test_pressed_while_the_assistant_thinks(sue: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from kulanz.turns import customer_turn as story

    opened, __ = conversation()
    thinks = story.think

    def slow(*args: Any) -> Any:
        thought = thinks(*args)
        do_stop("", sue)
        return thought

    monkeypatch.setattr(story, "think", slow)
    customer_turn(opened.pk)
    assert not Message.objects.filter(author="assistant").exists()
    assert Conversation.objects.get().status == Status.WAITING


def test_work_is_moved_to_a_colleague_and_to_the_queue(mia: User, sue: User) -> None:
    ben = person("Ben", "agent", mia.team)
    first, client = held_by(mia), signed_in(sue)
    client.post(f"/desk/board/move/{mia.pk}/", {"to": ben.pk})
    first.refresh_from_db()
    assert (first.status, first.agent) == (Status.AGENT, ben)
    client.post(f"/desk/board/move/{ben.pk}/", {"to": "queue"})
    first.refresh_from_db()
    assert (first.status, first.agent) == (Status.WAITING, None)
    said = list(
        Message.objects.filter(conversation=first, author="system").order_by("seq").values_list("text", flat=True)
    )
    assert "Ben is now looking after you." in said and "keep your place" in said[-1]
    assert AuditEntry.objects.filter(act="moved", actor=f"agent:{sue.pk}").count() == 2
    assert signed_in(mia).post(f"/desk/board/move/{ben.pk}/", {"to": "queue"}).status_code == 403
    assert "choose who gets them" in html(client.post(f"/desk/board/move/{ben.pk}/", {"to": "x"}, follow=True))


@pytest.mark.parametrize("answered", [True, False])
def test_moved_to_the_queue_a_promise_stays_until_it_was_kept(mia: User, sue: User, answered: bool) -> None:
    held = held_by(mia)
    promised = Handover.objects.get(conversation=held).promised_by
    if answered:
        do_append(held, Reply("Hello", author="agent"), agent=mia)
    signed_in(sue).post(f"/desk/board/move/{mia.pk}/", {"to": "queue"})
    handover = Handover.objects.get(conversation=held)
    assert promised and handover.promised_by == (None if answered else promised)


def test_work_goes_to_nobody_who_does_not_serve_customers(mia: User, sue: User) -> None:
    eve, held, client = person("Eve", "curator"), held_by(mia), signed_in(sue)
    page = html(client.post(f"/desk/board/move/{mia.pk}/", {"to": eve.pk}, follow=True))
    held.refresh_from_db()
    assert (held.agent, "choose another colleague" in page) == (mia, True)
    Conversation.objects.filter(pk=held_by(mia, "Tim").pk).update(agent=eve)  # from before a change of role
    assert f'<option value="{eve.pk}">' not in html(client.get("/desk/board/"))
    form = html(client.get(f"/desk/c/{held.pk}/transfer/"))
    assert f'"colleague:{eve.pk}"' not in form and f'"colleague:{mia.pk}"' in form


def test_what_is_at_risk_reaches_the_agent_and_the_supervisors(mia: User, sue: User) -> None:
    held = held_by(mia)
    NextDue.objects.filter(conversation=held).update(warn_at=timezone.now() - timedelta(minutes=1))
    page = html(signed_in(sue).get("/desk/board/"))
    assert "Petra" in page and "First reply due soon" in page and "1 at risk" in page
    assert "1 due soon" in html(signed_in(mia).get("/desk/board/menu/"))
    assert "due soon" not in html(signed_in(person("Ben", "agent")).get("/desk/board/menu/"))


def test_looking_in_tells_nobody(mia: User, sue: User) -> None:
    held = held_by(mia)
    before = (Message.objects.count(), AuditEntry.objects.count())
    html(signed_in(sue).get(f"/desk/c/{held.pk}/"))
    held.refresh_from_db()
    assert ((Message.objects.count(), AuditEntry.objects.count()), held.agent) == (before, mia)


def test_targets_are_set_per_team_and_checked(mia: User, sue: User) -> None:
    client, address = signed_in(sue), f"/desk/settings/levels/?team={mia.team_id}"
    fields = {
        f"{u}-{level}": "30" for u in ("critical", "high", "normal", "low") for level in ("first_reply", "next_reply")
    }
    assert "no targets of its own" in html(client.get(address))
    refused = client.post(address, {**fields, "low-resolution": "soon"})
    assert refused.status_code == 422 and "is no number of minutes" in refused.content.decode()
    assert not LevelTarget.objects.exists()
    client.post(address, {**fields, "low-resolution": "90"})
    assert LevelTarget.objects.get(urgency="low").resolution == 90
    assert LevelTarget.objects.get(urgency="high").resolution is None
    assert LevelClock.objects.count() == 0
    held_by(mia)
    assert LevelClock.objects.get(level="first_reply").target == 30
    client.post(address, {"act": "forget"})
    assert not LevelTarget.objects.exists()


@pytest.mark.parametrize("query", ["", "?period=month&day=2026-02-31", "?period=x&team=abc", "?day=9999-99-99"])
def test_the_report_reads_any_address(sue: User, query: str) -> None:
    assert "Nothing ended" in html(signed_in(sue).get(f"/desk/times/{query}"))


def test_the_table_is_harmless_in_a_spreadsheet(sue: User, mia: User) -> None:
    Team.objects.filter(name="Service").update(name="=1+1")
    held = held_by(mia)
    signed_in(mia).post(f"/desk/c/{held.pk}/resolve/")
    rows = signed_in(sue).get("/desk/times/export/").content.decode().splitlines()
    assert len(rows) == 3 and all("'=1+1" in row for row in rows[1:])
    assert "never answered" in html(signed_in(sue).get("/desk/times/"))


def test_a_whisper_is_for_the_agent_and_supervisors_alone(mia: User, sue: User) -> None:
    held, ben, word = held_by(mia), person("Ben", "agent", mia.team), "Offer her the voucher"
    address = f"/desk/c/{held.pk}/"
    assert signed_in(ben).post(f"{address}whisper/", {"text": word}).status_code == 403
    assert "Whisper to Mia" in html(signed_in(sue).get(address))
    before = Message.objects.count()
    signed_in(sue).post(f"{address}whisper/", {"text": word})
    assert Message.objects.count() == before
    assert "A word for you" in html(signed_in(mia).get("/desk/"))
    assert word in html(signed_in(mia).get(address)) and word in html(signed_in(sue).get(f"{address}whispers/"))
    assert word not in html(signed_in(ben).get(address))
    assert word in html(signed_in(mia).get(f"{address}whispers/"))
    assert "A word for you" not in html(signed_in(mia).get("/desk/"))
    erase(held.customer_id)
    assert not Whisper.objects.exists()


def test_nobody_to_whisper_to(sue: User) -> None:
    opened, __ = conversation()
    page = html(signed_in(sue).post(f"/desk/c/{opened.pk}/whisper/", {"text": "Psst"}, follow=True))
    assert "nobody to whisper to" in page and not Whisper.objects.exists()
