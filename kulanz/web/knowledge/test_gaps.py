"""The pages of gaps and of the condition of the knowledge: who sees them, and what their buttons do."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from kulanz.accounts.models import Role, User
from kulanz.desk.models import Handover
from kulanz.inbox.models import Conversation, Customer, Message
from kulanz.knowledge.articles import do_create, do_publish
from kulanz.knowledge.looking import do_look
from kulanz.knowledge.models import Article
from kulanz.knowledge.visibility import today
from kulanz.turns.gaps import do_sort_questions
from kulanz.web.knowledge.test_knowledge import signed_in

pytestmark = pytest.mark.django_db

PAGES = ("/desk/knowledge/gaps/", "/desk/knowledge/condition/")


def asked(text: str, reply: str, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    conversation = Conversation.objects.create(
        customer=Customer.objects.create(name="Eda Yilmaz"), channel="web_chat", language="en",
        token_digest=uuid4().hex, created_at=at, updated_at=at,
    )  # fmt: skip
    for seq, (author, words) in enumerate((("customer", text), ("agent", reply)), start=1):
        Message.objects.create(conversation=conversation, seq=seq, author=author, text=words, created_at=at)
    Handover.objects.create(conversation=conversation, reason="wish", state="ended", requested_at=at)


@pytest.mark.parametrize("page", PAGES)
def test_only_those_who_write_see_them(page: str) -> None:
    assert signed_in(Role.AGENT, "Amy").get(page).status_code == 403
    assert signed_in().get(page).status_code == 200


def test_a_topic_becomes_a_draft() -> None:
    curator = signed_in()
    for day in (1, 2):
        asked(
            f"Can the grinder be engraved for Eda, order ML-1007{day}?",
            "Hello Eda, the engraving costs €12 and takes a week.",
            day,
        )
    shown = curator.get(PAGES[0]).content.decode()
    assert "2 more questions are being sorted" in shown
    assert ProcrastinateJob.objects.filter(task_name="sort_questions").exists()
    do_sort_questions()
    shown = curator.get(PAGES[0]).content.decode()
    assert "2 in the last 4 weeks, 0 in the 4 before" in shown
    assert "Eda" not in shown
    assert "ML-1007" not in shown
    topic = shown.split('name="topic" value="')[1].split('"')[0]
    opened = curator.post("/desk/knowledge/gaps/draft/", {"topic": topic}, follow=True).content.decode()
    assert "The engraving costs €12 and takes a week." in opened
    assert "A draft of what agents answered" in opened
    again = curator.post("/desk/knowledge/gaps/draft/", {"topic": "gone"}, follow=True).content.decode()
    assert "This topic is no longer there" in again
    assert Article.objects.count() == 1
    assert "not yet" in curator.get(PAGES[0]).content.decode()


def test_a_topic_is_dismissed_and_brought_back() -> None:
    curator = signed_in()
    for day in (1, 2):
        asked("Can the grinder be engraved for Eda?", "No.", day)
    do_sort_questions()
    topic = curator.get(PAGES[0]).content.decode().split('name="topic" value="')[1].split('"')[0]
    form = {"topic": topic, "reason": ""}
    assert "Please say why" in curator.post("/desk/knowledge/gaps/dismiss/", form, follow=True).content.decode()
    form["reason"] = "We do not engrave."
    shown = curator.post("/desk/knowledge/gaps/dismiss/", form, follow=True).content.decode()
    assert "We do not engrave." in shown
    assert "2 questions in 60 days" in shown
    assert 'name="topic"' not in shown
    assert "Eda" not in shown
    address = "/desk/knowledge/gaps/dismissed/{}/back/".format(shown.split("/gaps/dismissed/")[1].split("/")[0])
    assert signed_in(Role.AGENT, "Amy").post(address).status_code == 403
    assert 'name="topic"' in curator.post(address, follow=True).content.decode()
    assert "not dismissed" in curator.post(address, follow=True).content.decode()


def test_two_articles_that_contradict_are_shown_to_their_owner() -> None:
    curator = signed_in()
    owner = User.objects.get(name="Cleo")
    for title, days in (("How long can I return an item?", 30), ("Returning an item", 14)):
        body = f"You can send any item back within {days} days. The time starts when the parcel reaches you."
        do_publish(do_create(owner, title=title, body=body, language="en"), owner)
    do_look()
    shown = curator.get("/desk/knowledge/condition/?owner=me").content.decode()
    assert all(f"You can send any item back within {days} days." in shown for days in (14, 30))
    assert "Nothing to mend" in curator.get("/desk/knowledge/condition/?owner=none").content.decode()
    assert "wait for you" in curator.get("/desk/").content.decode()
    assert "send any item back" in curator.get("/desk/knowledge/condition/").content.decode()  # theirs to begin with
    curator.post("/desk/knowledge/condition/look/", {"owner": "me"})
    curator.post("/desk/knowledge/condition/look/", {"owner": "me"})
    assert ProcrastinateJob.objects.filter(task_name="look_through_articles").exists()


def test_an_agent_who_owns_an_article_sees_its_condition_alone() -> None:
    agent, amy = signed_in(Role.AGENT, "Amy"), User.objects.get(name="Amy")
    assert "wait for you" not in agent.get("/desk/").content.decode()
    for title, owner in (("Amy's article", amy), ("Another one", None)):
        article = do_create(amy, title=title, body="It is so.", language="en")
        do_publish(article, amy)
        Article.objects.filter(pk=article.pk).update(owner=owner, valid_until=today() - timedelta(days=1))
    assert "wait for you" in agent.get("/desk/").content.decode()
    shown = agent.get("/desk/knowledge/condition/?owner=").content.decode()
    assert "Amy&#x27;s article" in shown
    assert "Another one" not in shown
    mine = Article.objects.get(owner=amy)
    assert agent.get(f"/desk/knowledge/{mine.pk}/").status_code == 200
    assert agent.get(f"/desk/knowledge/{Article.objects.get(owner=None).pk}/").status_code == 404
