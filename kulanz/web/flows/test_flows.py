"""The flow pages: who may open them, from a new flow to one in force by two people, its figures, and a trial."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kulanz.accounts.models import Role, User
from kulanz.flows.actions import actions
from kulanz.flows.definitions import active_flows
from kulanz.flows.drawing import RULES
from kulanz.flows.models import ActionCall, FlowEdition, FlowRun
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/desk/flows/"
TEXT = """flow: hello
title: {de: Hallo, en: Hello}
intents: [hello]
slots:
  email: {entity: email}
steps:
  - ask: email
    text: {de: "Welche Adresse?", en: "Which <b>address</b>?"}
    again: {de: "Adresse?", en: "Address?"}
  - confirm: {de: "Anrufen?", en: "Call?"}
    again: {de: "Ja?", en: "Yes?"}
    declined: [{say: {de: Gut., en: Fine.}}]
  - call: ring
    with: {who: "{email}"}
    on_refused: [{say: {de: Nein., en: Refused.}}, {end: refused}]
  - say: {de: Erledigt., en: Done.}
"""
ACTIONS = """back_offices:
  office: {url: "http://127.0.0.1:1"}
actions:
  ring: {method: post, path: /ring, writes: true, duplicates: none}
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR, settings.DEMO = tmp_path, False
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "actions.yaml").write_text(ACTIONS)
    for cached in (actions, active_flows):
        cached.cache_clear()
    yield
    for cached in (actions, active_flows):
        cached.cache_clear()


def signed_in(role: str = Role.ARCHITECT, name: str = "Ann") -> Client:
    user = User.objects.create_user(f"{name}@example.org", "a long password", name=name, role=role, language="en")
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, path: str, **form: str) -> str:
    return client.post(f"{PAGE}{path}", form, follow=True).content.decode()


def mark_of(client: Client) -> str:
    found = re.search(r'name="mark" value="([^"]*)"', client.get(f"{PAGE}hello/edit/").content.decode())
    assert found
    return found[1]


def written(client: Client, text: str = TEXT, act: str = "propose") -> str:
    if not FlowEdition.objects.filter(name="hello").exists():
        post(client, "", name="hello")
    return post(client, "hello/edit/", text=text, mark=mark_of(client), act=act)


def published(author: Client, other: Client, text: str = TEXT) -> str:
    written(author, text)
    return post(other, "hello/decide/", act="publish")


def test_only_architects_and_administrators_build_flows() -> None:
    expected = {Role.ARCHITECT: 200, Role.ADMINISTRATOR: 200}
    for role in Role.values:
        client = signed_in(role, role)
        assert client.get(PAGE).status_code == expected.get(Role(role), 403)
        assert (PAGE in client.get("/desk/").content.decode()) == (role in expected)


def test_from_a_new_flow_to_one_in_force_by_two_people() -> None:
    ann, bob = signed_in(), signed_in(Role.ADMINISTRATOR, "Bob")
    assert "small letters" in post(ann, "", name="Hello!")
    assert "It has mistakes" in written(ann, "flow: hello\n")
    assert "A second person publishes it" in written(ann)
    assert "Approve and put in force" not in ann.get(f"{PAGE}hello/").content.decode()
    assert "whoever wrote a flow" in post(ann, "hello/decide/", act="publish")
    assert active_flows() == {}
    assert "In force." in post(bob, "hello/decide/", act="publish")
    assert active_flows()["hello"].title["en"] == "Hello"
    shown = ann.get(f"{PAGE}hello/").content.decode()
    assert "Which &lt;b&gt;address" in shown
    assert "<b>address" not in shown


def test_rolled_back_and_withdrawn() -> None:
    ann, bob = signed_in(), signed_in(name="Bob")
    published(ann, bob)
    published(ann, bob, TEXT.replace("Hello", "Welcome"))
    compared = ann.get(f"{PAGE}hello/history/?from=1&to=2").content.decode()
    assert "Welcome</ins>" in compared
    assert "Hello</del>" in compared
    assert "Version 1 is in force again" in post(ann, "hello/roll-back/1/")
    assert active_flows()["hello"].title["en"] == "Hello"
    post(ann, "hello/roll-back/0/")
    assert active_flows() == {}


