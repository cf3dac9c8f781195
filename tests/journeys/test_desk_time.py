"""The supervisors' board in a real browser: it lives, and its switch silences the assistant at once, for all to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import AGENTS, Chat, Console, Desk, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
SUPERVISOR = next(who for who in SIGN_INS if who.role == "supervisor")
AT_ONCE = 2_000  # milliseconds that a stop may take


@dataclass
class Office:
    supervisor: Desk
    agent: Desk
    chat: Chat
    consoles: tuple[Console, ...]

    @property
    def board(self) -> Page:
        return self.supervisor.page

    def press_stop(self) -> None:
        self.board.get_by_text("Stop the assistant", exact=True).click()
        self.board.get_by_role("button", name="Stop on all channels").click()

    def let_go_on(self) -> None:
        self.board.goto("/desk/board/")
        button = self.board.get_by_role("button", name="Let the assistant go on")
        if button.count():
            button.click()


@pytest.fixture(scope="module")
def office(browser: Browser, session_product: RunningProduct) -> Iterator[Office]:
    people = [person(browser, session_product.base, "en") for _ in range(3)]
    (hers, _), (his, _), (home, _) = people
    supervisor = Desk(hers.new_page(), "en").sign_in("en", SUPERVISOR.name)
    supervisor.work_in("en")
    agent = Desk(his.new_page(), "en").sign_in("en", AGENTS["en"])
    chat = Chat(home.new_page(), "en", "ben").visit().open()
    found = Office(supervisor, agent, chat, tuple(console for _, console in people))
    yield found
    found.let_go_on()
    supervisor.work_in("de")
    for context, _ in people:
        context.close()


def test_the_board_lives_and_the_stop_holds(office: Office) -> None:
    board, agent, chat = office.board, office.agent, office.chat
    board.goto("/desk/board/")
    expect(office.supervisor.live).to_be_visible()
    waiting = board.get_by_text("Waiting for a person").locator("..").get_by_role("link")
    before = int(waiting.inner_text())
    office.press_stop()
    banner = agent.page.get_by_role("alert").filter(has_text="stopped on all channels")
    expect(banner).to_contain_text(f"Stopped by {SUPERVISOR.name}", timeout=AT_ONCE)
    chat.say("How long can I return something?")
    expect(chat.entry("switched off at the moment")).to_be_visible()
    expect(chat.by_assistant()).to_have_count(0)
    expect(waiting).to_have_text(str(before + 1))
    check(board)
    office.let_go_on()
    expect(banner).to_have_count(0, timeout=AT_ONCE)
    for path in ("times/", "settings/levels/"):
        board.goto(f"/desk/{path}")
        check(board)
    office.supervisor.work_in("de")
    board.goto("/desk/board/")
    check(board)
    office.supervisor.work_in("en")
    assert [text for console in office.consoles for text in console.complaints] == []


def test_a_whisper_reaches_the_agent_at_once(office: Office, session_product: RunningProduct) -> None:
    """And nobody else: the chat of the customer, who waits since the stop, says nothing of it, nor of the supervisor
    looking in."""
    board, agent, chat = office.board, office.agent, office.chat
    address = f"/desk/c/{newest_conversation(session_product)}/"
    agent.page.goto(address)
    agent.page.locator('[data-act="accept"] button').click()
    expect(chat.entry("is now looking after you")).to_be_visible()
    heard = chat.log.locator("> div").count()
    board.goto(address)
    board.get_by_text("Whisper to Tom").click()
    check(board)
    board.get_by_role("textbox", name="Only Tom").fill("Offer a voucher")
    board.get_by_role("button", name="Whisper", exact=True).click()
    expect(agent.page.get_by_text("Offer a voucher")).to_be_visible()
    assert chat.log.locator("> div").count() == heard
    assert [text for console in office.consoles for text in console.complaints] == []
