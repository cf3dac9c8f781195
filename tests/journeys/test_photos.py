"""Photos in the chat, in words: what the assistant makes of a message with a file, alone or with a text."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from kulanz.core.message import InboundMessage
from kulanz.demo.service_models import ShopClaim
from kulanz.desk.summary import build_summary
from kulanz.flows.models import FlowRun
from kulanz.inbox.attachments import Upload, do_upload
from kulanz.inbox.models import Attachment
from kulanz.inbox.receive import receive
from kulanz.turns.customer_turn import customer_turn
from tests.journeys.chat import Chat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("musterladen")]


class Photographer(Chat):
    """A customer who sends photos."""

    def send(self, text: str, *names: str) -> str:
        """Sends a photo of each name with the text; gives the reply."""
        ids = [self.upload(name, number) for number, name in enumerate(names)]
        key = str(len(self.replies()) + Attachment.objects.count())
        receive(InboundMessage(str(self.conversation.id), key, text, tuple(ids)), self.token)
        decision = customer_turn(self.conversation.id)
        assert decision is not None
        return self.replies()[-1].text

    def upload(self, name: str, number: int) -> str:
        out = BytesIO()
        Image.new("RGB", (30 + number, 20), "#842").save(out, "JPEG")
        return str(do_upload(self.conversation.id, self.token, Upload(name, out.getvalue())).pk)

    def answer(self, *texts: str) -> str:
        """Says one thing after the other; gives the last reply."""
        return [self.send(text) for text in texts][-1]


def test_a_photo_that_came_first_is_not_asked_for_again() -> None:
    chat = Photographer()
    chat.send("", "IMG_1.jpg")
    assert chat.codes() == ["files_alone"]  # what is it about?
    kept = str(Attachment.objects.get().pk)
    asked = chat.answer("Die Pfanne aus ML-10111 kam kaputt an", "Die Pfanne", "Beschädigt")
    assert "Ersatz oder Geld zurück" in asked
    chat.answer("Ersatz", "Ja")
    assert ShopClaim.objects.get().photo == kept


def test_a_photo_answers_the_question_for_one_in_whatever_moment_it_comes() -> None:
    chat = Photographer()
    chat.answer("Die Pfanne aus ML-10111 kam kaputt an", "Die Pfanne")
    again = chat.send("", "IMG_1.jpg")  # beside another question
    assert "beschädigt" in again
    assert chat.status == "assistant"
    assert "Ersatz oder Geld zurück" in chat.answer("Beschädigt")
    assert "Soll ich?" in chat.answer("Ersatz")
    assert "noch nichts veranlasst" in chat.send("", "IMG_2.jpg")  # no photo is a yes
    assert not ShopClaim.objects.exists()


def test_the_flow_waits_for_the_photo_and_the_agent_sees_it() -> None:
    chat = Photographer("en")
    asked = chat.answer("The pan from ML-10111 arrived broken", "The pan", "Damaged")
    assert "Can you send a photo of it?" in asked
    assert chat.replies()[-1].choices == ["No photo"]
    assert "paper clip" in chat.answer("Yes, of course")
    assert "free replacement or your money back" in chat.send("The handle is off", "IMG_1.jpg", "IMG_2.jpg")
    chat.answer("I want to speak to a person")
    (sent,) = (line for line in build_summary(chat.conversation.id, "en").facts if line.label == "Sent along")
    assert sent.text == "IMG_1.jpg, IMG_2.jpg"
    state = FlowRun.objects.get().state
    (told,) = (result["value"] for result in state["log"] if isinstance((result or {}).get("value"), dict))
    assert (told["count"], told["name"], told["text"]) == (2, "IMG_1.jpg", "The handle is off")


def test_a_photo_for_a_person_goes_to_the_person_alone() -> None:
    chat = Photographer()
    chat.answer("Ich möchte einen Menschen sprechen")
    before = len(chat.replies())
    chat.send("", "IMG_1.jpg")
    assert (chat.status, len(chat.replies())) == ("waiting", before)