def test_the_check_names_the_line() -> None:
    ann = signed_in()
    written(ann, act="save")
    said = post(ann, "hello/check/", text=TEXT.replace("call: ring", "call: sing"))
    assert 'data-line="13"' in said
    assert "names no action" in said
    assert "<svg" not in said
    assert "<svg" in post(ann, "hello/check/", text=TEXT)


def test_the_second_of_two_writers_is_shown_both_texts() -> None:
    ann, bob = signed_in(), signed_in(name="Bob")
    written(ann, act="save")
    mark = mark_of(ann)
    written(bob, TEXT.replace("Hello", "Welcome"), act="save")
    answer = post(ann, "hello/edit/", text=TEXT.replace("Hello", "Servus"), mark=mark, act="save")
    assert "Somebody else has saved another text" in answer
    assert "Servus" in answer
    assert "Welcome</del>" in answer
    assert "Welcome" in FlowEdition.objects.get().text


def test_a_trial_changes_nothing_and_counts_nowhere() -> None:
    ann = signed_in()
    written(ann, act="save")
    post(ann, "hello/try/", act="begin", language="en", email="", level="claimed")
    assert "Which &lt;b&gt;address" in post(ann, "hello/try/", text="Hello")
    assert "Call?" in post(ann, "hello/try/", text="me@example.org")
    done = post(ann, "hello/try/", text="Yes")
    assert "Not sent, for this is a trial: ring (who: me@example.org)" in done
    assert "Done." in done
    post(ann, "hello/try/", text="Hello, me@example.org")
    assert "Refused." in post(ann, "hello/try/", text="Yes", outcome="refused")
    tables = (ActionCall, FlowRun, Conversation, Message)
    assert [table.objects.count() for table in tables] == [0, 0, 0, 0]


def test_in_a_trial_a_sample_stands_for_a_photo() -> None:
    ann = signed_in()
    photo = TEXT.replace("entity: email", "entity: photo").replace('"{email}"', '"{email.name}"')
    written(ann, photo, act="save")
    post(ann, "hello/try/", act="begin", language="en", email="", level="claimed")
    asked = post(ann, "hello/try/", text="Hello")
    assert 'value="sample.jpg"' in asked
    assert 'value="sample.pdf"' not in asked
    assert "Call?" in post(ann, "hello/try/", text="sample.jpg")
    assert "ring (who: sample.jpg)" in post(ann, "hello/try/", text="Yes")


def test_a_trial_is_stopped_by_the_rules_of_its_action(tmp_path: Path) -> None:
    (tmp_path / "flows" / "actions.yaml").write_text(ACTIONS.replace("writes: true", "writes: true, level: verified"))
    actions.cache_clear()
    ann = signed_in()
    written(ann, act="save")
    post(ann, "hello/try/", act="begin", language="en", level="claimed")
    post(ann, "hello/try/", text="me@example.org")
    assert "handed over" in post(ann, "hello/try/", text="Yes")
    post(ann, "hello/try/", act="begin", language="en", level="verified")
    post(ann, "hello/try/", text="me@example.org")
    assert "Done." in post(ann, "hello/try/", text="Yes")


def test_a_flow_with_mistakes_is_not_played() -> None:
    ann = signed_in()
    written(ann, TEXT.replace("ask: email", "ask: mail"), act="save")
    assert "hello.yaml:7" in post(ann, "hello/try/", act="begin")


def test_figures_say_where_a_flow_was_left() -> None:
    ann = signed_in()
    published(ann, signed_in(name="Bob"))
    version = active_flows()["hello"].version
    outcomes = {"solved": "", "handed_over": "/0", "left": "/0", "refused": "/2"}
    for outcome, place in outcomes.items():
        conversation = do_open_conversation("web_chat", "en", Claims())[0]
        FlowRun.objects.create(conversation=conversation, flow="hello", version=version, outcome=outcome, left_at=place)
    shown = ann.get(f"{PAGE}hello/").content.decode()
    assert re.findall(r"<dd>(\d+)</dd>", shown) == ["4", "1", "0", "1", "1", "1", "0"]
    assert re.findall(r'class="figure"[^>]*>([^<]*)<', shown) == ["2 left", "1 left"]
    assert "<strong>2</strong> Which &lt;b&gt;address" in shown


def test_pictures_in_pages_look_as_those_in_files() -> None:
    sheet = (Path(__file__).parents[1] / "static" / "flows" / "flows.css").read_text()
    assert RULES.strip() in sheet
