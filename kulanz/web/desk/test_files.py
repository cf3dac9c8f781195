"""Files at the desk: agents see what customers sent, and send some of their own."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from kulanz.accounts.models import User
from kulanz.core.message import InboundMessage
from kulanz.inbox.attachments import Upload, do_upload
from kulanz.inbox.conversations import Claims, do_open_conversation
from kulanz.inbox.erasure import erase
from kulanz.inbox.models import Attachment, Conversation, Message
from kulanz.inbox.receive import receive
from kulanz.turns.agent_turn import do_request_person

pytestmark = pytest.mark.django_db


def photo(side: int = 20) -> bytes:
    out = BytesIO()
    Image.new("RGB", (side, 20), "#248").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def mia() -> Client:
    user = User.objects.create_user("mia@example.org", "a long password", name="Mia", role="agent", language="en")
    client = Client()
    client.force_login(user)
    return client


def sent(*names: str) -> Conversation:
    """A conversation in which a customer has sent these files without a word, and waits for a person."""
    conversation, token = do_open_conversation("web_chat", "en", Claims(name="Petra", email="petra@example.org"))
    ids = []
    for number, name in enumerate(names):
        data = b"%PDF-1.7" if name.endswith(".pdf") else photo(10 + number)
        ids.append(str(do_upload(conversation.pk, token, Upload(name, data)).pk))
    receive(InboundMessage(str(conversation.pk), "1", "", tuple(ids)), token)
    do_request_person(conversation.pk, token)
    return conversation


def reply(client: Client, conversation: Conversation, text: str, *files: tuple[str, bytes], key: str = "k") -> Any:
    given = [SimpleUploadedFile(name, data) for name, data in files]
    form = {"text": text, "client_message_id": key, "files": given}
    return client.post(f"/desk/c/{conversation.pk}/reply/", form, headers={"X-Requested-With": "fetch"})


def test_pictures_are_shown_and_papers_are_links(mia: Client) -> None:
    conversation = sent("lid.png", "bill.pdf")
    html = mia.get(f"/desk/c/{conversation.pk}/").content.decode()
    picture, paper = Attachment.objects.order_by("created_at")
    address = f"/desk/c/{conversation.pk}/files/{picture.pk}/"
    assert f'<img src="{address}" width="10" height="20"' in html
    assert f'files/{paper.pk}/" download="bill.pdf">bill.pdf</a>' in html
    assert "lid.png, bill.pdf" in html  # in the summary
    assert "A file" in mia.get("/desk/").content.decode()
    shown = mia.get(address)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "no-store" in shown["Cache-Control"]
    assert mia.get(f"/desk/c/{conversation.pk}/files/{paper.pk}/")["Content-Disposition"].startswith("attachment")


def test_a_file_is_for_staff_and_in_its_own_conversation(mia: Client) -> None:
    one, other = sent("lid.png"), sent("box.png")
    file = Attachment.objects.get(conversation=one)
    assert Client().get(f"/desk/c/{one.pk}/files/{file.pk}/").status_code == 302
    assert mia.get(f"/desk/c/{other.pk}/files/{file.pk}/").status_code == 404


def test_an_agents_files_go_along_once(mia: Client) -> None:
    conversation = sent("lid.png")
    files = (("so.png", photo(30)), ("how.pdf", b"%PDF-1.7"))
    assert [reply(mia, conversation, "", *files).status_code for _ in range(2)] == [204, 204]
    message = Message.objects.get(author="agent")
    assert [file["name"] for file in message.files] == ["so.png", "how.pdf"]
    assert message.attachments.count() == 2


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ((("a.pdf", b"MZ" + b"\0" * 99),), "Only PDF files"),
        ((("a.png", photo()),) * 6, "Up to 5 files"),
        ((("a.pdf", b"%PDF-" + b"0" * 10_000_001),), "10 MB"),
        ((), "empty"),
    ],
)
def test_what_can_not_be_sent_is_refused_and_nothing_is_kept(
    mia: Client, files: tuple[tuple[str, bytes], ...], told: str
) -> None:
    conversation = sent("lid.png")
    refused = reply(mia, conversation, "", *files)
    assert (refused.status_code, told in refused.content.decode()) == (422, True)
    assert not Message.objects.filter(author="agent").exists()
    assert Attachment.objects.count() == 1


def test_erasing_a_customer_erases_their_files() -> None:
    conversation = sent("lid.png")
    erase(conversation.customer_id)
    assert not Attachment.objects.exists()
