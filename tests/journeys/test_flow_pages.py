"""A flow in the hands of its architects: tried, changed, checked while one writes, put in force by a second person, met
by a customer, and taken back; in both languages, accessible, with and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import Chat, Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct, until
from tests.journeys.test_pages import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.product]
__all__ = ["browser_of_the_module"]  # the fixture
FIRST, SECOND = (who.name for who in SIGN_INS if who.role == "architect")
SOON = 10.0
"""Seconds: every process follows within two, and asking takes its time."""
FLOW = "/desk/flows/cancel_order/"
ASKS = {"de": "Welche Bestellung möchten Sie stornieren?", "en": "Which order would you like to cancel?"}
NEW = {"de": "Welche unserer Bestellungen soll weg?", "en": "Which of our orders shall go?"}
CANCEL = {"de": "Ich möchte meine Bestellung stornieren", "en": "I want to cancel my order"}
SHOWN = {"de": "vollständig stornieren", "en": "completely"}
YES = {"de": "Ja", "en": "Yes"}


@dataclass
class Rooms:
    language: Language
    first: Page
    second: Page
    office: BrowserContext
    consoles: tuple[Console, ...]


@pytest.fixture(scope="module", params=["de", "en"])
def rooms(request: pytest.FixtureRequest, browser: Browser, session_product: RunningProduct) -> Iterator[Rooms]:
    language: Language = request.param
    contexts = [person(browser, session_product.base, language) for _ in range(2)]
    desks = [
        Desk(context.new_page(), language).sign_in(language, name)
        for (context, _console), name in zip(contexts, (FIRST, SECOND), strict=True)
    ]
    for desk in desks:
        desk.work_in(language)
    yield Rooms(
        language, desks[0].page, desks[1].page, contexts[0][0], tuple(console for _context, console in contexts)
    )
    for desk in desks:
        desk.page.goto("/desk/")
        desk.work_in("de")
    for context, _console in contexts:
        context.close()


@pytest.fixture(autouse=True)
def _nothing_in_the_console(rooms: Rooms) -> Iterator[None]:
    for console in rooms.consoles:
        console.complaints.clear()
    for page in (rooms.first, rooms.second):
        page.set_viewport_size({"width": 1280, "height": 800})
    yield
    assert [text for console in rooms.consoles for text in console.complaints] == []


def test_the_list_and_the_picture_of_a_flow(rooms: Rooms) -> None:
    page = rooms.first
    page.goto("/desk/flows/")
    expect(page.get_by_role("row")).not_to_have_count(1)
    check(page)
    page.locator("tbody a[href$='/cancel_order/']").click()
    picture = page.locator("svg.flow")
    expect(picture).to_contain_text(ASKS[rooms.language].split()[0])
    expect(picture.locator(".writes")).to_have_count(1)
    check(page)


def test_mistakes_are_told_while_one_writes(rooms: Rooms) -> None:
    page = rooms.first
    page.goto(f"{FLOW}edit/")
    text, checked = page.locator("#text"), page.locator("#checked")
    expect(checked.locator("svg")).to_be_visible()
    text.fill(text.input_value().replace("call: get_order", "call: get_ordr"))
    expect(checked.locator(".error")).to_have_count(1)
    check(page)
    text.focus()
    tab_to(page, checked.locator("[data-line]"))
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    chosen = text.evaluate("(field) => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert chosen.strip() == "- call: get_ordr"
    page.goto("/desk/flows/")  # nothing was saved
    expect(page.locator("tr", has=page.locator("a[href$='/cancel_order/']")).locator(".chip")).to_have_count(1)


def test_a_trial_writes_nothing(rooms: Rooms) -> None:
    page, language = rooms.first, rooms.language
    before = page.request.get("/desk/flows/").text().count("<td>0</td>")
    page.goto(f"{FLOW}try/")
    page.locator("#email").fill("clara.probe@example.com")
    page.locator("#language").select_option(language)
    page.locator("button[value=begin]").click()
    log = page.get_by_role("log")
    _say(page, CANCEL[language])
    expect(log).to_contain_text(ASKS[language])
    _say(page, "ML-11041")
    expect(log.locator(".note")).to_have_count(1)
    expect(log).to_contain_text(SHOWN[language])
    check(page)
    page.locator("#outcome").select_option("unknown")
    _say(page, YES[language])
    expect(log.locator(".note").last).to_be_visible()
    expect(log).to_contain_text("cancel_order (number: ML-11041")
    assert page.request.get("/desk/flows/").text().count("<td>0</td>") == before
    _say(page, CANCEL[language])  # the order stands as it stood
    _say(page, "ML-11041")
    expect(log.locator(".assistant").last).to_contain_text(SHOWN[language])


def _say(page: Page, text: str) -> None:
    page.locator("#words").fill(text)
    with page.expect_navigation():
        page.locator("#words").press("Enter")


def test_from_one_architect_over_the_other_to_a_customer_and_back(rooms: Rooms, browser: Browser) -> None:
    first, second, language = rooms.first, rooms.second, rooms.language
    first.goto(f"{FLOW}edit/")
    text = first.locator("#text")
    text.fill(text.input_value().replace(ASKS[language], NEW[language]))
    first.locator("#note").fill("1, 2, 3.")
    first.locator("button[value=propose]").click()
    expect(first.locator(".difference ins").first).to_be_visible()
    expect(first.locator("button[value=publish]")).to_have_count(0)
    check(first)
    second.goto("/desk/")
    expect(second.locator("a[href='/desk/flows/'] .count.hot")).to_be_visible()
    second.goto(FLOW)
    expect(second.get_by_text("1, 2, 3.")).to_be_visible()
    check(second)
    second.locator("button[value=publish]").click()
    expect(second.locator("svg.flow")).to_contain_text(NEW[language].split()[-1])
    second.goto(f"{FLOW}history/?from=0")
    check(second)
    until("customers get it", lambda: _asked(browser, second, language) == NEW[language], SOON)
    second.locator("form[action$='/roll-back/0/'] button").click()
    expect(second.get_by_role("status").first).to_be_visible()
    until("customers get the file", lambda: _asked(browser, second, language) == ASKS[language], SOON)
    check(second)


def _asked(browser: Browser, page: Page, language: Language) -> str:
    """What the assistant asks a customer who wants to cancel an order."""
    base = re.sub(r"(https?://[^/]+).*", r"\1", page.url)
    context, console = person(browser, base, language)
    chat = Chat(context.new_page(), language).visit().open()
    chat.say(CANCEL[language])
    answer = chat.answer(re.compile("|".join(map(re.escape, (ASKS[language], NEW[language]))))).inner_text()
    context.close()
    assert console.complaints == []
    return next(question for question in (ASKS[language], NEW[language]) if question in answer)


def test_the_check_works_without_script(rooms: Rooms, browser: Browser, session_product: RunningProduct) -> None:
    context = browser.new_context(
        base_url=session_product.base, java_script_enabled=False, storage_state=rooms.office.storage_state()
    )
    page = context.new_page()
    page.goto(f"{FLOW}edit/")
    text = page.locator("#text")
    text.fill(text.input_value().replace("call: get_order", "call: get_ordr"))
    page.locator("button[value=check]").click()
    link = page.locator(".mistakes .error a")
    line = link.get_attribute("data-line")
    link.click()
    expect(page.locator(f"li#L{line}")).to_have_text(re.compile("call: get_ordr"))
    expect(page.locator("#text")).to_have_value(re.compile("get_ordr"))
    context.close()
