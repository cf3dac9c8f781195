"""What stands beside a conversation, through its pages: who sees it, and that customers never do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kulanz.accounts.models import Role, Team, User
from kulanz.core.message import Reply
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.desk.beside_models import Closed, HeldReply, Mention, Note, ReadyText
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message
from kulanz.turns.agent_turn import do_write_note
from kulanz.understanding.models import StoredReading

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}
SECRET = "Careful, this one shouts"


class Office:
    """Two agents, a supervisor, and a customer with two conversations."""

    def __init__(self) -> None:
        claims = Claims(name="Petra", email="petra@example.org")
        self.old = do_open_conversation("web_chat", "en", claims)[0]
        do_append(self.old, Reply("My lamp is broken", author="customer"))
        self.conversation, self.token = do_open_conversation("web_chat", "en", claims)
        do_append(self.conversation, Reply("Where is it?", author="customer"))
        self.mia, self.tom = self._user("mia", "Mia Becker"), self._user("tom", "Tom")
        self.boss = self._user("jo", "Jo", role=Role.SUPERVISOR)

    @staticmethod
    def _user(name: str, full: str, **fields: Any) -> User:
        return User.objects.create_user(f"{name}@example.org", name=full, language="en", **fields)

    @staticmethod
    def desk(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def address(self, rest: str = "") -> str:
        return f"/desk/c/{self.conversation.pk}/{rest}"


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_note_is_for_colleagues_and_no_customer_ever_reads_it(office: Office) -> None:
    mia = office.desk(office.mia)
    for _ in range(2):
        form = {"text": f"@Tom {SECRET}", "kind": "note", "client_message_id": "n1"}
        assert mia.post(office.address("reply/"), form, headers=FETCH).status_code == 204
    assert Note.objects.count() == 1
    assert mia.get(office.address()).content.decode().count(SECRET) == 1
    assert SECRET in mia.get(office.address("messages/")).content.decode()
    headers = {"Authorization": f"Bearer {office.token}"}
    for rest in ("", "/messages", "/data"):
        answer = Client().get(f"/api/v1/conversations/{office.conversation.pk}{rest}", headers=headers)
        assert SECRET not in answer.content.decode()
    assert not Message.objects.filter(text__contains=SECRET).exists()


def test_a_note_stands_where_it_was_written(office: Office) -> None:
    do_write_note(office.conversation.pk, office.mia, SECRET, "n1")
    do_append(office.conversation, Reply("I wait", author="customer"))
    shown = office.desk(office.tom).get(office.address()).content.decode()
    assert shown.index("Where is it?</div>") < shown.index(SECRET) < shown.index("I wait</div>")


def test_who_is_named_is_told_until_they_open_it(office: Office) -> None:
    do_write_note(office.conversation.pk, office.mia, f"@Tom {SECRET}", "n1")
    tom = office.desk(office.tom)
    assert "Mentions" in tom.get("/desk/mentions/count/").content.decode()
    assert SECRET in tom.get("/desk/mentions/").content.decode()
    assert office.desk(office.mia).get("/desk/mentions/count/").content.decode().strip() == ""
    office.desk(office.boss).get(office.address())
    assert Mention.objects.filter(seen_at=None).exists()
    tom.get(f"/desk/mentions/count/?open={office.old.pk}")
    assert Mention.objects.filter(seen_at=None).exists()
    tom.get(f"/desk/mentions/count/?open={office.conversation.pk}")
    assert not Mention.objects.filter(seen_at=None).exists()
    do_write_note(office.conversation.pk, office.mia, "@Tom again", "n2")
    tom.get(office.address())
    assert tom.get("/desk/mentions/count/").content.decode().strip() == ""


def test_everybody_may_note_only_the_holder_may_reply(office: Office) -> None:
    mia, tom = office.desk(office.mia), office.desk(office.tom)
    mia.post(office.address("reply/"), {"text": "Hello", "client_message_id": "1"})
    assert tom.post(office.address("reply/"), {"text": "Hi", "hold": "1"}, headers=FETCH).status_code == 422
    assert tom.post(office.address("reply/"), {"text": "Ask me", "kind": "note"}, headers=FETCH).status_code == 204


def test_a_held_reply_can_be_undone_from_the_page(office: Office) -> None:
    mia = office.desk(office.mia)
    form = {"text": "Hello", "client_message_id": "1", "hold": "1"}
    line = mia.post(office.address("reply/"), form, headers=FETCH).content.decode()
    held = HeldReply.objects.get()
    assert f"held/{held.pk}/take-back/" in line
    assert "take-back" in mia.get(office.address("held/")).content.decode()
    assert "take-back" not in office.desk(office.tom).get(office.address("held/")).content.decode()
    back = mia.post(office.address(f"held/{held.pk}/take-back/"), headers=FETCH).json()
    assert back == {"text": "Hello", "files": [], "macro": None}
    assert mia.post(office.address(f"held/{held.pk}/take-back/"), headers=FETCH).status_code == 422
    assert not Message.objects.filter(author="agent").exists()


def test_ready_texts_are_filled_or_show_their_gaps(office: Office) -> None:
    ReadyText.objects.create(shortcut="hi", text_de="Hallo", text_en="{customer.name}: {order_number}, {agent.name}")
    mia = office.desk(office.mia)

    def offered() -> str:
        return str(mia.get(office.address("ready-texts/")).json()["texts"][0]["text"])

    assert offered() == "Petra: ⟦order number⟧, Mia Becker"
    found = Entity("order_number", "ML-1", 0.9, Evidence("ML-1", 0, 4))
    calm = Finding("neutral", 0.9)
    reading = Reading("ML-1", Finding("en", 1), (), 0.1, True, (found,), calm, Finding("normal", 0.9))
    message = Message.objects.get(conversation=office.conversation)
    StoredReading.objects.create(message=message, data=reading.to_json())
    assert offered() == "Petra: ML-1, Mia Becker"


def test_agents_write_their_own_and_supervisors_everybodys(office: Office) -> None:
    mia, boss = office.desk(office.mia), office.desk(office.boss)
    form = {"shortcut": "/Bye", "text_en": "Bye!", "shared": "on"}
    assert mia.post("/desk/ready-texts/", form).status_code == 302
    assert boss.post("/desk/ready-texts/", form).status_code == 302
    assert boss.post("/desk/ready-texts/", form).status_code == 422
    assert list(ReadyText.objects.order_by("pk").values_list("shortcut", "owner")) == [
        ("bye", office.mia.pk), ("bye", None)
    ]  # fmt: skip
    own, shared = ReadyText.objects.order_by("pk")
    for client, ready in ((mia, shared), (boss, own)):
        assert client.post(f"/desk/ready-texts/{ready.pk}/", form).status_code == 404
        assert client.post(f"/desk/ready-texts/{ready.pk}/delete/").status_code == 404
    for wrong in ({"shortcut": "two words"}, {"text_en": ""}, {"text_en": "x" * 8_001}, {"then": "team"}):
        assert mia.post("/desk/ready-texts/", {**form, "shortcut": "new", **wrong}).status_code == 422
    mia.post(f"/desk/ready-texts/{own.pk}/delete/")
    assert ReadyText.objects.get() == shared


def test_resolved_with_a_reason_and_reopened(office: Office) -> None:
    mia = office.desk(office.mia)
    mia.post(office.address("resolve/"), {"why": "not_solvable"})
    assert Closed.objects.get().why == "not_solvable"
    assert "Not solvable" in mia.get(office.address("head/")).content.decode()
    mia.post(office.address("accept/"))
    assert Conversation.objects.get(pk=office.conversation.pk).status == "agent"


def test_passing_on_without_a_script_keeps_the_words(office: Office) -> None:
    mia, team = office.desk(office.mia), Team.objects.create(name="Technik")
    assert "Technik" in mia.get(office.address("transfer/")).content.decode()
    refused = mia.post(office.address("transfer/"), {"to": "team:999", "note": SECRET})
    assert (refused.status_code, SECRET in refused.content.decode()) == (422, True)
    assert mia.post(office.address("transfer/"), {"to": f"team:{team.pk}", "note": SECRET}).status_code == 302
    assert Note.objects.get().passed_to == "Technik"


def test_earlier_conversations_are_there_to_read(office: Office) -> None:
    do_write_note(office.old.pk, office.tom, SECRET, "n1")
    mia = office.desk(office.mia)
    assert str(office.old.pk) in mia.get(office.address("earlier/")).content.decode()
    shown = mia.get(f"/desk/c/{office.old.pk}/read/").content.decode()
    assert "My lamp is broken" in shown
    assert SECRET in shown
