"""The curator's pages: from a correction at the desk to a model that reads it rightly, and back."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from kulanz.accounts.models import Role, User
from kulanz.core.message import InboundMessage
from kulanz.core.reading import Reading
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Conversation, Message
from kulanz.inbox.receive import receive
from kulanz.nlp.vector import LazyVector
from kulanz.trust.models import AuditEntry
from kulanz.turns.curator_tasks import do_train_candidate, look_through_conversations
from kulanz.understanding import active
from kulanz.understanding.erasure import erase
from kulanz.understanding.examples import do_add
from kulanz.understanding.models import (
    Change,
    EmotionExample,
    ExampleProposal,
    IntentExample,
    IntentModel,
    Notice,
    ProtectedCase,
    StoredReading,
    TrainingRun,
)
from kulanz.understanding.proposals import open_groups
from kulanz.understanding.read import read
from kulanz.understanding.training import do_train
from kulanz.understanding.vectors import packed

pytestmark = pytest.mark.django_db
EXAMPLES = {
    "order_status": ["Where is my order?", "When does my parcel arrive?", "Track my delivery", "My parcel is late"],
    "cancel_order": ["Cancel my order", "I want to cancel the purchase", "Please cancel it", "Stop my order"],
    "invoice_copy": ["Send me the invoice again", "I need a copy of the invoice", "Invoice as PDF", "Invoice missing"],
}
ODD = "The bean counter at my office asks for the paper, my mail is petra@example.org"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()
    active.forget_loaded()


@pytest.fixture
def taught() -> None:
    for intent, texts in EXAMPLES.items():
        do_add("system", intent, texts, "en")
    do_train()


def signed_in(role: str, name: str = "Cleo") -> Client:
    user = User.objects.create_user(f"{name}@example.org", "a long password", name=name, role=role, language="en")
    client = Client()
    client.force_login(user)
    return client


def understood(text: str) -> Reading:
    active.forget_loaded()
    return read(text, LazyVector(text))


def written(text: str) -> tuple[Conversation, StoredReading]:
    """A conversation with one message that was read, as a turn leaves it behind."""
    conversation, token = do_open_conversation("web_chat", "en", Claims(name="Petra Muster"))
    receive(InboundMessage(str(conversation.pk), uuid4().hex, text), token)
    message = Message.objects.get(conversation=conversation)
    reading = read(text, LazyVector(text), language_hint="en")
    return conversation, StoredReading.objects.create(message=message, data=reading.to_json())


def page(client: Client, path: str = "") -> str:
    answer = client.get(f"/desk/curator/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def do(client: Client, path: str, **form: object) -> str:
    answer = client.post(f"/desk/curator/{path}", form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def trained_candidate(curator: Client) -> IntentModel:
    do(curator, "train/")
    run = TrainingRun.objects.get()
    assert run.state == "waiting"
    do_train_candidate(run.pk)
    assert "Compare and decide" in page(curator)
    return IntentModel.objects.get(active=False)


@pytest.mark.usefixtures("taught")
def test_from_a_correction_to_a_better_model_and_back() -> None:
    conversation, stored = written(ODD)
    agent, curator = signed_in(Role.AGENT, "Mia"), signed_in(Role.CURATOR)
    before = understood(ODD)
    assert before.intent is None or before.intent.value != "invoice_copy"

    form = {"reading": str(stored.pk), "intent": "invoice_copy", "emotion": "neutral"}
    answer = agent.post(f"/desk/c/{conversation.pk}/correct/", form, follow=True).content.decode()
    assert "The curators will look at it" in answer
    assert "Mia has corrected" in answer
    proposal = ExampleProposal.objects.get()
    assert proposal.text == "The bean counter at my office asks for the paper, my mail is name@example.org"

    look_through_conversations(0)
    assert "The bean counter" in page(curator, "review/")
    assert "1 proposal accepted" in do(
        curator, "review/decide/", id=proposal.pk, suggested="invoice_copy", act="accept"
    )
    first = IntentModel.objects.get(active=True)
    candidate = trained_candidate(curator)
    assert candidate.comparison["against"] == first.manifest["version"]
    assert "of the 1 newest readings" in page(curator, "models/")
    assert "is in force now" in do(curator, f"models/{candidate.pk}/activate/")
    after = understood(ODD)
    assert after.intent is not None
    assert after.intent.value == "invoice_copy"

    do(curator, f"models/{first.pk}/activate/")
    assert understood(ODD).model == first.manifest["version"]
    do(curator, f"changes/{Change.objects.latest('pk').pk}/undo/")
    assert not IntentExample.objects.filter(text=proposal.text).exists()
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert acts >= {
        "corrected_reading", "proposed_example", "examples_accepted", "activated_model", "examples_undone",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", ["", "review/", "rejected/", "cases/", "models/", "changes/", "training/", "feelings/"]
)
def test_the_pages_belong_to_curators(path: str) -> None:
    assert Client().get(f"/desk/curator/{path}").status_code == 302
    for role, status in ((Role.AGENT, 403), (Role.SUPERVISOR, 403), (Role.CURATOR, 200), (Role.ADMINISTRATOR, 200)):
        assert signed_in(role, role.value).get(f"/desk/curator/{path}").status_code == status


@pytest.mark.parametrize(
    "path",
    ["train/", "intent/new/", "intent/add/", "intent/describe/", "examples/change/", "review/decide/",
     "rejected/teach/", "rejected/look/", "models/1/activate/", "changes/1/undo/", "cases/protect/",
     "cases/unprotect/", "notices/1/seen/", "feelings/change/"],
)  # fmt: skip
def test_acts_need_the_role_and_a_form_of_ours(path: str) -> None:
    agent, curator = signed_in(Role.AGENT, "Mia"), signed_in(Role.CURATOR)
    assert agent.post(f"/desk/curator/{path}").status_code == 403
    assert curator.get(f"/desk/curator/{path}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = curator.cookies
    assert strict.post(f"/desk/curator/{path}").status_code == 403


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("intent/new/", {"intent": "", "texts": "a word"}, "needs a name"),
        ("intent/new/", {"intent": "x", "texts": " "}, "at least one example"),
        ("intent/add/", {"intent": "x", "texts": "y" * 1001}, "1001"),
        ("examples/change/", {"act": "remove"}, "choose at least one"),
        ("feelings/change/", {"act": "remove"}, "choose at least one"),
        ("review/decide/", {"act": "accept"}, "choose at least one"),
        ("review/decide/", {"id": "no uuid", "act": "accept"}, "choose at least one"),
        ("rejected/teach/", {"id": str(uuid4())}, "choose what these messages mean"),
        ("cases/protect/", {"text": "a word", "expects": "nonsense"}, "choose what must be understood"),
        ("models/4711/activate/", {}, ""),
        ("intent/describe/", {"intent": "x", "title_de": "y" * 121}, "121"),
    ],
)
def test_mistakes_are_explained(path: str, form: dict[str, str], words: str) -> None:
    answer = signed_in(Role.CURATOR).post(f"/desk/curator/{path}", form, follow=True)
    assert answer.status_code == (200 if words else 404)
    assert not words or words in answer.content.decode().split('role="alert"')[1]
    assert not Change.objects.exists()


def test_an_intent_from_its_creation_to_its_end() -> None:
    curator = signed_in(Role.CURATOR)
    shown = do(curator, "intent/new/", intent="gift wrap?", texts="Wrap it please\n\nIs it a gift?\nWrap it please")
    assert "2 examples added" in shown
    assert "<code>gift wrap?</code>" in shown
    do(curator, "intent/describe/", intent="gift wrap?", title_en="Wrapping <b>gifts</b>")
    assert "Wrapping &lt;b&gt;gifts&lt;/b&gt;" in page(curator)
    one, other = IntentExample.objects.order_by("text")
    assert "1 example moved" in do(curator, "examples/change/", id=one.pk, act="move", intent="oos")
    assert "1 example removed" in do(curator, "examples/change/", id=other.pk, act="remove")
    assert "Undo" in page(curator)
    do(curator, f"changes/{Change.objects.latest('pk').pk}/undo/")
    assert IntentExample.objects.count() == 2


def test_the_way_back_leads_only_to_these_pages() -> None:
    curator = signed_in(Role.CURATOR)
    for back in ("https://evil.example/", "//evil.example", "/desk/curator//evil.example", "/desk/", "\\evil"):
        assert curator.post("/desk/curator/rejected/look/", {"back": back})["Location"] == "/desk/curator/rejected/"
    answer = curator.post("/desk/curator/rejected/look/", {"back": "/desk/curator/models/"})
    assert answer["Location"] == "/desk/curator/models/"


@pytest.mark.usefixtures("taught")
def test_a_rejected_message_becomes_an_example() -> None:
    curator = signed_in(Role.CURATOR)
    _, stored = written("Do you hire students, Petra asks, order ML-10234")
    data = {**stored.data, "rejected": True, "signals": []}
    StoredReading.objects.filter(pk=stored.pk).update(data=data)
    assert "Do you hire" not in page(curator, "rejected/")
    look_through_conversations(0)
    assert "Do you hire" in page(curator, "rejected/")
    do(curator, "rejected/teach/", id=stored.pk, suggested="", new_intent="jobs")
    example = IntentExample.objects.get(intent="jobs")
    assert (example.text, example.source) == ("Do you hire students, X asks, order ML-00000", "proposal")


@pytest.mark.usefixtures("taught")
def test_proposals_are_rejected_relabelled_reworded_and_shown_with_their_effect() -> None:
    agent, curator = signed_in(Role.AGENT, "Mia"), signed_in(Role.CURATOR)
    for text, intent in (("Halt everything", "cancel_order"), ("The bill thing", "order_status"), ("Nonsense", "oos")):
        conversation, stored = written(text)
        agent.post(f"/desk/c/{conversation.pk}/correct/", {"reading": str(stored.pk), "intent": intent})
    look_through_conversations(0)
    found = {p.text: p for p in ExampleProposal.objects.filter(kind="intent")}
    query = f"?id={found['The bill thing'].pk}&suggested=order_status&id=nonsense"
    assert "An estimate by a simpler model" in page(curator, f"review/effect/{query}")
    do(
        curator,
        "review/decide/",
        id=found["The bill thing"].pk,
        act="accept",
        suggested="invoice_copy",
        text="The bill",
    )
    assert IntentExample.objects.filter(text="The bill", intent="invoice_copy").exists()
    rest = [p.pk for text, p in found.items() if text != "The bill thing"]
    assert "rejected" in do(curator, "review/decide/", id=rest, act="reject")
    assert set(ExampleProposal.objects.values_list("state", flat=True)) == {"accepted", "rejected"}
    assert "Nothing waits for review" in page(curator, "review/")


@pytest.mark.usefixtures("taught")
def test_an_agent_corrects_only_what_is_there() -> None:
    agent = signed_in(Role.AGENT, "Mia")
    conversation, stored = written("Where is my order?")
    other, _ = written("Cancel my order")
    correct = f"/desk/c/{conversation.pk}/correct/"
    assert agent.post(correct, {"reading": "nonsense"}).status_code == 404
    assert agent.post(f"/desk/c/{other.pk}/correct/", {"reading": str(stored.pk)}).status_code == 404
    for form in ({"intent": "no such intent"}, {"emotion": "hungry"}):
        assert "Please choose" in agent.post(correct, {"reading": str(stored.pk), **form}, follow=True).content.decode()
    same = {"reading": str(stored.pk), "intent": "order_status", "emotion": "neutral"}
    assert "Nothing was changed" in agent.post(correct, same, follow=True).content.decode()
    assert not ExampleProposal.objects.exists()
    agent.post(correct, {"reading": str(stored.pk), "intent": "cancel_order"})
    agent.post(correct, {"reading": str(stored.pk), "intent": "invoice_copy"})
    assert ExampleProposal.objects.get().suggested == "invoice_copy"


@pytest.mark.usefixtures("taught")
def test_an_emotion_is_corrected_and_confirmed() -> None:
    agent, curator = signed_in(Role.AGENT, "Mia"), signed_in(Role.CURATOR)
    conversation, stored = written("Where is my order?")
    agent.post(f"/desk/c/{conversation.pk}/correct/", {"reading": str(stored.pk), "emotion": "worried"})
    proposal = ExampleProposal.objects.get()
    assert "Mood: worried" in page(curator, "review/")
    do(curator, "review/decide/", id=proposal.pk, act="accept", suggested="worried")
    assert list(EmotionExample.objects.values_list("text", "emotion")) == [("Where is my order?", "worried")]
    protect = "cases/?text=Where%20is%20my%20order%3F&amp;emotion=worried"
    assert protect in page(curator, "feelings/")
    do(curator, "cases/protect/", text="Where is my order?", expects="emotion", emotion="worried", intent="x")
    assert "Mood: worried" in page(curator, "cases/")
    key = EmotionExample.objects.get().pk
    assert "Please choose one of the emotions" in do(curator, "feelings/change/", id=key, act="move", emotion="x")
    assert "1 example moved" in do(curator, "feelings/change/", id=key, act="move", emotion="confused")
    assert "1 example removed" in do(curator, "feelings/change/", id=key, act="remove")
    for change in Change.objects.order_by("-pk")[:2]:
        assert "worried" in page(curator, "changes/")
        do(curator, f"changes/{change.pk}/undo/")
    assert list(EmotionExample.objects.values_list("text", "emotion")) == [("Where is my order?", "worried")]


@pytest.mark.usefixtures("taught")
def test_corrected_moods_are_shown_with_their_effect_learnt_and_taken_back() -> None:
    agent, curator = signed_in(Role.AGENT, "Mia"), signed_in(Role.CURATOR)
    asked = "Seit Tagen liegt mein Paket im Depot herum"
    for start in ("Das Paket", "Mein Paket", "Das Päckchen", "Die Sendung", "Unser Paket"):
        conversation, stored = written(f"{start} liegt seit Tagen im Depot")
        agent.post(f"/desk/c/{conversation.pk}/correct/", {"reading": str(stored.pk), "emotion": "frustrated"})
    _, probe = written(asked)
    StoredReading.objects.filter(pk=probe.pk).update(vector=packed(LazyVector(asked).reading))
    look_through_conversations(0)
    keys = list(ExampleProposal.objects.values_list("pk", flat=True))
    assert len(open_groups()[0].members) > 1
    query = "&".join(f"id={key}" for key in keys)
    shown = page(curator, f"review/effect/?{query}&suggested=frustrated")
    assert asked in shown
    assert "calm → frustrated" in shown
    assert "5 proposals accepted" in do(curator, "review/decide/", id=keys, act="accept", suggested="frustrated")
    first, candidate = IntentModel.objects.get(active=True), trained_candidate(curator)
    assert "120 ordinary wordings" in page(curator, "models/")
    do(curator, f"models/{candidate.pk}/activate/")
    assert understood(asked).emotion.value == "frustrated"
    do(curator, f"models/{first.pk}/activate/")
    assert understood(asked).emotion.value == "neutral"
    do(curator, f"changes/{Change.objects.latest('pk').pk}/undo/")
    assert not EmotionExample.objects.exists()


@pytest.mark.usefixtures("taught")
def test_erasing_a_customer_erases_what_waits_for_review() -> None:
    agent = signed_in(Role.AGENT, "Mia")
    conversation, stored = written("Where is my order?")
    agent.post(f"/desk/c/{conversation.pk}/correct/", {"reading": str(stored.pk), "intent": "cancel_order"})
    assert erase(uuid4()) == 0
    assert erase(conversation.customer_id) == 2
    assert not ExampleProposal.objects.exists()
    assert not StoredReading.objects.exists()


def test_a_training_that_cannot_be_done_says_why() -> None:
    curator = signed_in(Role.CURATOR)
    for _ in range(2):
        do(curator, "train/")
    run = TrainingRun.objects.get()
    assert do_train_candidate(run.pk) is None
    assert "at least two intents" in page(curator, "training/")
    do(curator, "train/")
    assert TrainingRun.objects.count() == 2


def test_a_notice_of_drift_is_shown_until_it_is_seen() -> None:
    curator, agent = signed_in(Role.CURATOR), signed_in(Role.AGENT, "Mia")
    most = [["warranty", 0.2], ["", -0.1]]
    moved = [
        {"measure": "rejected", "before": 0.1, "now": 0.3, "by": 6.0, "most": []},
        {"measure": "intents", "before": 0.25, "now": 0.4, "by": 1.6, "most": most},
    ]
    notice = Notice.objects.create(kind="drift", facts={"moved": moved, "recent": 80, "before": 300})
    banner = "please look at it"
    assert banner in curator.get("/desk/").content.decode()
    assert banner not in agent.get("/desk/").content.decode()
    shown = page(curator)
    assert "10 % before, 30 % now" in shown
    assert "Warranty +20 %" in shown
    do(curator, f"notices/{notice.pk}/seen/")
    assert banner not in curator.get("/desk/").content.decode()


def test_protected_cases() -> None:
    curator = signed_in(Role.CURATOR)
    do(curator, "cases/protect/", text="Where is it?", expects="intent", intent="order_status")
    do(curator, "cases/protect/", text="Where is it?", expects="rejection", intent="order_status")
    case = ProtectedCase.objects.get()
    assert (case.expects, case.intent) == ("rejection", "")
    do(curator, "cases/unprotect/", id=case.pk)
    assert not ProtectedCase.objects.exists()


@pytest.mark.usefixtures("taught")
def test_the_overview_takes_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    curator = signed_in(Role.CURATOR)
    for path in ("", "models/", "changes/", "review/", "rejected/", "feelings/", "cases/"):
        with django_assert_max_num_queries(26):
            page(curator, path)
