"""A photo on its way from the customer's phone to the agent's desk, and one back, in two browsers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.journeys.accessible import WIDTHS, check, check_look
from tests.journeys.browser import AGENTS, Chat, Console, Desk, browser_of_the_module, person
from tests.journeys.customers import Visitor
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
NOISE = ("status of 422", "(blob:")
"""What Chromium itself writes into the console: that a file was refused, and that the shop's policy keeps it from
styling a picture that is opened alone."""
DROP = """(node, bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "gezogen.png", {type: "image/png"}));
    for (const type of ["dragover", "drop"])
        node.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""
COLOUR = """async (canvas) => {
    const probe = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    for (;;) {
        probe.drawImage(canvas, 0, 0);
        const [red, , , drawn] = probe.getImageData(5, 5, 1, 1).data;
        if (drawn) return red;
        await new Promise(requestAnimationFrame);
    }
}"""


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 600)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(out, kind)
    return out.getvalue()


def payload(name: str, data: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


@dataclass
class Scene:
    chat: Chat
    desk: Desk
    consoles: tuple[Console, ...]

    @property
    def tray(self) -> Locator:
        return self.chat.dialog.get_by_role("group", name="Dateien für Ihre Nachricht")

    def add(self, *files: FilePayload, to: Chat | None = None) -> None:
        """With the paper clip, as the keyboard presses it."""
        chat = to or self.chat
        clip = chat.dialog.get_by_role("button", name="Datei anfügen")
        with chat.page.expect_file_chooser() as chosen:
            clip.press("Enter")
        chosen.value.set_files(list(files))

    def expect_uploaded(self, count: int, by: Chat | None = None) -> None:
        tray = (by or self.chat).dialog.get_by_role("group", name="Dateien für Ihre Nachricht")
        expect(tray.get_by_role("listitem")).to_have_count(count)
        expect(tray.get_by_role("progressbar")).to_have_count(0)


@pytest.fixture
def scene(browser: Browser, product: RunningProduct) -> Iterator[Scene]:
    home, hers = person(browser, product.base, "de")
    office, theirs = person(browser, product.base, "de")
    chat = Chat(home.new_page(), "de", "anna").visit().open()
    desk = Desk(office.new_page(), "de").sign_in("de", AGENTS["de"])
    yield Scene(chat, desk, (hers, theirs))
    heard = [text for console in (hers, theirs) for text in console.complaints]
    complaints = [text for text in heard if not any(noise in text for noise in NOISE)]
    home.close()
    office.close()
    assert complaints == [], complaints


def test_a_photo_from_the_customer_to_the_agent_and_one_back(scene: Scene, product: RunningProduct) -> None:
    begins_with_a_photo(scene)
    comes_to_the_question(scene)
    is_refused(scene)
    adds_and_removes(scene)
    sends_the_photo(scene)
    reaches_a_person(scene, product)
    the_agent_sends_one_back(scene)


def test_fifty_megabytes_are_refused_and_kept_nowhere(product: RunningProduct) -> None:
    """By what the form says of itself; and what is a little too large, when it turns out to be."""
    with Visitor(product, "anna.beispiel@example.com") as visitor:
        before = _memory(product)
        assert before
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
        parts = [head, *[b"0" * 1_000_000] * 50, b"\r\n--x--\r\n"]
        kind = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(sum(map(len, parts)))}
        refused = visitor.client.post(f"{visitor.path}/attachments", content=iter(parts), headers=kind)
        assert (refused.status_code, refused.json()["error"]) == (413, "too_large")
        eleven = visitor.client.post(f"{visitor.path}/attachments", files={"file": ("a.pdf", b"%PDF-" * 2_010_000)})
        assert eleven.status_code == 413
        assert _memory(product) - before < 25_000_000
        assert visitor.state()["status"] == "assistant"


def _memory(product: RunningProduct) -> int:
    """Bytes that the product's web process holds."""
    return sum(int(process.memory_info().rss) for process in product.children("web"))


def begins_with_a_photo(scene: Scene) -> None:
    """The very first thing that somebody does: the conversation begins with it, and the assistant asks what it is."""
    guest = Chat(scene.chat.page.context.new_page(), "de", "guest").visit().open()
    scene.add(payload("IMG_0.jpg", picture()), to=guest)
    scene.expect_uploaded(1, guest)
    guest.press(guest.words.send)
    expect(guest.log.get_by_role("link", name="Foto IMG_0.jpg")).to_have_count(1)
    expect(guest.by_assistant()).to_have_count(1)
    guest.page.close()


