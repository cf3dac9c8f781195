"""A reply that can be taken back: sent exactly once, or not at all. The job is run by hand."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput
from kulanz.desk.beside_models import Closed, HeldReply, Mention, Note, ReadyText
from kulanz.desk.models import Handover
from kulanz.inbox.attachments import Upload, do_forget_unsent
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.models import Attachment, Conversation, Message
from kulanz.turns import agent_turn
from kulanz.turns.held_reply import SEND, do_hold_reply, do_release, do_take_back
from kulanz.turns.held_tasks import send_held_reply

pytestmark = pytest.mark.django_db


class Scene:
    def __init__(self) -> None:
        self.id = do_open_conversation("web_chat", "en", Claims(name="Petra"))[0].pk
        self.mia = User.objects.create_user("mia@example.org", name="Mia Becker")
        self.tom = User.objects.create_user("tom@example.org", name="Tom")

    def hold(self, text: str, key: str, **more: object) -> HeldReply:
        held = do_hold_reply(self.id, self.mia, text, key, **more)  # type: ignore[arg-type]
        assert held is not None
        return held

    def said(self) -> list[str]:
        query = Message.objects.filter(conversation=self.id, author="agent").order_by("seq")
        return list(query.values_list("text", flat=True))

    def now(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def run_jobs(self) -> None:
        for job in ProcrastinateJob.objects.filter(task_name=SEND).order_by("id"):
            send_held_reply.func(**job.args)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def photo() -> Upload:
    out = BytesIO()
    Image.new("RGB", (20, 20), "#248").save(out, "PNG")
    return Upload("photo.png", out.getvalue())


def test_it_waits_five_seconds_and_goes_out_once_whoever_runs_the_job(scene: Scene) -> None:
    before = timezone.now()
    scene.hold("Good morning", "k1", uploads=[photo()])
    scene.hold("Good morning", "k1", uploads=[photo()])
    job = ProcrastinateJob.objects.get(task_name=SEND)
    assert job.scheduled_at is not None
    assert timedelta(seconds=4) < job.scheduled_at - before < timedelta(seconds=7)
    assert (scene.said(), scene.now().agent) == ([], scene.mia)
    scene.run_jobs()
    scene.run_jobs()
    assert scene.said() == ["Good morning"]
    assert do_hold_reply(scene.id, scene.mia, "Good morning", "k1") is None
    sent = Message.objects.get(author="agent")
    assert [file["name"] for file in sent.files] == ["photo.png"]
    assert Attachment.objects.get().message == sent


def test_taken_back_it_is_never_sent_and_its_file_is_there_again(scene: Scene) -> None:
    held = scene.hold("Good morning", "k1", uploads=[photo()])
    text, files = do_take_back(scene.id, scene.mia, held.pk)
    scene.run_jobs()
    assert (text, [file.name for file in files], scene.said()) == ("Good morning", ["photo.png"], [])
    with pytest.raises(InvalidInput, match="Too late"):
        do_take_back(scene.id, scene.mia, held.pk)


def test_too_late(scene: Scene) -> None:
    held = scene.hold("Good morning", "k1")
    scene.run_jobs()
    with pytest.raises(InvalidInput, match="Too late"):
        do_take_back(scene.id, scene.mia, held.pk)
    assert scene.said() == ["Good morning"]


def test_the_next_reply_and_every_act_send_it_first(scene: Scene) -> None:
    scene.hold("One", "k1")
    scene.hold("Two", "k2")
    assert scene.said() == ["One"]
    agent_turn.do_resolve(scene.id, scene.mia)
    assert scene.said() == ["One", "Two"]
    assert Message.objects.filter(author="system").latest("seq").seq > Message.objects.filter(text="Two").get().seq
    scene.run_jobs()
    assert scene.said() == ["One", "Two"]


def test_the_same_reply_without_a_script_meanwhile(scene: Scene) -> None:
    scene.hold("One", "k1")
    assert agent_turn.do_reply(scene.id, scene.mia, "One", "k1").text == "One"
    scene.run_jobs()
    assert scene.said() == ["One"]


def test_a_second_agent_is_told_who_was_faster(scene: Scene) -> None:
    held = scene.hold("Good morning", "k1")
    with pytest.raises(InvalidInput, match="Mia Becker is looking after"):
        do_hold_reply(scene.id, scene.tom, "Hello", "k2")
    with pytest.raises(InvalidInput):
        do_take_back(scene.id, scene.tom, held.pk)
    assert do_release(held.pk, scene.tom) is None
    assert do_release(held.pk, scene.mia) is not None
    assert scene.said() == ["Good morning"]


def test_what_is_held_is_not_tidied_away(scene: Scene) -> None:
    scene.hold("", "k1", uploads=[photo()])
    assert do_forget_unsent(timezone.now() + timedelta(days=3)) == 0
    scene.run_jobs()
    assert len(Message.objects.get(author="agent").files) == 1


def test_an_agent_who_is_gone_has_still_answered(scene: Scene) -> None:
    scene.hold("Good morning", "k1")
    scene.mia.delete()
    scene.run_jobs()
    assert scene.said() == ["Good morning"]


def test_a_macro_acts_when_its_reply_is_sent_and_not_before(scene: Scene) -> None:
    macro = ReadyText.objects.create(
        shortcut="bye", text_en="Bye!", note="Told @Tom", then="resolve", closing="informed"
    )
    scene.hold("Bye!", "k1", macro=macro)
    assert (scene.now().status, Note.objects.count()) == ("agent", 0)
    scene.run_jobs()
    assert (scene.now().status, Closed.objects.get().why) == ("resolved", "informed")
    assert Mention.objects.get().user == scene.tom


def test_a_macro_never_undoes_what_the_customer_has_decided_meanwhile(scene: Scene) -> None:
    scene.hold("Bye!", "k1", macro=ReadyText.objects.create(shortcut="bye", text_en="Bye!", then="resolve"))
    agent_turn.do_customer_feedback(scene.id, None, solved=True)
    scene.run_jobs()
    assert (scene.said(), scene.now().resolution) == (["Bye!"], "confirmed")


@pytest.mark.parametrize("text", ["About ⟦order number⟧", "Dear {customer.name}"])
def test_a_gap_is_never_sent(scene: Scene, text: str) -> None:
    with pytest.raises(InvalidInput, match="gap"):
        do_hold_reply(scene.id, scene.mia, text, "k1")
    with pytest.raises(InvalidInput, match="gap"):
        agent_turn.do_reply(scene.id, scene.mia, text, "k1")
    assert scene.now().status == "assistant"


def test_passed_on_to_a_colleague_who_finds_it_and_the_customer_knows(scene: Scene) -> None:
    agent_turn.do_reply(scene.id, scene.mia, "Good morning", "k1")
    for _ in range(2):
        agent_turn.do_transfer(scene.id, scene.mia, scene.tom, "Please look", "t1")
    assert scene.now().agent == scene.tom
    assert Message.objects.filter(text="Tom is now looking after you.").count() == 1
    assert Mention.objects.get().user == scene.tom
    with pytest.raises(InvalidInput, match="Tom is looking after"):
        agent_turn.do_transfer(scene.id, scene.mia, scene.tom, "Again", "t2")
    assert Note.objects.count() == 1


def test_passed_on_to_a_team(scene: Scene) -> None:
    team = Team.objects.create(name="Technik")
    agent_turn.do_transfer(scene.id, scene.mia, team, "", "t1")
    assert (scene.now().status, scene.now().agent) == ("waiting", None)
    handover = Handover.objects.get(conversation=scene.id, state="waiting")
    assert (handover.team, handover.reason) == (team, "transfer")
    assert "Technik" in Message.objects.get(author="system").text


def test_nobody_is_given_work_who_has_left(scene: Scene) -> None:
    User.objects.filter(pk=scene.tom.pk).update(is_active=False)
    with pytest.raises(InvalidInput, match="does not work here"):
        agent_turn.do_transfer(scene.id, scene.mia, User.objects.get(pk=scene.tom.pk), "", "t1")


def test_nobody_is_given_work_who_does_not_serve_customers(scene: Scene) -> None:
    eve = User.objects.create_user("eve@example.org", name="Eve", role="curator")
    with pytest.raises(InvalidInput, match="Eve does not serve customers"):
        agent_turn.do_transfer(scene.id, scene.mia, eve, "", "t1")
    assert scene.now().agent != eve


def test_a_note_names_colleagues_once_and_the_customer_never_sees_it(scene: Scene) -> None:
    for _ in range(2):
        agent_turn.do_write_note(scene.id, scene.tom, "@mia becker and @Mia Becker, @Tom: rude!", "n1")
    assert [mention.user for mention in Mention.objects.all()] == [scene.mia]
    assert not Message.objects.exists()
    with pytest.raises(InvalidInput):
        agent_turn.do_write_note(scene.id, scene.tom, " ", "n2")


def test_a_reason_that_nobody_knows(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        agent_turn.do_resolve(scene.id, scene.mia, "boredom")
    agent_turn.do_resolve(scene.id, scene.mia, "spam")
    assert not Message.objects.exists()  # whoever sent spam is not asked
