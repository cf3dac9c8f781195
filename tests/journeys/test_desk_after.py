"""What comes after the conversation, in two browsers: a rating in the chat and by a link, "not solved", and a call at
the time that the customer chose because nobody was there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from kulanz.desk.hours import WEEKDAYS
from tests.journeys.accessible import check
from tests.journeys.browser import Chat, Console, Desk, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
SUPERVISOR = next(who for who in SIGN_INS if who.role == "supervisor")
STATE = """async () => {
    const [key] = Object.keys(localStorage).filter((key) => key.startsWith("kulanz-chat:") && !key.includes("|"));
    const {id, token} = JSON.parse(localStorage.getItem(key));
    const headers = {Authorization: `Bearer ${token}`};
    return (await fetch(`/api/v1/conversations/${id}`, {headers})).json();
}"""


@dataclass
class Scene:
    chat: Chat
    desk: Desk
    product: RunningProduct
    outside: Page
    """Where nobody is signed in."""

    def open_newest(self) -> None:
        self.desk.page.goto(f"/desk/c/{newest_conversation(self.product)}/")


@pytest.fixture
def scene(browser: Browser, product: RunningProduct) -> Iterator[Scene]:
    home, hers = person(browser, product.base, "en")
    office, theirs = person(browser, product.base, "en")
    chat = Chat(home.new_page(), "en").visit().open()
    desk = Desk(office.new_page(), "en").sign_in("en", SUPERVISOR.name)
    desk.work_in("en")
    yield Scene(chat, desk, product, home.new_page())
    desk.work_in("de")
    consoles: tuple[Console, ...] = (hers, theirs)
    heard = [text for console in consoles for text in console.complaints]
    home.close()
    office.close()
    assert heard == [], heard


def test_a_rating_with_one_click_and_not_solved_by_the_link(scene: Scene) -> None:
    chat, desk = scene.chat, scene.desk
    chat.say("I need a person, please")
    expect(chat.dialog.get_by_text(chat.words.waits)).to_be_visible()
    scene.open_newest()
    desk.say("All of it is on its way.")
    expect(chat.entry("All of it is on its way.")).to_be_visible()
    desk.page.get_by_role("button", name=desk.words.resolve, exact=True).first.click()
    rate_in_the_chat(chat)
    not_solved_by_the_link(scene)
    read_by_the_supervisor(scene)


def rate_in_the_chat(chat: Chat) -> None:
    chat.press("Good")
    expect(chat.log.get_by_text("Thank you for your rating.")).to_be_visible()
    expect(chat.dialog.get_by_role("button", name="Good", exact=True)).to_have_attribute("aria-pressed", "true")
    check(chat.page)
    chat.log.get_by_role("textbox").fill("Quick and kind")
    chat.log.get_by_role("button", name="Send").click()
    expect(chat.log.get_by_text("Thank you!")).to_be_visible()


def not_solved_by_the_link(scene: Scene) -> None:
    page, address = scene.outside, urlsplit(scene.chat.page.evaluate(STATE)["resolution"]["rate"]).path
    page.goto(address)
    expect(page.get_by_role("button", name="Good", exact=True)).to_have_attribute("aria-pressed", "true")
    check(page)
    page.get_by_role("button", name="Not good").click()
    expect(page.get_by_text("You said: not good.")).to_be_visible()
    page.get_by_role("textbox").fill("The left one is still missing")
    page.get_by_role("button", name="My matter is not solved").click()
    expect(page.get_by_text("A person from our team looks after your matter.")).to_be_visible()
    expect(scene.chat.dialog.get_by_text(scene.chat.words.waits)).to_be_visible()
    expect(scene.desk.page.locator("#panel").get_by_text("The left one is still missing")).to_be_visible()
    expect(scene.desk.entry("The left one is still missing")).to_have_count(0)  # nobody speaks for them by a link


def read_by_the_supervisor(scene: Scene) -> None:
    page = scene.desk.page
    page.reload()
    expect(page.get_by_text("The customer says that it is not solved.")).to_be_visible()
    page.get_by_role("link", name="Ratings").click()
    expect(page.get_by_text("The left one is still missing")).to_be_visible()
    expect(page.get_by_role("region", name="By who looked after them").get_by_text(SUPERVISOR.name)).to_be_visible()
    check(page)


@pytest.fixture
def closed_until_tomorrow(product: RunningProduct) -> Iterator[None]:
    tomorrow = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=1)
    file = product.data_dir / "hours.yaml"
    week = "\n".join(f'  {day}: ["08:00-18:00"]' for day in [WEEKDAYS[tomorrow.weekday()]])
    file.write_text(f"time_zone: Europe/Berlin\nweek:\n{week}\nexpected_reply_minutes: 10\n", encoding="utf-8")
    yield
    file.unlink()


@pytest.mark.usefixtures("closed_until_tomorrow")
def test_outside_the_hours_a_call_is_promised_and_made(scene: Scene) -> None:
    chat, page = scene.chat, scene.desk.page
    chat.press(chat.words.person)
    expect(chat.dialog.get_by_role("button", name="Answer by e-mail")).to_have_count(0)  # there is no mail server
    chat.press("Call me back")
    expect(chat.entry("On which number can we reach you?")).to_be_visible()
    chat.say("0171 1234567")
    expect(chat.entry("When shall we call you on +491711234567?")).to_be_visible()
    window = chat.dialog.get_by_role("button", name=re.compile("10:00–12:00"))
    window.click()
    expect(chat.entry("Good, a person calls you on +491711234567")).to_be_visible()
    expect(window).to_have_count(0)
    page.goto("/desk/")
    page.get_by_role("link", name="Call-backs").click()
    expect(page.get_by_role("link", name="+491711234567")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Called").first.click()
    expect(page.get_by_text("Nobody waits for a call.")).to_be_visible()
