"""A reading is corrected at the desk, reviewed from the keyboard, trained, put in force and taken back; and every page
of the curators is accessible in both languages, light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import Chat, Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
ADMINISTRATOR = next(who for who in SIGN_INS if who.role == "administrator")
TRAINING = 90_000  # milliseconds, where other work shares the machine


class Words(NamedTuple):
    visitor: str
    message: str
    correct: str
    about: str
    intent: str
    button: str
    thanks: str
    train: str
    done: str
    activate: str
    in_force: str
    roll_back: str


WORDS: dict[Language, Words] = {
    "de": Words(
        "anna", "Mein Kaffeedings soll erst mal schlafen, bestellt unter ML-10234",
        "Deutung berichtigen", "Es ging um", "subscription_pause", "Berichtigen", "Die Kuratoren sehen es sich an",
        "Trainieren",
        "Das letzte Training ist fertig", "In Kraft setzen", "ist jetzt in Kraft", "Zu diesem Modell zurück",
    ),
    "en": Words(
        "ben", "I drink tea until spring, it was ML-10240", "Correct the reading",
        "This was about", "subscription_pause", "Correct", "The curators will look at it", "Train",
        "The last training is done", "Put in force", "is in force now", "Roll back to this model",
    ),
}  # fmt: skip


@dataclass
class Office:
    language: Language
    words: Words
    chat: Chat
    page: Page
    conversation: str
    console: Console


@pytest.fixture(scope="module", params=["de", "en"])
def office(request: pytest.FixtureRequest, browser: Browser, session_product: RunningProduct) -> Iterator[Office]:
    """The administrator's browser, and a conversation with a message that needs correcting."""
    language: Language = request.param
    words = WORDS[language]
    home, _ = person(browser, session_product.base, language)
    context, console = person(browser, session_product.base, language)
    chat = Chat(home.new_page(), language, words.visitor).visit().open()
    chat.say(words.message)
    expect(chat.log.get_by_text(words.message)).to_be_visible()
    chat.press(chat.words.person)
    desk = Desk(context.new_page(), language).sign_in(language, ADMINISTRATOR.name)
    desk.work_in(language)
    desk.page.goto(f"/desk/c/{newest_conversation(session_product)}/")
    yield Office(language, words, chat, desk.page, desk.page.url, console)
    desk.page.goto("/desk/")
    desk.work_in("de")
    home.close()
    context.close()


@pytest.fixture(autouse=True)
def _nothing_in_the_console(office: Office) -> Iterator[None]:
    office.console.complaints.clear()
    office.page.set_viewport_size({"width": 1280, "height": 800})
    yield
    assert office.console.complaints == []


def test_the_words_behind_a_reading_light_up(office: Office) -> None:
    page = office.page
    page.goto(office.conversation)
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()  # what had changed has been shown by now
    line = page.locator("#panel [data-lights^='entity:']").first
    line.get_by_role("link").focus()
    expect(page.locator("mark.lit").first).to_have_text(re.compile("^ML"))
    page.get_by_role("textbox").last.focus()
    expect(page.locator("mark.lit")).to_have_count(0)
    line.hover()
    expect(page.locator("mark.lit")).not_to_have_count(0)
    check(page)


def test_the_light_stays_when_the_customer_writes_again(office: Office) -> None:
    """The panel and the messages are replaced while somebody reads: the focus and the light stay where they were."""
    page, chat = office.page, office.chat
    page.goto(office.conversation)
    link = page.locator("#panel [data-lights^='entity:']").first.get_by_role("link")
    link.focus()
    expect(page.locator("mark.lit")).to_have_count(1)
    by_customer = page.locator("#messages .message.customer")
    before = by_customer.count()
    chat.say(office.words.message)  # the same words: the same line, now about another message
    expect(by_customer).to_have_count(before + 1)
    expect(by_customer.last.locator("mark.lit")).to_have_text(re.compile("^ML"))
    expect(link).to_be_focused()


def test_from_a_correction_to_a_new_model_and_back(office: Office) -> None:
    page, words = office.page, office.words
    page.goto(office.conversation)
    page.get_by_text(words.correct, exact=True).click()
    page.get_by_label(words.about).select_option(words.intent)
    check(page)
    page.get_by_role("button", name=words.button, exact=True).click()
    expect(page.get_by_role("status").filter(has_text=words.thanks)).to_be_visible()

    page.goto("/desk/curator/review/")
    group = page.locator("form.group").filter(has_text=re.compile("ML-00000"))
    expect(group).to_be_visible()
    group.locator("details.effect summary").click()
    expect(group.locator("details.effect p").last).to_be_visible()
    check(page)
    page.get_by_role("heading", level=1).click()
    for _ in range(page.locator("form.group").count()):
        page.keyboard.press("j")
        if group.evaluate("(node) => node === document.activeElement"):
            break
    page.keyboard.press("a")
    expect(group).to_have_count(0)

    page.goto("/desk/curator/")
    page.get_by_role("button", name=words.train, exact=True).click()
    expect(page.get_by_text(words.done)).to_be_visible(timeout=TRAINING)
    check(page)
    page.goto("/desk/curator/models/")
    check(page)
    page.get_by_role("button", name=words.activate).first.click()
    expect(page.get_by_role("status").filter(has_text=words.in_force)).to_be_visible()
    page.get_by_role("button", name=words.roll_back).first.click()
    expect(page.get_by_role("status").filter(has_text=words.in_force)).to_be_visible()


@pytest.mark.parametrize(
    "path", ["", "review/", "rejected/", "cases/?text=Hallo", "changes/", "intent/?name=order_status"]
)
def test_the_curators_pages(office: Office, path: str) -> None:
    office.page.goto(f"/desk/curator/{path}")
    expect(office.page.get_by_role("heading", level=1)).to_be_visible()
    for details in office.page.locator("details:not([open]):visible > summary").all():
        details.click()
    check(office.page)
