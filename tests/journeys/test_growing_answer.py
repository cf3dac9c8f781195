"""In a browser: an answer grows in the chat and at the desk until the stored message takes its place; links in
messages; and the page about the language models. The drafts come from the database as a worker would send them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, expect

from kulanz.demo.sign_ins import SIGN_INS
from kulanz.live.publish import CHANNEL, conversation_topic
from tests.journeys.accessible import check
from tests.journeys.browser import Chat, Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct, newest_conversation

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
ADMINISTRATOR = next(who for who in SIGN_INS if who.role == "administrator")
QUESTIONS: dict[Language, tuple[str, str]] = {
    "de": ("Was kostet der Versand nach Österreich?", "Wie lange kann ich etwas zurückgeben?"),
    "en": ("What does shipping to Austria cost?", "How long can I return something?"),
}
ADDRESSES = "Siehe https://example.org/a(b)?c=1. Oder hilfe@example.org, nie javascript:alert(1) <b>x</b>"


@dataclass
class Stage:
    language: Language
    product: RunningProduct
    chat: Chat
    desk: Desk
    conversation: str
    consoles: tuple[Console, ...]

    def draft(self, text: str, answers: int) -> None:
        payload = {"author": "assistant", "on": bool(text), "text": text, "answers": answers}
        event = {"topic": conversation_topic(self.conversation), "kind": "draft", "id": None, "payload": payload}
        self.product.rows("select pg_notify(%s, %s)", CHANNEL, json.dumps(event))

    @property
    def last(self) -> int:
        """The number of the customer's last message."""
        return int(self.product.rows(
            "select max(seq) from inbox_message where conversation_id = %s and author = 'customer'", self.conversation
        )[0][0])  # fmt: skip

    def growing(self) -> tuple[Locator, Locator]:
        """Where the answer grows: in the chat and at the desk."""
        return self.chat.log.locator("div.msg > [aria-hidden]"), self.desk.page.locator("#growing")


@pytest.fixture(scope="module", params=["de", "en"])
def stage(request: pytest.FixtureRequest, browser: Browser, session_product: RunningProduct) -> Iterator[Stage]:
    """A customer with a first answer, and an administrator who looks at the conversation."""
    language: Language = request.param
    home, heard_at_home = person(browser, session_product.base, language)
    office, heard_in_office = person(browser, session_product.base, language)
    chat = Chat(home.new_page(), language, "guest").visit().open()
    chat.say(QUESTIONS[language][0])
    expect(chat.log.locator("div.msg.assistant")).to_have_count(1)
    found = newest_conversation(session_product)
    desk = Desk(office.new_page(), language).sign_in(language, ADMINISTRATOR.name)
    desk.work_in(language)
    desk.page.goto(f"/desk/c/{found}/")
    expect(desk.live).to_be_visible()
    yield Stage(language, session_product, chat, desk, found, (heard_at_home, heard_in_office))
    home.close()
    office.close()


@pytest.fixture(autouse=True)
def _nothing_in_the_console(stage: Stage) -> Iterator[None]:
    yield
    assert [text for console in stage.consoles for text in console.complaints] == []


def test_an_answer_grows_and_the_stored_message_takes_its_place(stage: Stage) -> None:
    answers = stage.chat.log.locator("div.msg.assistant")
    count = answers.count()
    asked = stage.last + 10  # a question that is still to come
    for text in ("Eins.", "Eins. Zwei."):
        stage.draft(text, asked)
        for place in stage.growing():
            expect(place.filter(has_text=text)).to_be_visible()
    expect(stage.chat.log.locator(".typing")).to_have_count(1)
    stage.chat.say(QUESTIONS[stage.language][1])
    expect(answers).to_have_count(count + 1)
    for place in stage.growing():
        expect(place.filter(has_text="Zwei")).to_be_hidden()
    expect(stage.chat.log).not_to_contain_text("Eins.")


def test_a_draft_is_taken_back_and_an_outdated_one_is_not_shown(stage: Stage) -> None:
    chat, desk = stage.growing()
    stage.draft("Drei.", stage.last + 10)
    expect(desk).to_contain_text("Drei.")
    expect(chat.filter(has_text="Drei.")).to_be_visible()
    stage.draft("", stage.last + 10)
    expect(chat).to_have_count(0)
    expect(desk).to_be_hidden()
    stage.draft("Vier.", stage.last - 1)  # of a question that has its answer
    stage.draft("Fünf.", stage.last + 10)
    expect(chat.filter(has_text="Fünf.")).to_be_visible()  # so the one before it has arrived
    expect(stage.chat.log).not_to_contain_text("Vier.")
    stage.draft("", stage.last + 10)
    expect(chat).to_have_count(0)


def test_the_chat_with_a_growing_answer_is_accessible(stage: Stage) -> None:
    stage.draft("Sechs. https://example.org/", stage.last + 10)
    expect(stage.growing()[0].filter(has_text="Sechs.")).to_be_visible()
    check(stage.desk.page)
    stage.draft("", stage.last + 10)


def test_addresses_are_links_in_both_places_and_nothing_else_is(stage: Stage) -> None:
    stage.chat.say(ADDRESSES)
    at_desk = stage.desk.entry("https://example.org/a")
    for place in (stage.chat.entry("https://example.org/a").last, at_desk.last):
        links = place.locator(".bubble a[href*=example]")
        expect(links).to_have_count(2)
        said = links.evaluate_all("(nodes) => nodes.map((a) => [a.getAttribute('href'), a.rel, a.target])")
        assert [said[0][0], said[1][0]] == ["https://example.org/a(b)?c=1", "mailto:hilfe@example.org"]
        assert all("noopener" in rel and target == "_blank" for _, rel, target in said)
        assert place.locator(".bubble b").count() == 0


def test_the_page_about_the_language_models(stage: Stage) -> None:
    row = """insert into language_models_modelcall (id, at, task, model, outcome, tokens_in, tokens_out, milliseconds,
        cost, asked, replied) values (%s, now(), 'answer', 'tiny', %s, 1200, 40, 900, 0, '', '') returning id"""
    for outcome in ("done", "unsupported", "timed_out"):
        stage.product.rows(row, uuid4(), outcome)
    page = stage.desk.page
    page.goto("/desk/")
    page.locator('nav.menu a[href="/desk/language-models/"]').press("Enter")
    page.wait_for_url("**/desk/language-models/")
    expect(page.get_by_role("table")).to_have_count(2)
    thousands = re.compile(r"\d\.\d00" if stage.language == "de" else r"\d,\d00")
    expect(page.get_by_role("table").first).to_contain_text(thousands)
    check(page)
