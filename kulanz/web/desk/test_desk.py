"""The desk through its pages: who gets in, what they see, what their buttons do."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from kulanz.accounts.models import ApiKey, Role, User
from kulanz.core.message import Reply
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message
from kulanz.turns.agent_turn import do_reply, do_request_person
from kulanz.understanding.models import StoredReading

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def staff(role: str = Role.AGENT, email: str = "mia@example.org", **fields: str) -> tuple[Client, User]:
    user = User.objects.create_user(email, PASSWORD, name=email.split("@", maxsplit=1)[0].title(), role=role, **fields)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def mia() -> Client:
    return staff(language="en")[0]


def asked(text: str = "Where is my order?", name: str = "Petra") -> Conversation:
    conversation, token = do_open_conversation("web_chat", "en", Claims(name=name, email=f"{name}@example.org"))
    do_append(conversation, Reply(text, author="customer"))
    do_request_person(conversation.pk, token)
    return Conversation.objects.get(pk=conversation.pk)


def page(conversation: Conversation, rest: str = "") -> str:
    return f"/desk/c/{conversation.pk}/{rest}"


SOMEBODYS = UUID(int=7)  # fixed, so that the test has the same name in every process
PAGES = [
    "",
    "list/",
    "api-keys/",
    "may-listen/",
    f"c/{SOMEBODYS}/",
    f"c/{SOMEBODYS}/messages/",
    f"c/{SOMEBODYS}/panel/",
]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_gets_in_without_signing_in(path: str) -> None:
    response = Client().get(f"/desk/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/desk/sign-in/?next=")


@pytest.mark.parametrize("path", PAGES)
def test_other_roles_stay_outside(path: str) -> None:
    client, _ = staff(role="customer")
    assert client.get(f"/desk/{path}").status_code == 403


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_api_keys_belong_to_administrators(role: str) -> None:
    client, _ = staff(role=role)
    assert client.get("/desk/api-keys/").status_code == 403
    assert client.post("/desk/api-keys/", {"name": "x", "scopes": "conversations:read"}).status_code == 403
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("rest", ["", "messages/", "head/", "panel/"])
def test_unknown_conversations_are_not_found(mia: Client, rest: str) -> None:
    assert mia.get(f"/desk/c/{uuid4()}/{rest}").status_code == 404


def test_acts_need_a_form_of_ours(mia: Client) -> None:
    conversation = asked()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = mia.cookies
    for act in ("reply", "accept", "resolve", "give-back", "typing"):
        assert strict.post(page(conversation, f"{act}/"), {"text": "Hello"}).status_code == 403
        assert mia.get(page(conversation, f"{act}/")).status_code == 405
    assert Conversation.objects.get(pk=conversation.pk).status == "waiting"


def test_signing_in_and_out() -> None:
    User.objects.create_user("mia@example.org", PASSWORD, name="Mia", language="en")
    client = Client()
    answer = client.post("/desk/sign-in/?next=/desk/?list=mine", {"login": "mia@example.org", "password": PASSWORD})
    assert answer["Location"] == "/desk/?list=mine"
    assert client.get("/desk/").status_code == 200
    assert client.post("/desk/sign-out/")["Location"] == "/desk/sign-in/"
    assert client.get("/desk/").status_code == 302


def test_a_wrong_password_and_too_many_of_them() -> None:
    User.objects.create_user("mia@example.org", PASSWORD, name="Mia")
    client = Client()
    answers = [client.post("/desk/sign-in/", {"login": "mia@example.org", "password": f"wrong {n}"}) for n in range(6)]
    assert 'role="alert"' in answers[0].content.decode()
    right = client.post("/desk/sign-in/", {"login": "mia@example.org", "password": PASSWORD})
    assert right.status_code == 200
    assert client.get("/desk/").status_code == 302


def test_the_sign_in_never_leads_elsewhere() -> None:
    User.objects.create_user("mia@example.org", PASSWORD, name="Mia")
    answer = Client().post(
        "/desk/sign-in/?next=https://evil.example/", {"login": "mia@example.org", "password": PASSWORD}
    )
    assert answer["Location"] == "/desk/"


@pytest.mark.parametrize("demo", [True, False])
def test_demo_sign_ins_are_shown_in_demo_mode_only(settings: Settings, demo: bool) -> None:
    settings.DEMO = demo
    shown = Client().get("/desk/sign-in/").content.decode()
    assert ("musterladen-demo" in shown) is demo


def test_the_queue_shows_who_waits(mia: Client) -> None:
    asked(name="Petra")
    calm, angry = asked(name="Ralf"), asked(name="Sue")
    Conversation.objects.filter(pk=angry.pk).update(emotion="frustrated")
    Conversation.objects.filter(pk=calm.pk).update(urgency="high")
    shown = mia.get("/desk/").content.decode()
    assert shown.index("Ralf") < shown.index("Sue") < shown.index("Petra")
    assert "(3) Queue" in shown
    assert mia.get("/desk/?list=nonsense&page=99999999999&q=%00").status_code == 200


def test_a_long_conversation_needs_few_queries(
    mia: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    conversation = asked()
    for number in range(80):
        do_append(conversation, Reply(f"Message {number}", author="customer"))
    with django_assert_max_num_queries(36):
        shown = mia.get(page(conversation)).content.decode()
    assert shown.count('<li class="message') == 82


def test_a_reply_is_sent_once(mia: Client) -> None:
    conversation = asked()
    for _ in range(3):
        answer = mia.post(page(conversation, "reply/"), {"text": "Good morning", "client_message_id": "k1"})
        assert answer["Location"] == page(conversation)
    assert (
        mia.post(
            page(conversation, "reply/"), {"text": "Good morning", "client_message_id": "k1"}, headers=FETCH
        ).status_code
        == 204
    )
    assert Message.objects.filter(conversation=conversation, author="agent").count() == 1
    assert "Good morning" in mia.get(page(conversation)).content.decode()


def test_a_paste_of_5000_lines_comes_back_with_the_reason(mia: Client) -> None:
    conversation = asked()
    paste = "\n".join(f"line {number}" for number in range(5000))
    answer = mia.post(page(conversation, "reply/"), {"text": paste})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "characters; 8000 are possible" in shown
    assert "line 4999</textarea>" in shown
    assert mia.post(page(conversation, "reply/"), {"text": paste}, headers=FETCH).status_code == 422
    assert not Message.objects.filter(author="agent").exists()


def test_line_breaks_count_as_one_character(mia: Client) -> None:
    conversation = asked()
    text = "\r\n".join(["word"] * 1600)  # 8,000 characters without the carriage returns
    assert mia.post(page(conversation, "reply/"), {"text": text}).status_code == 302
    assert Message.objects.get(author="agent").text == text.replace("\r", "")


def test_markup_is_shown_as_text(mia: Client) -> None:
    conversation = asked("<script>alert(1)</script> <img src=x onerror=alert(2)>", name="<b>Petra</b>")
    mia.post(page(conversation, "reply/"), {"text": "</textarea><script>alert(3)</script>"})
    for address in (
        "/desk/?list=mine",
        page(conversation),
        page(conversation, "panel/"),
        page(conversation, "messages/"),
    ):
        shown = mia.get(address).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>Petra" not in shown
    assert "&lt;script&gt;alert(1)" in mia.get(page(conversation)).content.decode()


def test_a_reading_is_shown_in_words_with_its_evidence_in_the_message(mia: Client) -> None:
    text = "Where is it, what does shipping cost? My lawyer waits, or I leave."
    conversation = asked(text)

    def found(value: str, words: str) -> Finding:
        start = text.index(words)
        return Finding(value, 0.9, (Evidence(words, start, start + len(words)),))

    wishes = (found("order_status", "Where is it"), found("shipping_cost", "what does shipping cost"))
    understood = Reading(
        text, Finding("fr", 0.9), wishes, 0.1, False, (), Finding("worried", 0.8), Finding("normal", 0.8),
        signals=(found("threatens_to_leave", "I leave"),), sentiment=Finding("negative", 0.7), wishes=wishes,
        risks=(found("law", "lawyer"),),
    )  # fmt: skip
    message = Message.objects.get(conversation=conversation, author="customer")
    StoredReading.objects.create(message=message, data=understood.to_json())
    shown = mia.get(page(conversation)).content.decode()
    for words in ("Where is it", "what does shipping cost", "lawyer", "I leave"):
        assert f">{words}</mark>" in shown
    for line in ("Order status", "Shipping cost", "Law", "threatens to leave", "negative", "French"):
        assert f">{line}<" in shown or f"<dd>{line} " in shown, line


def test_messages_behind_one(mia: Client) -> None:
    conversation = asked()
    first = Message.objects.get(conversation=conversation, seq=1)
    assert mia.get(page(conversation, "messages/")).content.decode().count('<li class="message') == 2
    behind = mia.get(page(conversation, f"messages/?after={first.pk}")).content.decode()
    assert behind.count('<li class="message') == 1
    assert str(first.pk) not in behind
    assert mia.get(page(conversation, "messages/?after=nonsense")).status_code == 200


def test_the_buttons_work_without_script(mia: Client) -> None:
    conversation = asked()
    for act, status in (("accept", "agent"), ("give-back", "assistant"), ("accept", "agent"), ("resolve", "resolved")):
        answer = mia.post(page(conversation, f"{act}/?list=waiting"))
        assert answer["Location"] == page(conversation, "?list=waiting")
        assert Conversation.objects.get(pk=conversation.pk).status == status


def test_a_colleagues_conversation_can_be_read_not_answered(mia: Client) -> None:
    conversation = asked()
    tom = User.objects.create_user("tom@example.org", name="Tom")
    do_reply(conversation.pk, tom, "I am on it", "1")
    shown = mia.get(page(conversation)).content.decode()
    assert "Tom is looking after this conversation." in shown
    answer = mia.post(page(conversation, "reply/"), {"text": "Me too"}, headers=FETCH)
    assert (answer.status_code, answer.content.decode()) == (422, "Tom is looking after this conversation.")
    again = mia.post(page(conversation, "resolve/"), follow=True)
    assert "Tom is looking after this conversation." in again.content.decode()
    assert Conversation.objects.get(pk=conversation.pk).agent == tom


def test_the_language_is_the_agents_own(mia: Client) -> None:
    assert '<html lang="en"' in mia.get("/desk/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    answer = mia.post("/desk/language/", {"language": "de", "next": "//evil.example"})
    assert answer["Location"] == "/desk/"
    response = mia.get("/desk/")
    assert '<html lang="de"' in response.content.decode()
    assert response["Content-Language"] == "de"
    mia.post("/desk/language/", {"language": "xx"})
    assert User.objects.get().language == "de"


def test_nothing_of_the_desk_is_cached_or_runs_inline(mia: Client) -> None:
    response = mia.get(page(asked()))
    assert response["Cache-Control"] == "no-store"
    shown = response.content.decode()
    assert "style=" not in shown
    assert " onclick" not in shown
    assert "<script>" not in shown


def test_the_live_part_asks_who_may_listen(mia: Client) -> None:
    assert mia.get("/desk/may-listen/").status_code == 204


def test_an_api_key_is_shown_once_and_can_be_revoked() -> None:
    client, _ = staff(role=Role.ADMINISTRATOR, language="en")
    assert client.post("/desk/api-keys/", {"name": " ", "scopes": "conversations:read"}).status_code == 422
    assert client.post("/desk/api-keys/", {"name": "Shop", "scopes": "everything"}).status_code == 422
    shown = client.post("/desk/api-keys/", {"name": "Shop", "scopes": ["conversations:read"]}).content.decode()
    key = ApiKey.objects.get()
    assert f'value="{key.prefix}' in shown
    assert 'id="secret"' not in client.get("/desk/api-keys/").content.decode()
    client.post(f"/desk/api-keys/{key.pk}/revoke/")
    assert ApiKey.objects.get().revoked_at is not None
    assert client.post("/desk/api-keys/999/revoke/").status_code == 404


@pytest.mark.parametrize("role", [Role.CURATOR, Role.ARCHITECT, Role.PRIVACY, Role.STRATEGIST])
def test_who_does_not_serve_customers_reads_and_notes_but_does_not_act(role: Role) -> None:
    conversation = asked()
    client, _ = staff(role, "ida@example.org")
    address = f"/desk/c/{conversation.pk}/"
    assert client.get(address).status_code == 200
    assert client.post(f"{address}reply/", {"text": "A hint", "kind": "note"}).status_code == 302
    for act in ("reply/", "accept/", "resolve/", "give-back/", "transfer/", "let-assistant/"):
        assert client.post(address + act, {"text": "Hello"}).status_code == 403
    assert not Message.objects.filter(conversation=conversation, author="agent").exists()
