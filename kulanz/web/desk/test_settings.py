"""The settings through their pages: teams, people, the order of the waiting, one's own presence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kulanz.accounts.models import Role, Team, User
from kulanz.core.hours import OpeningHours
from kulanz.core.message import Reply
from kulanz.desk.presence import do_see
from kulanz.desk.routing_models import AgentSettings, Presence, QueueAlarm, RoutingRule, TeamSettings
from kulanz.desk.routing_rule import numbers_now
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Status
from kulanz.turns.agent_turn import do_accept, do_request_person
from kulanz.turns.distribute import do_distribute

pytestmark = pytest.mark.django_db
PAGES = ("teams/", "teams/new/", "agents/", "agents/new/", "order/")
AGENT = {"name": "Mia", "email": "mia@example.org", "role": "agent", "language": "en", "capacity": "3"}
TEAM = {"name": "Service", "react_minutes": "5", "priority": "0"}


def staff(role: str, name: str = "boss", **fields: Any) -> tuple[Client, User]:
    user = User.objects.create_user(f"{name}@example.org", name=name.title(), role=role, language="en", **fields)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def boss() -> Client:
    return staff(Role.SUPERVISOR)[0]


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def waiting(name: str, **fields: str) -> Conversation:
    conversation, token = do_open_conversation("web_chat", "en", Claims(name=name), **fields)
    do_append(conversation, Reply("Hello?", author="customer"))
    do_request_person(conversation.pk, token)
    return conversation


@pytest.mark.parametrize("path", PAGES)
def test_the_settings_belong_to_supervisors_and_administrators(path: str) -> None:
    assert Client().get(f"/desk/settings/{path}").status_code == 302
    for role in Role:
        allowed = role in {Role.SUPERVISOR, Role.ADMINISTRATOR}
        assert staff(role, role.value)[0].get(f"/desk/settings/{path}").status_code == (200 if allowed else 403), role


def test_a_team_is_made_and_changed(boss: Client) -> None:
    week = {"monday": "09:00-17:00"}
    sent = {**TEAM, "languages": "EN, de", "subjects": ["sensitive"], "distribution": "on", **week}
    assert boss.post("/desk/settings/teams/new/", sent).status_code == 302
    team = Team.objects.get()
    own = TeamSettings.objects.get(team=team)
    assert (own.languages, own.subjects, own.distribution, own.week) == (
        ["en", "de"], ["sensitive"], True, {"monday": ["09:00-17:00"]},
    )  # fmt: skip
    page = text(boss.get(f"/desk/settings/teams/{team.pk}/"))
    assert "en, de" in page
    assert "09:00-17:00" in page
    wrong = boss.post(f"/desk/settings/teams/{team.pk}/", {**TEAM, "monday": "late", "languages": "x!"})
    assert wrong.status_code == 422
    assert "“late” are no hours" in text(wrong)
    assert "“x!” is no code" in text(wrong)


def test_an_address_that_is_too_long_and_a_name_that_nobody_can_read(boss: Client) -> None:
    long = f"x@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.org"
    for wrong in ({"email": long}, {"name": "M\u202eia"}):
        assert boss.post("/desk/settings/agents/new/", {**AGENT, **wrong}).status_code == 422
    assert not User.objects.filter(role="agent").exists()


def test_a_new_agent_gets_a_password_that_is_shown_once(boss: Client) -> None:
    page = text(boss.post("/desk/settings/agents/new/", {**AGENT, "capacity_web_chat": "2", "languages": "fr"}))
    mia = User.objects.get(email="mia@example.org")
    secret = re.search(r'id="secret" class="secret" value="([^"]+)"', page)
    assert secret
    assert mia.check_password(secret[1])
    own = AgentSettings.objects.get(user=mia)
    assert (own.capacity, own.languages) == ({"": 3, "web_chat": 2}, ["fr"])
    again = boss.post("/desk/settings/agents/new/", AGENT)
    assert again.status_code == 422
    assert "here already" in text(again)
    assert secret[1] not in text(boss.get(f"/desk/settings/agents/{mia.pk}/"))


def test_supervisors_can_not_make_administrators_or_open_them(boss: Client) -> None:
    __, chief = staff(Role.ADMINISTRATOR, "chief")
    assert boss.post("/desk/settings/agents/new/", {**AGENT, "role": "administrator"}).status_code == 422
    for path in ("", "password/", "deactivate/"):
        assert boss.post(f"/desk/settings/agents/{chief.pk}/{path}", AGENT).status_code == 403
    chief.refresh_from_db()
    assert chief.is_active


def test_an_agent_who_is_deactivated_is_out_and_their_conversations_are_back(boss: Client) -> None:
    client, mia = staff(Role.AGENT, "mia")
    conversation = waiting("Petra")
    do_accept(conversation.pk, mia)
    page = text(boss.post(f"/desk/settings/agents/{mia.pk}/deactivate/", follow=True))
    assert "1 conversation is back in the queue" in page
    conversation.refresh_from_db()
    assert conversation.status == Status.WAITING
    assert client.get("/desk/").status_code == 302
    boss.post(f"/desk/settings/agents/{mia.pk}/deactivate/")
    assert client.get("/desk/").status_code == 200


def test_markup_in_names_stays_text(boss: Client) -> None:
    file = SimpleUploadedFile("a.csv", b'email,name,role\na@example.org,<script>x</script>,\nb,"<b>",<i>\n')
    page = text(boss.post("/desk/settings/agents/", {"file": file}))
    assert "Added: 1." in page
    assert "<script>x" not in page
    assert "There is no role “&lt;i&gt;”" in page
    nothing = boss.post("/desk/settings/agents/")
    assert nothing.status_code == 422
    assert "email and name are needed" in text(nothing)


def test_the_order_is_shown_before_it_holds(boss: Client) -> None:
    waiting("Calm")
    waiting("Angry", emotion="frustrated")
    sent = {name: str(number) for name, number in numbers_now().items()}

    def order(page: str) -> list[str]:
        return re.findall(r">(Calm|Angry)</a>", page)

    assert order(text(boss.get("/desk/settings/order/"))) == ["Angry", "Calm"]
    page = text(boss.post("/desk/settings/order/", {**sent, "angry": "0", "preview": "1"}))
    assert order(page) == ["Calm", "Angry"]
    assert "Not saved yet" in page
    assert not RoutingRule.objects.exists()
    page = text(boss.post("/desk/settings/order/", {**sent, "angry": "0", "save": "1"}, follow=True))
    assert order(page) == ["Calm", "Angry"]
    assert RoutingRule.objects.get().minutes["angry"] == 0
    wrong = boss.post("/desk/settings/order/", {**sent, "angry": "many", "save": "1"})
    assert wrong.status_code == 422
    assert "whole numbers" in text(wrong)


def test_ones_own_presence_and_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpeningHours, "is_open", lambda *_: True)
    team = Team.objects.create(name="Service")
    client, mia = staff(Role.AGENT, "mia", team=team)
    assert 'id="presence"' not in text(client.get("/desk/")), "nobody gives them anything"
    TeamSettings.objects.create(team=team, distribution=True)
    assert client.post("/desk/presence/here/").json() == {"state": "available", "given": None}
    conversation = waiting("Petra")
    do_distribute()
    given = {"url": f"/desk/c/{conversation.pk}/", "text": "New for you: Petra"}
    assert client.post("/desk/presence/here/").json()["given"] == given
    assert "New for you: Petra" in text(client.get("/desk/"))
    assert client.post("/desk/presence/", {"state": "busy", "next": "//evil.example/"})["Location"] == "/desk/"
    assert Presence.objects.get(user=mia).state == "busy"
    assert client.post("/desk/presence/", {"state": "asleep"}).status_code == 422


def test_whoever_signs_out_is_not_there_any_more() -> None:
    client, mia = staff(Role.AGENT, "mia")
    before = do_see(mia).seen_at
    client.post("/desk/sign-out/")
    assert Presence.objects.get(user=mia).seen_at < before


def test_supervisors_see_what_nobody_can_take(boss: Client) -> None:
    team = Team.objects.create(name="Service")
    TeamSettings.objects.create(team=team, distribution=True)
    waiting("Petra")
    do_distribute()
    assert QueueAlarm.objects.count() == 1
    assert "Nobody can take" in text(boss.get("/desk/"))
    page = text(boss.get("/desk/settings/order/"))
    assert "The team has no agents." in page
    assert "Boss looks after it" in page
    assert "Nobody can take" not in text(staff(Role.AGENT, "mia")[0].get("/desk/"))
