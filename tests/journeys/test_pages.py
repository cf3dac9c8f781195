"""Every page in both languages, light and dark, wide and narrow: accessible, quiet, nothing sticks out; and all of it
can be done from the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kulanz.demo.sign_ins import PASSWORD, SIGN_INS
from tests.journeys.accessible import WIDTHS, check, check_look
from tests.journeys.browser import Chat, Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
MAX_TABS = 80
VISITS: dict[Language, tuple[str, str, str]] = {
    "de": (
        "anna",
        "Wie lange kann ich etwas zurückgeben?",
        "Bitte stornieren Sie meine Bestellung ML-10234.",
    ),
    "en": ("ben", "How long can I return something?", "Please cancel my order ML-10240."),
}
ADMINISTRATOR = next(who for who in SIGN_INS if who.role == "administrator")
SUPERVISOR = next(who for who in SIGN_INS if who.role == "supervisor")

HAS_FOCUS = "(node) => node.getRootNode().activeElement === node"


@dataclass
class Rooms:
    """A customer's and an administrator's page, with a conversation that both know."""

    language: Language
    shop: Page
    chat: Chat
    desk: Desk
    conversation: str
    article: str
    consoles: tuple[Console, ...]


@pytest.fixture(scope="module", params=["de", "en"])
def rooms(request: pytest.FixtureRequest, browser: Browser, session_product: RunningProduct) -> Iterator[Rooms]:
    language: Language = request.param
    visitor, *questions = VISITS[language]
    home, customers_console = person(browser, session_product.base, language)
    office, agents_console = person(browser, session_product.base, language)
    chat = Chat(home.new_page(), language, visitor).visit().open()
    for number, question in enumerate(questions, start=1):
        chat.say(question)
        expect(chat.by_assistant()).to_have_count(number)
    article = str(chat.log.get_by_role("link").first.get_attribute("href"))
    chat.press(chat.words.person)
    desk = Desk(office.new_page(), language).sign_in(language, ADMINISTRATOR.name)
    desk.work_in(language)
    desk.page.goto(f"/desk/c/{newest_conversation(session_product)}/")
    yield Rooms(language, home.new_page(), chat, desk, desk.page.url, article, (customers_console, agents_console))
    desk.work_in("de")
    home.close()
    office.close()


@pytest.fixture(autouse=True)
def _nothing_in_the_console(rooms: Rooms) -> Iterator[None]:
    for console in rooms.consoles:
        console.complaints.clear()
    yield
    assert [text for console in rooms.consoles for text in console.complaints] == []


def test_the_shop(rooms: Rooms) -> None:
    rooms.shop.goto(rooms.chat.address)
    expect(rooms.shop.get_by_role("button", name=rooms.chat.words.open_chat)).to_be_visible()
    check(rooms.shop)


def test_the_open_chat(rooms: Rooms) -> None:
    """With an answer, its reasons, a question with choices, and the notice of the handover."""
    chat = rooms.chat
    first = chat.by_assistant().first
    if first.get_attribute("aria-expanded") == "false":
        first.click()
    expect(chat.log.get_by_role("heading").first).to_be_visible()
    for width in WIDTHS:
        chat.page.set_viewport_size({"width": width, "height": 800})
        chat.field.press("Escape")
        chat.open()  # anew: on a narrow screen it opens as a modal dialogue
        check_look(chat.page, width)


def test_the_help_article(rooms: Rooms) -> None:
    rooms.shop.goto(rooms.article)
    expect(rooms.shop.get_by_role("article")).to_be_visible()
    check(rooms.shop)


def test_the_sign_in(rooms: Rooms) -> None:
    rooms.shop.goto(f"/desk/sign-in/?language={rooms.language}")
    expect(rooms.shop.locator("html")).to_have_attribute("lang", rooms.language)
    check(rooms.shop)


def test_the_queue(rooms: Rooms) -> None:
    rooms.desk.page.goto("/desk/")
    expect(rooms.desk.live).to_be_visible()
    check(rooms.desk.page)


def test_a_conversation_at_the_desk(rooms: Rooms) -> None:
    rooms.desk.page.goto(rooms.conversation)
    expect(rooms.desk.live).to_be_visible()
    expect(rooms.desk.summary).to_contain_text(VISITS[rooms.language][1])
    check(rooms.desk.page)


def test_the_api_keys(rooms: Rooms) -> None:
    """With a key that has just been made, so that its secret is shown."""
    page = rooms.desk.page
    page.goto("/desk/api-keys/")
    page.get_by_role("textbox", name="Name").fill(f"Shop ({rooms.language})")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("main").get_by_role("button").last.scroll_into_view_if_needed()
    page.get_by_role("textbox", name="Name").press("Enter")
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text(f"Shop ({rooms.language})")
    check(page)


def tab_to(page: Page, goal: Locator) -> int:
    """Presses Tab until the goal has the focus; returns how often."""
    for presses in range(1, MAX_TABS + 1):
        page.keyboard.press("Tab")
        if goal.evaluate(HAS_FOCUS):
            return presses
    pytest.fail(f"not reached with {MAX_TABS} times Tab: {goal}")


def test_the_chat_from_the_keyboard(rooms: Rooms) -> None:
    page = rooms.shop
    page.set_viewport_size({"width": 1280, "height": 800})
    chat = Chat(page, rooms.language, "guest").visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link").first).to_be_focused()  # past the head of the page with one key
    tab_to(page, chat.launcher)
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("2")
    expect(chat.field).to_have_value("1\n2")
    expect(chat.log.get_by_role("time")).to_have_count(0)
    page.keyboard.press("Control+A")
    page.keyboard.type(VISITS[rooms.language][1])
    page.keyboard.press("Enter")
    expect(chat.field).to_have_value("")
    expect(chat.by_assistant()).to_have_count(1)
    for name in (chat.words.send, chat.words.person):
        tab_to(page, chat.dialog.get_by_role("button", name=name))
    page.keyboard.press("Escape")
    expect(chat.dialog).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_on_a_phone_the_focus_stays_in_the_chat(rooms: Rooms) -> None:
    page = rooms.shop
    page.set_viewport_size({"width": 360, "height": 800})
    chat = Chat(page, rooms.language, "guest").visit()
    chat.launcher.press("Enter")
    expect(chat.field).to_be_focused()
    tab_to(page, chat.dialog.get_by_role("button", name=chat.words.close_chat))
    assert tab_to(page, chat.field) < 20
    page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_the_desk_from_the_keyboard(rooms: Rooms, browser: Browser, session_product: RunningProduct) -> None:
    """From the sign-in to a reply, without a mouse."""
    context, console = person(browser, session_product.base, rooms.language)
    page = context.new_page()
    page.goto(f"/desk/sign-in/?language={rooms.language}")
    login, password = page.locator("#login"), page.locator("#password")
    tab_to(page, login)
    page.keyboard.type(SUPERVISOR.email)
    tab_to(page, password)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link").first).to_be_focused()
    tab_to(page, page.get_by_role("searchbox"))
    tab_to(page, page.get_by_role("main").get_by_role("listitem").locator("a[id]").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/c/**")
    tab_to(page, page.get_by_role("region").first)
    tab_to(page, page.get_by_role("main").get_by_role("textbox"))
    page.keyboard.type("Draft")
    tab_to(page, page.get_by_role("main").get_by_role("button").last)
    expect(page.get_by_role("main").get_by_role("textbox")).to_have_value(re.compile("Draft"))
    context.close()
    assert console.complaints == []
