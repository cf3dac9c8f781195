"""Finding and sorting through the pages."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from kulanz.accounts.models import Role, User
from kulanz.core.message import Reply
from kulanz.desk.sorting_models import Rest, SavedView, Tag
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.messages import do_append
from kulanz.inbox.models import Conversation
from kulanz.turns.agent_turn import do_accept, do_request_person

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}


def signed_in(name: str = "mia", role: str = Role.AGENT) -> tuple[Client, User]:
    user = User.objects.create_user(f"{name}@example.org", name=name.title(), role=role, language="en")
    client = Client()
    client.force_login(user)
    return client, user


def asked(text: str = "Where is <b>ML-10234</b>?", name: str = "Petra") -> Conversation:
    conversation, token = do_open_conversation("web_chat", "en", Claims(name=name))
    do_append(conversation, Reply(text, author="customer"))
    do_request_person(conversation.pk, token)
    return Conversation.objects.get(pk=conversation.pk)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_searched_for_is_marked_and_markup_stays_text() -> None:
    client, _ = signed_in()
    asked()
    shown = text_of(client, "/desk/list/?q=10234")
    assert "&lt;b&gt;ML-<mark>10234</mark>&lt;/b&gt;" in shown
    assert "Nothing found." in text_of(client, "/desk/list/?q=99999")


def test_the_filters_stay_in_every_link() -> None:
    client, _ = signed_in()
    asked()
    shown = text_of(client, "/desk/list/?list=open&language=en&agent=%00x")
    links = re.findall(r'href="([^"]*)"', shown)
    assert len([link for link in links if "/c/" in link]) == 1
    assert [link for link in links if "language=en" not in link] == []
    assert "No conversation fits this filter." in text_of(client, "/desk/?tag=%22%3E%3Cscript%3E")


def test_a_view_is_saved_opened_and_removed() -> None:
    client, user = signed_in()
    saved = client.post("/desk/views/?list=open&language=de&junk=1", {"name": "German ones", "shared": "on"})
    view = SavedView.objects.get(agent=user)
    assert (view.filters, view.shared) == ({"list": "open", "language": "de"}, False)
    assert f'href="/desk/?{urlencode(view.filters).replace("&", "&amp;")}"' in text_of(client, saved["Location"])
    other, _ = signed_in("tom")
    other.post(f"/desk/views/{view.pk}/remove/")
    assert SavedView.objects.exists()
    client.post(f"/desk/views/{view.pk}/remove/")
    assert not SavedView.objects.exists()


def test_tags_and_rest_beside_a_conversation() -> None:
    client, user = signed_in()
    conversation = asked()
    page = f"/desk/c/{conversation.pk}/"
    added = client.post(f"{page}tags/", {"name": "<i>VIP", "colour": "violet"}, headers=FETCH)
    assert '<span class="tag tag-violet">&lt;i&gt;VIP</span>' in added.content.decode()
    assert client.post(f"{page}tags/", {"name": ""}, headers=FETCH).status_code == 422
    client.post(f"{page}tags/{Tag.objects.get().pk}/remove/")
    assert "VIP</span>" not in text_of(client, page)
    assert client.post(f"{page}rest/", {"until": "tomorrow"}, headers=FETCH).status_code == 422
    do_accept(conversation.pk, user)
    rested = client.post(f"{page}rest/", {"until": "tomorrow"}, headers=FETCH)
    assert "Rests until" in rested.content.decode()
    assert "Petra" not in text_of(client, "/desk/list/?list=mine")
    client.post(f"{page}wake/")
    assert not Rest.objects.exists()


def test_several_at_once_with_what_came_of_it() -> None:
    client, _ = signed_in()
    tom = signed_in("tom")[1]
    held, free = asked(name="Held"), asked(name="Free")
    do_accept(held.pk, tom)
    keys = [str(held.pk), str(free.pk), "no key"]
    answer = client.post(
        "/desk/list/together/", {"keys": keys, "act": "accept", "back": "https://evil.example/?list=open"}
    )
    assert answer["Location"] == "/desk/?list=open"
    assert "1 done, 1 held by others" in text_of(client, answer["Location"])
    for data in ({"act": "accept"}, {"keys": keys, "act": "nothing"}, {"keys": keys, "act": "team", "team": "x"}):
        refused = client.post("/desk/list/together/", data)
        assert 'role="alert"' in text_of(client, refused["Location"])


def test_acts_need_a_form_of_ours() -> None:
    client, _ = signed_in()
    conversation = asked()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for act in (f"c/{conversation.pk}/tags/", f"c/{conversation.pk}/rest/", "list/together/", "views/"):
        assert strict.post(f"/desk/{act}", {"name": "x"}).status_code == 403
        assert Client().post(f"/desk/{act}").status_code == 302
