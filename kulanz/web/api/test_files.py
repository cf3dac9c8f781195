"""Files of customers: what may be sent, who gets them, and that nothing is kept twice or for nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from kulanz.inbox import attachments
from kulanz.inbox.models import Attachment, Conversation, Message
from kulanz.trust.uploads import MOST_BYTES

pytestmark = pytest.mark.django_db


def photo(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#a33").save(out, kind, **options)
    return out.getvalue()


class Visitor:
    """A customer with a conversation of their own."""

    def __init__(self, language: str = "en") -> None:
        self.client = Client()
        answer = self._post("/api/v1/conversations", {"language": language})
        self.id = answer.json()["id"]
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        headers = getattr(self, "headers", {})
        return self.client.post(path, json.dumps(body), content_type="application/json", headers=headers)

    def upload(self, data: bytes, name: str = "IMG_1.jpg", **extra: Any) -> Any:
        file = SimpleUploadedFile(name, data, "image/jpeg")
        path = f"/api/v1/conversations/{self.id}/attachments"
        return self.client.post(path, {"file": file}, headers=self.headers, **extra)

    def write(self, text: str, *files: str, key: str = "1") -> Any:
        body = {"text": text, "attachments": list(files), "client_message_id": key}
        return self._post(f"/api/v1/conversations/{self.id}/messages", body)

    def messages(self) -> list[dict[str, Any]]:
        path = f"/api/v1/conversations/{self.id}/messages"
        return list(self.client.get(path, headers=self.headers).json()["messages"])

    def fetch(self, url: str) -> Any:
        return self.client.get(url, headers=self.headers)


def test_a_photo_without_a_word_is_a_message_once() -> None:
    visitor = Visitor()
    kept = visitor.upload(photo(), "../my photo.png").json()
    assert (kept["name"], kept["kind"], kept["width"]) == ("my-photo.jpg", "image/jpeg", 40)
    first, again = visitor.write("", kept["id"]), visitor.write("", kept["id"])
    assert (first.status_code, first.json()) == (202, again.json())
    (shown,) = visitor.messages()
    assert (shown["text"], shown["attachments"]) == ("", [kept])
    assert visitor.write("again", kept["id"], key="2").status_code == 422  # it belongs to the first message
    assert Message.objects.count() == 1


def test_the_same_file_is_kept_once_until_it_is_sent() -> None:
    visitor = Visitor()
    first, again = (visitor.upload(photo()).json()["id"] for _ in range(2))
    assert first == again
    visitor.write("", first)
    assert visitor.upload(photo()).json()["id"] != first


def test_only_who_may_read_the_conversation_gets_the_file() -> None:
    visitor, stranger = Visitor(), Visitor()
    kept = visitor.upload(photo()).json()
    own, foreign = visitor.fetch(kept["url"]), stranger.fetch(kept["url"])
    assert (own.status_code, own["Content-Type"], own["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert own["Content-Disposition"].startswith("inline")
    assert "sandbox" in own["Content-Security-Policy"]
    assert "no-store" in own["Cache-Control"]
    assert foreign.status_code == 404
    assert (
        foreign.json() == stranger.fetch(kept["url"].replace(kept["id"], str(Conversation.objects.all()[0].pk))).json()
    )
    assert Client().get(kept["url"]).status_code == 401
    assert stranger.write("mine", kept["id"]).status_code == 422
    assert not Attachment.objects.exclude(message=None).exists()


def test_a_pdf_is_a_download() -> None:
    visitor = Visitor()
    kept = visitor.upload(b"%PDF-1.7\n%%EOF", "Rechnung.pdf").json()
    assert visitor.fetch(kept["url"])["Content-Disposition"] == 'attachment; filename="Rechnung.pdf"'


def test_where_a_photo_was_taken_is_not_kept() -> None:
    visitor, exif = Visitor(), Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # lies on its side
    kept = visitor.upload(photo(exif=exif) + b"<script>").json()
    stored = bytes(Attachment.objects.get().data)
    assert not Image.open(BytesIO(stored)).getexif()
    assert b"home" not in stored
    assert b"script" not in stored
    assert (kept["width"], kept["height"]) == (30, 40)  # stands upright all the same


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"MZ\x90\x00\x03" + b"\0" * 200, "invoice.pdf", "Nur PDF-Dateien"),
        (b"<html><script>alert(1)</script>", "photo.jpg", "Nur PDF-Dateien"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "Nur PDF-Dateien"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_2.HEIC", "JPEG"),
        (b"", "a.png", "leer"),
        (photo("PNG", (8000, 7000)), "huge.png", "Megapixel"),
    ],
)
def test_what_is_no_picture_and_no_pdf_is_refused(data: bytes, name: str, told: str) -> None:
    refused = Visitor("de").upload(data, name)
    assert refused.status_code == 422
    assert told in refused.json()["message"]
    assert not Attachment.objects.exists()


def test_too_large_a_file_is_refused_before_it_is_read() -> None:
    visitor = Visitor("de")
    over = visitor.upload(photo() + b"\0" * MOST_BYTES)
    announced = visitor.upload(b"x", CONTENT_LENGTH="60000000")
    for refused in (over, announced):
        assert refused.status_code == 413
        assert "10 MB" in refused.json()["message"]


@pytest.mark.parametrize("body", [{}, {"file": "text"}])
def test_a_form_without_a_file_is_refused(body: dict[str, str]) -> None:
    visitor = Visitor()
    path = f"/api/v1/conversations/{visitor.id}/attachments"
    assert visitor.client.post(path, body, headers=visitor.headers).status_code == 422
    broken = visitor.client.post(path, b"x", content_type="multipart/form-data", headers=visitor.headers)
    assert broken.status_code == 400


def test_a_message_and_a_conversation_hold_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor()
    files = [visitor.upload(photo(size=(10 + n, 10))).json()["id"] for n in range(6)]
    assert visitor.write("six", *files).status_code == 422
    assert visitor.write("five", *files[:5]).status_code == 202
    monkeypatch.setattr(attachments, "MOST_OF_CONVERSATION", 6)
    assert visitor.upload(photo(size=(99, 10))).status_code == 422


@pytest.mark.parametrize("part", ["", "-files", "-why", "-end"])
def test_the_widget_comes_in_small_parts_that_other_sites_may_load(part: str) -> None:
    answer: Any = Client().get(f"/widget/kulanz-chat{part}.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert len(b"".join(answer.streaming_content)) <= (12_000 if part else 40_000)


def test_what_is_not_sent_is_gone_after_a_day() -> None:
    visitor = Visitor()
    sent, left = (visitor.upload(photo(size=(size, 10))).json()["id"] for size in (10, 20))
    visitor.write("", sent)
    assert attachments.do_forget_unsent(timezone.now()) == 0
    assert attachments.do_forget_unsent(timezone.now() + timedelta(days=1, minutes=1)) == 1
    assert str(Attachment.objects.get().pk) == sent
    assert visitor.write("", left, key="2").status_code == 422
