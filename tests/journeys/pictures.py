"""The pictures in docs/pictures, of the chat and of every page of the desk, taken from a demo that has just been
started: `python -m tests.journeys.pictures`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import AGENTS, Chat, Desk, Language, chromium, person
from tests.journeys.product import REPOSITORY, running_product

FOLDER = REPOSITORY / "docs" / "pictures"
MAX_SIZE = 300_000  # bytes


class Script(NamedTuple):
    """What is said in the pictures."""

    visitor: str
    customer: str
    cancel: str
    receipt: str
    question: str
    article: str
    anger: str
    row: str
    reply: str


SCRIPTS: dict[Language, Script] = {
    "de": Script(
        visitor="anna", customer="Anna Beispiel", cancel="Bitte stornieren Sie meine Bestellung ML-10234.",
        receipt="Beleg", question="Was kostet der Versand nach Österreich?", article="Was kostet der Versand?",
        anger="Das ist eine Unverschämtheit, ich warte seit Wochen!!!", row="Das ist eine Unverschämtheit",
        reply="Guten Tag Frau Beispiel, das tut mir leid. Ich sehe sofort nach, wo Ihr Paket ist.",
    ),
    "en": Script(
        visitor="ben", customer="Ben Muster", cancel="Please cancel my order ML-10240.",
        receipt="Receipt", question="What does shipping to Austria cost?", article="How much is shipping?",
        anger="This is outrageous, I have been waiting for weeks!!!", row="This is outrageous",
        reply="Good day Mr Muster, I am sorry about this. I am looking right now where your parcel is.",
    ),
}  # fmt: skip


PAGES = {
    "Jonas": {
        "queue": "", "board": "board/", "times": "times/", "ratings": "ratings/", "ready-texts": "ready-texts/",
        "approvals": "approvals/", "teams": "settings/", "agents": "settings/agents/", "order": "settings/order/",
        "service-levels": "settings/levels/",
    },
    "Nora": {
        "knowledge": "knowledge/", "gaps": "knowledge/gaps/", "teaching": "curator/",
        "suggestions": "curator/suggestions/",
        "language-models": "language-models/",
    },
    "Ben": {"flows": "flows/", "flow": "flows/cancel_order/"},
    "Lena": {"api-keys": "api-keys/"},
}  # fmt: skip
"""Whoever may see the page → name of the picture → where it is, below /desk/."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_product() as product, chromium() as browser:
        for language, script in SCRIPTS.items():
            suffix = "" if language == "de" else f"-{language}"
            picture_of_the_chat(browser, product.base, language, script, FOLDER / f"chat{suffix}.png")
            picture_of_the_desk(browser, product.base, language, script, FOLDER / f"desk{suffix}.png")
            pictures_of_pages(browser, product.base, language, suffix)


def picture_of_the_chat(browser: Browser, base: str, language: Language, script: Script, file: Path) -> None:
    """An order is cancelled, a question answered. Afterwards the customer loses patience: the desk's picture."""
    context, _ = person(browser, base, language)
    chat = Chat(context.new_page(), language, script.visitor).visit().open()
    chat.say(script.cancel)
    expect(chat.by_assistant()).to_have_count(1)
    chat.press(chat.words.yes)
    expect(chat.entry(script.receipt).last).to_be_visible()
    chat.say(script.question)
    expect(chat.log.get_by_role("link", name=script.article)).to_be_visible()
    take(chat.page, file)
    chat.say(script.anger)
    expect(chat.dialog).to_contain_text(chat.words.waits)
    context.close()


def pictures_of_pages(browser: Browser, base: str, language: Language, suffix: str) -> None:
    """Every page of the desk, as those see it who may."""
    for name, pages in PAGES.items():
        context, console = person(browser, base, language)
        desk = Desk(context.new_page(), language).sign_in(language, name)
        desk.work_in(language)
        page = desk.page
        for picture, path in pages.items():
            answer = page.goto(f"/desk/{path}")
            if answer is None or not answer.ok:
                raise RuntimeError(f"there is no page /desk/{path}")
            take(page, FOLDER / f"page-{picture}{suffix}.png")
        if console.complaints:
            raise RuntimeError(f"the console says: {console.complaints}")
        context.close()


def picture_of_the_desk(browser: Browser, base: str, language: Language, script: Script, file: Path) -> None:
    context, _ = person(browser, base, language)
    desk = Desk(context.new_page(), language).sign_in(language, AGENTS[language])
    desk.row(script.customer, script.row).click()
    desk.say(script.reply)
    expect(desk.entry(script.reply)).to_be_visible()
    desk.page.goto("/desk/?list=mine")
    desk.row(script.customer, script.reply[:20]).click()
    expect(desk.entry(script.reply)).to_be_in_viewport()
    expect(desk.live).to_be_visible()
    take(desk.page, file)
    context.close()


def take(page: Page, file: Path) -> None:
    page.screenshot(path=file, animations="disabled")
    size = file.stat().st_size
    print(f"{file.relative_to(REPOSITORY)}: {size} bytes")
    if size > MAX_SIZE:
        raise SystemExit(f"{file.name} is too large: {size} bytes, {MAX_SIZE} at most")


if __name__ == "__main__":
    main()
