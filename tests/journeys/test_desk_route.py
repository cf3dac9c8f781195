"""Automatic distribution in three real browsers: a supervisor sets it up, a customer is given to an agent who is there,
and comes back to the queue when the agent leaves the company."""

from __future__ import annotations

from calendar import day_name
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import Chat, Console, Desk, browser_of_the_module, person
from tests.journeys.product import RunningProduct

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
SUPERVISOR = next(who for who in SIGN_INS if who.role == "supervisor")
ADA, TEAM = "ada.quick@example.org", "Quick help"
SENSITIVE = "My husband has died. What happens to his account?"
NOBODYS = "qaa"  # a language that no customer writes


@dataclass
class Office:
    boss: Page
    ada: Page
    chat: Chat
    consoles: tuple[Console, ...]


@pytest.fixture
def office(browser: Browser, product: RunningProduct) -> Iterator[Office]:
    people = [person(browser, product.base, "en") for _ in range(3)]
    (his, _), (hers, _), (home, _) = people
    supervisor = Desk(his.new_page(), "en").sign_in("en", SUPERVISOR.name)
    supervisor.work_in("en")
    chat = Chat(home.new_page(), "en", "ben").visit().open()
    yield Office(supervisor.page, hers.new_page(), chat, tuple(console for _, console in people))
    _stop(supervisor.page)
    supervisor.work_in("de")
    for context, _ in people:
        context.close()


def test_a_customer_finds_an_agent_who_is_there_and_is_not_lost_when_they_leave(office: Office) -> None:
    makes_a_team(office)
    secret = names_an_agent(office)
    the_agent_is_there(office, secret)
    the_customer_is_given_to_her(office)
    she_is_busy(office)
    she_leaves_and_nobody_is_lost(office)
    every_page_in_german(office)
    for console in office.consoles:
        assert console.besides("status of 422") == []  # the hours that are none


def makes_a_team(office: Office) -> None:
    boss = office.boss
    boss.goto("/desk/settings/teams/")
    boss.get_by_role("link", name="New team").click()
    boss.get_by_label("Name", exact=True).fill(TEAM)
    boss.get_by_label("Automatic distribution").check()
    boss.get_by_label("Sensitive matter").check()
    boss.get_by_label("Monday").fill("never")
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_role("alert")).to_contain_text("“never” are no hours")
    check(boss)
    for day in day_name:  # else it would be closed with the service, after six for example
        boss.get_by_label(day).fill("00:00-24:00")
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_role("row", name=TEAM)).to_contain_text("automatic")


def names_an_agent(office: Office) -> str:
    boss = office.boss
    boss.goto("/desk/settings/agents/new/")
    boss.get_by_label("Name", exact=True).fill("Ada Quick")
    boss.get_by_label("E-mail").fill(ADA)
    boss.get_by_label("Team", exact=True).select_option(TEAM)
    boss.get_by_role("button", name="Save").click()
    secret = boss.get_by_role("textbox", name="Password").input_value()
    check(boss)
    return secret


def the_agent_is_there(office: Office, secret: str) -> None:
    ada = office.ada
    ada.goto("/desk/sign-in/?language=en")
    ada.get_by_label("E-mail").fill(ADA)
    ada.get_by_label("Password").fill(secret)
    with ada.expect_response("**/desk/presence/here/"):
        ada.keyboard.press("Enter")
    expect(ada.locator("#presence summary")).to_contain_text("Available")


def the_customer_is_given_to_her(office: Office) -> None:
    office.chat.say(SENSITIVE)
    expect(office.ada.get_by_role("link", name="New for you")).to_be_visible()
    expect(office.chat.entry("Ada Quick is now looking after you.")).to_be_visible()
    office.ada.get_by_role("link", name="New for you").click()
    office.ada.wait_for_url("**/desk/c/**")


def she_is_busy(office: Office) -> None:
    """With the keyboard alone."""
    ada = office.ada
    ada.locator("#presence summary").focus()
    ada.keyboard.press("Enter")
    check(ada)
    ada.keyboard.press("Tab")
    with ada.expect_navigation():
        ada.keyboard.press("Enter")
    expect(ada.locator("#presence summary")).to_contain_text("Busy")
    office.boss.goto("/desk/settings/agents/")
    expect(office.boss.get_by_role("row", name="Ada Quick")).to_contain_text("Busy")


def she_leaves_and_nobody_is_lost(office: Office) -> None:
    boss = office.boss
    boss.once("dialog", lambda dialog: dialog.accept())
    boss.get_by_role("link", name="Ada Quick").click()
    boss.get_by_role("button", name="Deactivate").click()
    expect(boss.get_by_text("1 conversation is back in the queue")).to_be_visible()
    expect(office.chat.entry("You keep your place in the queue.")).to_be_visible()
    alarm = boss.get_by_role("link", name="Nobody can take")
    for _ in range(20):
        boss.goto("/desk/settings/order/")
        if alarm.count():
            break
    expect(boss.get_by_role("region", name="Nobody can take these")).to_contain_text("The team has no agents.")
    check(boss)


def every_page_in_german(office: Office) -> None:
    boss = office.boss
    Desk(boss, "de").work_in("de")
    for path in ("teams/1", "agents", "order"):
        boss.goto(f"/desk/settings/{path}/")
        check(boss)
    Desk(boss, "en").work_in("en")


def _stop(boss: Page) -> None:
    """What this test has made stays in the product, but does nothing any more."""
    boss.goto("/desk/settings/teams/")
    link = boss.get_by_role("link", name=TEAM)
    if link.count():
        link.click()
        boss.locator("#id_distribution").uncheck()
        boss.locator("#id_languages").fill(NOBODYS)
        boss.locator("form.settings-form button.primary").click()
