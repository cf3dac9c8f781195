"""A real Chromium for the journeys, and the two screens of Kulanz as people use them: the chat and the desk.

The screens are found by roles, labels and words, as a screen reader finds them; what can't be found so is a defect.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

CHROMIUM = Path(shutil.which("chromium") or "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",  # the suite also runs as root in containers
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # the pages of the address bar's suggestions, loaded for each window: twice the computing of a page of ours
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
)
PATIENCE = 15_000  # milliseconds an expected thing may take on a busy machine
AGENTS = {"de": "Mia Becker", "en": "Tom Hughes"}
"""The demo's agents; each works in a language of their own."""

Language = Literal["de", "en"]


class Words(NamedTuple):
    """The words on the screen that the journeys look for, in one language."""

    locale: str
    chat: str
    open_chat: str
    close_chat: str
    field: str
    send: str
    person: str
    waits: str
    assistant: str
    log: str
    yes: str
    sources: str
    why: str
    summary: str
    messages: str
    reply: str
    resolve: str
    queue: str
    search: str


WORDS: dict[Language, Words] = {
    "de": Words(
        locale="de-DE", chat="Kundenservice", open_chat="Chat öffnen", close_chat="Chat schließen",
        field="Ihre Nachricht", send="Senden", person="Mit einem Menschen sprechen",
        waits="Wartet auf einen Menschen", assistant="KI-Assistent", log="Nachrichten",
        yes="Ja", sources="Quellen", why="Warum diese Antwort?", summary="Zusammenfassung",
        messages="Nachrichten", reply="Ihre Antwort", resolve="Lösen", queue="Warteschlange",
        search="In allem suchen",
    ),
    "en": Words(
        locale="en-GB", chat="Customer service", open_chat="Open chat", close_chat="Close chat",
        field="Your message", send="Send", person="Speak to a person",
        waits="Waiting for a person", assistant="AI assistant", log="Messages",
        yes="Yes", sources="Sources", why="Why this answer?", summary="Summary",
        messages="Messages", reply="Your reply", resolve="Resolve", queue="Queue",
        search="Search in everything",
    ),
}  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed at the end. Where it is not installed the journeys are skipped with a word about it, but
    never in CI: untested is not the same as passed."""
    if not CHROMIUM.exists():
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("Chromium is missing. The browser journeys need it: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module", name="browser")
def browser_of_the_module() -> Iterator[Browser]:
    """Lives for one module only: while it runs, Django takes the thread for asynchronous and refuses the database."""
    with chromium() as browser:
        yield browser


@dataclass
class Console:
    """What a browser context complains about: errors and warnings in the console, exceptions nobody caught."""

    complaints: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda problem: self.complaints.append(str(problem.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def besides(self, allowed: str) -> list[str]:
        """The complaints that do not contain these words."""
        return [text for text in self.complaints if allowed not in text]


def person(browser: Browser, base: str, language: Language, **options: Any) -> tuple[BrowserContext, Console]:
    """Somebody with a browser of their own: no cookies or storage shared with anybody else."""
    settings = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options
    context = browser.new_context(base_url=base, locale=WORDS[language].locale, timezone_id="Europe/Berlin", **settings)
    context.set_default_timeout(PATIENCE)
    console = Console()
    console.listen(context)
    return context, console


class Chat:
    """The shop page with its chat, as a customer uses it."""

    def __init__(self, page: Page, language: Language, visitor: str = "guest") -> None:
        self.page, self.words = page, WORDS[language]
        self.address = f"/demo/shop/?lang={language}&as={visitor}"
        self.dialog = page.get_by_role("dialog", name=self.words.chat)
        self.log = self.dialog.get_by_role("log", name=self.words.log)
        self.field = self.dialog.get_by_role("textbox", name=self.words.field)
        self.launcher = page.get_by_role("button", name=self.words.open_chat)

    def visit(self) -> Chat:
        self.page.goto(self.address)
        return self

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.field).to_be_focused()
        return self

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def press(self, name: str) -> None:
        """Presses the newest button of this name."""
        self.dialog.get_by_role("button", name=name, exact=True).last.click()

    def entry(self, text: str | re.Pattern[str], by: str = "") -> Locator:
        """What stands in the log with this text: a message, a notice, the question at the end."""
        return self.log.locator("> div").filter(has_text=text).filter(has_text=by)

    def answer(self, text: str | re.Pattern[str]) -> Locator:
        """The assistant's newest message with this text, once it is there."""
        found = self.entry(text, self.words.assistant).last
        expect(found).to_be_visible()
        return found

    def by_assistant(self) -> Locator:
        """All that the assistant has said: under each of its messages one can ask why."""
        return self.log.get_by_role("button", name=self.words.why)


class Desk:
    """The agents' pages."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page, self.words = page, WORDS[language]
        self.live = page.get_by_role("status").filter(has_text="Live")
        self.messages = page.get_by_role("region", name=self.words.messages)
        self.summary = page.get_by_role("region", name=self.words.summary)
        self.field = page.get_by_role("textbox", name=self.words.reply)

    def sign_in(self, language: Language, who: str) -> Desk:
        self.page.goto(f"/desk/sign-in/?language={language}")
        self.page.get_by_role("button", name=who).click()
        self.page.wait_for_url("**/desk/")
        expect(self.live).to_be_visible()
        return self

    def work_in(self, language: Language) -> None:
        """Staff keep their language; here it is changed with the button on the page."""
        switch = self.page.get_by_role("button", name={"de": "Deutsch", "en": "English"}[language])
        if switch.count():
            switch.click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)

    def row(self, customer: str, text: str) -> Locator:
        """A conversation in the list, by its customer and what was last said."""
        return self.page.get_by_role("link").filter(has_text=customer).filter(has_text=text)

    def search(self, customer: str) -> Locator:
        """Their conversations in the open list, found by name."""
        box = self.page.get_by_role("searchbox", name=self.words.search)
        box.fill(customer)
        box.press("Enter")
        self.page.wait_for_url("**/desk/?*q=*")
        return self.row(customer, "")

    def entry(self, text: str | re.Pattern[str]) -> Locator:
        return self.messages.get_by_role("listitem").filter(has_text=text)

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.page.get_by_role("button", name=self.words.send, exact=True).click()
        self.send_now()

    def send_now(self) -> None:
        """Instead of waiting until it can't be undone. On a busy machine the five seconds may be over before: then it
        has gone out by itself."""
        with suppress(PlaywrightTimeout):
            self.page.locator('[data-act="send-now"] button').click(timeout=6_000)
