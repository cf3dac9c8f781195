"""A conversation between two colleagues' desks and a customer: notes, undo, ready texts, passing on, reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import AGENTS, Chat, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
SUPERVISOR = next(who for who in SIGN_INS if who.role == "supervisor")
REFUSED = "status of 422"


@dataclass
class Scene:
    chat: Chat
    boss: Desk
    mia: Desk

    def write(self, text: str) -> None:
        """Into the supervisor's box, from the keyboard."""
        self.boss.page.locator("#text").press_sequentially(text)


@pytest.fixture
def scene(browser: Browser, product: RunningProduct) -> Iterator[Scene]:
    languages: tuple[Language, ...] = ("en", "en", "de", "de")
    contexts = [person(browser, product.base, language) for language in languages]
    before, home, office, other = (context.new_page() for context, _ in contexts)
    earlier = Chat(before, "en", "ben").visit().open()
    earlier.say("How long can I return something?")
    expect(earlier.by_assistant()).to_have_count(1)
    chat = Chat(home, "en", "ben").visit().open()
    chat.say("My order ML-10240 is late, I want to speak to a person.")
    chat.entry("handed you over").wait_for()
    boss = Desk(office, "en").sign_in("de", SUPERVISOR.name)
    boss.work_in("en")
    mia = Desk(other, "de").sign_in("de", AGENTS["de"])
    office.goto(f"/desk/c/{newest_conversation(product)}/")
    expect(boss.live).to_be_visible()
    office.keyboard.press("a")  # from whomever it has been given to meanwhile
    expect(office.locator('[data-act="give-back"]')).to_be_visible()
    yield Scene(chat, boss, mia)
    boss.work_in("de")
    complaints = [text for _, console in contexts for text in console.besides(REFUSED)]
    for context, _ in contexts:
        context.close()
    assert complaints == []


def test_a_conversation_between_colleagues(scene: Scene) -> None:
    takes_a_reply_back(scene)
    uses_a_ready_text(scene)
    leaves_a_note(scene)
    passes_it_on(scene)
    resolves_with_a_reason(scene)


def takes_a_reply_back(scene: Scene) -> None:
    """The text is in the box again, and after a reload too; the customer never reads it."""
    page, box = scene.boss.page, scene.boss.field
    page.keyboard.press("r")
    scene.write("Wrong words")
    box.press("Control+Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(box).to_have_value("")
    box.press("Control+z")
    expect(box).to_have_value("Wrong words")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.reload()
    expect(box).to_have_value("Wrong words")
    box.fill("")
    expect(scene.chat.entry("Wrong words")).to_have_count(0)


def uses_a_ready_text(scene: Scene) -> None:
    """Chosen with the keyboard, its gap filled; the next reply sends it at once."""
    page, box = scene.boss.page, scene.boss.field
    scene.write("/status")
    expect(page.locator("#picker").get_by_role("option")).to_have_count(1)
    check(page)
    box.press("Enter")
    expect(box).to_have_value(
        "Your order ML-10240 is on its way. You will get an e-mail as soon as it has been delivered."
    )
    box.fill("About ⟦order number⟧.")
    box.press("Control+Enter")
    expect(page.locator("#reply-error")).to_contain_text("Please fill in the gap first: order number.")
    scene.write("ML-1")  # the gap is selected
    expect(box).to_have_value("About ML-1.")
    box.press("Control+Enter")
    expect(page.get_by_role("button", name="Send now")).to_be_visible()
    box.fill("And good news.")
    scene.boss.page.get_by_role("button", name="Send", exact=True).click()
    expect(scene.chat.entry("About ML-1.")).to_be_visible()
    scene.boss.send_now()
    expect(scene.chat.entry("And good news.")).to_be_visible()


def leaves_a_note(scene: Scene) -> None:
    """Only colleagues read it; who is named finds it at the top, at once."""
    page = scene.boss.page
    scene.boss.field.press("Control+.")
    note = page.get_by_role("textbox", name="Your note")
    scene.write("Please call the carrier, @mi")
    expect(page.locator("#picker").get_by_role("option", name="Mia Becker")).to_be_visible()
    note.press("Tab")
    expect(note).to_have_value("Please call the carrier, @Mia Becker ")
    page.reload()
    page.keyboard.press("n")
    expect(note).to_have_value("Please call the carrier, @Mia Becker ")
    note.press("Control+Enter")
    expect(scene.boss.entry("Please call the carrier")).to_be_visible()
    expect(scene.chat.entry("carrier")).to_have_count(0)
    badge = scene.mia.page.locator("#mentions a")
    expect(badge).to_contain_text("1")
    badge.click()
    check(scene.mia.page)
    scene.mia.page.get_by_role("main").get_by_role("link").first.click()
    expect(scene.mia.entry("Please call the carrier")).to_be_visible()
    expect(badge).to_have_count(0)
    expect(scene.mia.page.locator("button.primary", has_text="Send")).to_have_count(0)


def passes_it_on(scene: Scene) -> None:
    page = scene.boss.page
    scene.boss.field.or_(page.locator("#text")).first.press("Escape")
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog", name="Pass on")
    dialog.get_by_role("combobox").select_option(label="Mia Becker · Serviceteam")
    dialog.get_by_role("textbox").fill("You know the carrier.")
    check(page)
    dialog.get_by_role("button", name="Pass on").click()
    expect(dialog).to_be_hidden()
    expect(scene.boss.entry("You know the carrier.")).to_be_visible()
    expect(scene.chat.entry("Mia Becker is now looking after you.")).to_be_visible()
    expect(scene.mia.entry("You know the carrier.")).to_be_visible()
    expect(page.get_by_text("Mia Becker is looking after this conversation.")).to_be_visible()


def resolves_with_a_reason(scene: Scene) -> None:
    page = scene.mia.page
    page.locator("#why").select_option("informed")
    page.locator('[data-act="resolve"] button').click()
    expect(page.locator(".who-what")).to_contain_text(re.compile("Auskunft gegeben|Information given"))
    page.locator("#earlier > summary").click()
    first = page.locator(".earlier-one").first
    first.locator("summary").click()
    expect(first.get_by_role("listitem").first).to_be_visible()
    check(page)
    page.locator('[data-act="accept"] button').click()
    expect(page.locator('[data-act="resolve"]')).to_be_visible()