def comes_to_the_question(scene: Scene) -> None:
    chat = scene.chat
    chat.say("Die Pfanne aus ML-10111 kam kaputt an.")
    chat.answer("Welchen Artikel")
    chat.press("Pfanne Tessa, 28 cm")
    chat.answer("Was ist mit Pfanne")
    chat.press("Beschädigt oder kaputt")
    chat.answer("Können Sie ein Foto davon schicken?")
    expect(chat.dialog.get_by_role("button", name="Kein Foto")).to_be_visible()


def is_refused(scene: Scene) -> None:
    """A program that calls itself a PDF, and a file that nobody should upload."""
    told = scene.chat.dialog.get_by_role("status")
    scene.add(payload("Rechnung.pdf", b"MZ\x90\x00" + b"\0" * 500, "application/pdf"))
    expect(told.filter(has_text="Rechnung.pdf: Nur PDF-Dateien")).to_be_visible()
    scene.add(payload("riesig.pdf", b"%PDF-" + b"0" * 10_000_001, "application/pdf"))
    expect(told.filter(has_text="riesig.pdf: Die Datei ist zu groß: höchstens 10 MB")).to_be_visible()
    expect(scene.tray).to_be_hidden()


def adds_and_removes(scene: Scene) -> None:
    """With the clip, and by dragging; what is not meant is taken out again."""
    scene.add(payload("falsch.jpg", picture()))
    scene.chat.dialog.evaluate(DROP, list(picture("PNG", (40, 30))))
    scene.expect_uploaded(2)
    for width in WIDTHS:
        scene.chat.page.set_viewport_size({"width": width, "height": 800})
        check_look(scene.chat.page, width)
    scene.chat.page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    for name in ("falsch.jpg", "gezogen.png"):
        scene.tray.get_by_role("button", name=f"{name} entfernen").press("Enter")
    expect(scene.tray).to_be_hidden()
    expect(scene.chat.field).to_be_focused()


def sends_the_photo(scene: Scene) -> None:
    """Without a word; the flow goes on, and the chat shows what was sent, after a reload too."""
    chat = scene.chat
    scene.add(payload("IMG_1.jpg", picture()))
    scene.expect_uploaded(1)
    chat.field.press("Enter")
    chat.answer("Was ist Ihnen lieber: kostenloser Ersatz oder Geld zurück?")
    expect(scene.tray).to_be_hidden()
    chat.page.reload()
    chat.open()
    photo = chat.log.get_by_role("link", name="Foto IMG_1.jpg")
    assert photo.locator("canvas").evaluate(COLOUR) > 150
    with chat.page.context.expect_page() as opened:
        photo.click()
    sees_it_large(opened.value)


def sees_it_large(page: Page) -> None:
    shown = page.locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("async (img) => (await img.decode(), img.naturalWidth)") == 900
    page.close()


def reaches_a_person(scene: Scene, product: RunningProduct) -> None:
    scene.chat.press(scene.chat.words.person)
    page = scene.desk.page
    page.goto(f"/desk/c/{newest_conversation(product)}/")
    photo = scene.desk.messages.get_by_role("link", name="IMG_1.jpg")
    assert photo.locator("img").evaluate("async (img) => (await img.decode(), img.naturalWidth)") == 900
    expect(scene.desk.summary).to_contain_text("IMG_1.jpg")
    with page.context.expect_page() as opened:
        photo.click()
    sees_it_large(opened.value)


def the_agent_sends_one_back(scene: Scene) -> None:
    desk, chat = scene.desk, scene.chat
    desk.page.locator("#files").set_input_files(
        [payload("Anleitung.pdf", b"%PDF-1.7\n%%EOF", "application/pdf"), payload("So.jpg", picture())]
    )
    desk.say("So sieht es richtig aus.")
    sent = chat.entry("So sieht es richtig aus.", AGENTS["de"])
    assert sent.get_by_role("link", name="Foto So.jpg").locator("canvas").evaluate(COLOUR) > 150
    with chat.page.expect_download() as loaded:
        sent.get_by_role("button", name="Anleitung.pdf").click()
    assert loaded.value.suggested_filename == "Anleitung.pdf"
    expect(desk.entry("So sieht es richtig aus.").get_by_role("link", name="Anleitung.pdf")).to_be_visible()
    expect(desk.page.locator("#files")).to_have_value("")
    check(desk.page)
    chat.field.focus()
    check_look(chat.page, WIDTHS[0])
