"""The JSON API: who may do what, and what the answers look like."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kulanz.accounts.api_keys import do_create_api_key, do_revoke_api_key
from kulanz.core.message import ReceiptNote, Reply
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation, Message

pytestmark = pytest.mark.django_db


class Api:
    """A caller with one bearer token."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, str) else json.dumps(body or {})
        return self.client.post(f"/api/v1{path}", data, content_type="application/json", headers=self.headers)


def opened(body: dict[str, Any] | None = None) -> tuple[str, Api]:
    answer = Api().post("/conversations", body or {"channel": "web_chat", "language": "de"})
    assert answer.status_code == 201
    return f"/conversations/{answer.json()['id']}", Api(answer.json()["token"])


def test_a_message_is_accepted_once() -> None:
    path, api = opened()
    body = {"text": "Hallo", "client_message_id": "1"}
    first, second = api.post(f"{path}/messages", body), api.post(f"{path}/messages", body)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    shown = api.get(f"{path}/messages").json()["messages"]
    assert [(m["author"], m["text"], m["decision"]) for m in shown] == [("customer", "Hallo", None)]
    assert api.get(f"{path}/messages?after={shown[0]['id']}").json() == {"messages": []}


def test_what_was_done_before_is_shown_as_done() -> None:
    path, api = opened()
    note = ReceiptNote("cancel_order", "repeated", "ST-1", "Order cancelled")
    do_append(Conversation.objects.get(), Reply("I have done this already.", actions=(note,)))
    (shown,) = api.get(f"{path}/messages").json()["messages"]
    assert shown["actions"] == [
        {"action": "cancel_order", "status": "done", "reference": "ST-1", "summary": "Order cancelled"}
    ]


def test_the_state_of_a_conversation() -> None:
    path, api = opened()
    state = api.get(path).json()
    assert (state["status"], state["handover"], state["resolution"]) == ("assistant", None, None)


def test_only_the_customer_learns_the_address_of_the_rating() -> None:
    path, api = opened()
    now = timezone.now()
    Conversation.objects.update(status="resolved", resolution="unconfirmed", resolved_at=now)
    _, secret = do_create_api_key("crm", ["conversations:read", "conversations:write"], None)
    assert "/rate/" in api.get(path).json()["resolution"]["rate"]
    shown = Api(secret).get(path)
    assert shown.json()["resolution"]["rated"] is None
    assert "/rate/" not in shown.content.decode()


def test_the_button_brings_a_person_and_only_one() -> None:
    path, api = opened()
    assert [api.post(f"{path}/handover").status_code for _ in range(2)] == [202, 202]
    assert api.get(path).json()["handover"]["state"] == "waiting"
    assert Message.objects.filter(author="system").count() == 1


def test_feedback_is_taken() -> None:
    path, api = opened()
    assert api.post(f"{path}/feedback", {"helpful": True, "comment": "gut"}).status_code == 201


@pytest.mark.parametrize("token", ["", "wrong", "kz_wrong"])
def test_foreign_callers_learn_nothing(token: str) -> None:
    path, _ = opened()
    foreign = Api(token)
    expected = {"": 401, "wrong": 404, "kz_wrong": 403}[token]
    calls = [foreign.get(path), foreign.get(f"{path}/messages"), foreign.get(f"{path}/messages/{uuid4()}/why")]
    body = {"text": "x", "client_message_id": "1"}
    calls += [
        foreign.post(f"{path}/messages", body),
        foreign.post(f"{path}/handover"),
        foreign.post(f"{path}/feedback"),
    ]
    assert {c.status_code for c in calls} == {expected}
    assert not Message.objects.exists()


def test_another_conversations_token_is_as_good_as_none() -> None:
    path, _ = opened()
    _, other = opened()
    unknown = f"/conversations/{uuid4()}"
    assert other.get(path).status_code == other.get(unknown).status_code == 404
    assert other.get(path).json() == other.get(unknown).json()


def test_an_api_key_opens_what_its_scopes_say() -> None:
    reader, secret = do_create_api_key("report", ["conversations:read"], None)
    path, _ = opened()
    assert Api(secret).get(path).status_code == 200
    assert Api(secret).post(f"{path}/messages", {"text": "x", "client_message_id": "1"}).status_code == 403
    assert Api(secret).post("/conversations", {"channel": "api"}).status_code == 403
    do_revoke_api_key(reader)
    assert Api(secret).get(path).status_code == 403


def test_integrations_need_a_key_to_open() -> None:
    assert Api().post("/conversations", {"channel": "api"}).status_code == 401
    _, secret = do_create_api_key("shop", ["conversations:write"], None)
    assert Api(secret).post("/conversations", {"channel": "api"}).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/conversations", "{", 400),
        ("/conversations", {"channel": "fax"}, 422),
        ("/conversations", {"language": "xx"}, 422),
        ("/conversations", {"customer": {"name": "x" * 500}}, 422),
        ("/conversations", {"nonsense": 1}, 422),
        ("{path}/messages", {"text": "", "client_message_id": "1"}, 422),
        ("{path}/messages", {"text": "x" * 100_000, "client_message_id": "1"}, 422),
        ("{path}/messages", {"text": "x"}, 422),
        ("{path}/messages", {"text": 5, "client_message_id": "1"}, 422),
        ("{path}/messages", {"text": "x", "client_message_id": ""}, 422),
        ("{path}/feedback", {"message_id": "x"}, 422),
    ],
)
def test_bad_input_is_explained(path: str, body: Any, status: int) -> None:
    own, api = opened()
    answer = api.post(path.replace("{path}", own), body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}
    assert answer.json()["message"]


def test_other_sites_may_call_and_cookies_play_no_part() -> None:
    answer = Client().options("/api/v1/conversations")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Access-Control-Allow-Credentials" not in answer


def test_the_interface_is_described() -> None:
    paths = Api().get("/openapi.json").json()["paths"]
    assert len(paths) == 10
    assert all(p.startswith(("/api/v1/conversations", "/api/v1/attachments", "/api/v1/events")) for p in paths)
