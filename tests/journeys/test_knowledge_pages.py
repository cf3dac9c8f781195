"""An article from its first word to its readers and back, written by two at once, with a picture; and the help centre
as its readers use it: both languages, accessible, light and dark, wide and narrow, with nothing in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from kulanz.demo.sign_ins import SIGN_INS
from tests.journeys.accessible import check
from tests.journeys.browser import Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct
from tests.journeys.test_pages import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.product]
__all__ = ["browser_of_the_module"]  # the fixture
LOOKED_THROUGH = """() => {
    fetch("/desk/knowledge/condition/?owner=").then((answer) => answer.text()).then((text) => {
        window.through = text.includes("c-title") && text.includes("n-title");
    });
    return window.through;
}"""
"""Whether the worker has found contradictions and bad ratings."""
CURATOR = next(who for who in SIGN_INS if who.role == "curator")


class Words(NamedTuple):
    new: str
    title: str
    write: str
    text: str
    publish: str
    published: str
    save: str
    draft_saved: str
    meanwhile: str
    insert: str
    open: str
    withdraw: str
    no: str
    send: str
    thanks: str
    typed: str
    found: str
    question: str
    article: str
    body: str


WORDS: dict[Language, Words] = {
    "de": Words(
        "Neuer Artikel", "Titel", "Schreiben", "Text", "Veröffentlichen", "Veröffentlicht.", "Entwurf speichern",
        "Entwurf gespeichert", "inzwischen einen anderen Wortlaut gespeichert", "Einfügen", "Im Hilfebereich öffnen",
        "Zurückziehen", "Nein", "Senden", "Vielen Dank für Ihre Worte", "rückga",
        "Wie lange kann ich etwas zurückgeben?",
        "Wie lange habe ich Zeit, etwas zurückzuschicken?", "Darf ich die Mühle Krümel ins Büro mitnehmen?",
        "## Im Büro\n\nJa, die **Mühle** darf mit ins Büro.",
    ),
    "en": Words(
        "New article", "Title", "Write it", "Text", "Publish", "Published.", "Save draft", "Draft saved",
        "has saved another wording meanwhile", "Insert", "Open in the help centre", "Withdraw", "No", "Send",
        "Thank you for your words", "retur", "How long do I have to return something?",
        "How many days do I have to send an item back?", "May I take the grinder to my office?",
        "## At work\n\nYes, the **grinder** may come along.",
    ),
}  # fmt: skip


@dataclass
class Rooms:
    language: Language
    words: Words
    desk: Page
    reader: Page
    consoles: tuple[Console, ...]


@pytest.fixture(scope="module", params=["de", "en"])
def rooms(request: pytest.FixtureRequest, browser: Browser, session_product: RunningProduct) -> Iterator[Rooms]:
    language: Language = request.param
    office, written = person(browser, session_product.base, language)
    home, read = person(browser, session_product.base, language)
    desk = Desk(office.new_page(), language).sign_in(language, CURATOR.name)
    desk.work_in(language)
    yield Rooms(language, WORDS[language], desk.page, home.new_page(), (written, read))
    desk.page.goto("/desk/")
    desk.work_in("de")
    office.close()
    home.close()


@pytest.fixture(autouse=True)
def _nothing_in_the_console(rooms: Rooms) -> Iterator[None]:
    for console in rooms.consoles:
        console.complaints.clear()
    for page in (rooms.desk, rooms.reader):
        page.set_viewport_size({"width": 1280, "height": 800})
    yield
    assert [text for console in rooms.consoles for text in console.complaints] == []


def test_an_article_from_its_first_word_to_its_readers_and_back(rooms: Rooms) -> None:
    page, reader, words = rooms.desk, rooms.reader, rooms.words
    page.goto("/desk/knowledge/")
    page.get_by_role("link", name=words.new).click()
    page.get_by_label(words.title).fill(words.article)
    page.get_by_label(words.title).press("Enter")
    text = page.get_by_role("textbox", name=words.text, exact=True)
    text.fill(words.body)
    expect(page.locator("#preview strong")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text(words.draft_saved)
    page.reload()  # as after a closed tab
    expect(text).to_have_value(words.body)

    page.locator("#file").set_input_files({"name": "bean.png", "mimeType": "image/png", "buffer": _picture()})
    with page.expect_response(re.compile("/autosave/")):  # else its own draft would overtake the other tab's
        page.locator("button[value=attach]").click()
    expect(page.locator("#preview img")).to_be_visible()
    expect(text).to_have_value(re.compile(r"!\[bean\]\(/help/files/"))
    check(page)
    _by_another(page, words)
    page.get_by_role("button", name=words.publish, exact=True).click()
    expect(page.get_by_role("status").filter(has_text=words.published)).to_be_visible()

    address = page.get_by_role("link", name=words.open).get_attribute("href") or ""
    reader.goto(address)
    picture = reader.get_by_role("article").get_by_role("img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 30
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=words.withdraw, exact=True).click()
    expect(page.get_by_role("link", name=words.open)).to_have_count(0)
    assert reader.request.get(address).status == 404
    page.goto(f"{page.url}history/")
    check(page)


def _by_another(page: Page, words: Words) -> None:
    """A second tab saves another wording; the first is told, and keeps its own beside it."""
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_role("textbox", name=words.text, exact=True).fill("…")
    with second.expect_navigation():  # until it is saved
        second.get_by_role("button", name=words.save).click()
    second.close()
    text = page.get_by_role("textbox", name=words.text, exact=True)
    mine = f"{text.input_value()}\n\n1, 2, 3."
    text.fill(mine)
    page.get_by_role("button", name=words.save).click()
    expect(page.get_by_role("alert").filter(has_text=words.meanwhile)).to_be_visible()
    expect(text).to_have_value(mine)


def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (30, 20), "teal").save(out, "PNG")
    return out.getvalue()


def test_the_list_of_articles(rooms: Rooms) -> None:
    page = rooms.desk
    page.goto(f"/desk/knowledge/?language={rooms.language}&tag={'Rückgabe' if rooms.language == 'de' else 'Returns'}")
    expect(page.locator(".articles li")).not_to_have_count(0)
    check(page)
    page.locator(".articles a").first.click()
    expect(page.get_by_role("article")).to_be_visible()
    check(page)


def test_the_help_centre_from_the_keyboard(rooms: Rooms) -> None:
    page, words = rooms.reader, rooms.words
    page.goto("/help/")
    page.wait_for_url(f"**/help/{rooms.language}/")
    field = page.get_by_role("searchbox")
    tab_to(page, field)
    page.keyboard.type(words.typed)
    first = page.locator("[data-suggestions] a").first
    expect(first).to_be_visible()
    check(page)
    field.focus()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    field.fill(words.question)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    check(page)
    page.locator(".results a").first.click()
    expect(page.locator("mark#quote")).to_be_in_viewport()


def test_whether_it_helped(rooms: Rooms, browser: Browser, session_product: RunningProduct) -> None:
    """Without script, as everything on these pages."""
    words = rooms.words
    context, console = person(browser, session_product.base, rooms.language, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/help/{rooms.language}/")
    page.locator(".topics li a").nth(1).click()
    page.get_by_role("button", name=words.no, exact=True).click()
    page.get_by_role("textbox").last.fill("?")
    page.get_by_role("button", name=words.send, exact=True).click()
    expect(page.get_by_role("heading", name=words.thanks)).to_be_visible()
    assert (context.cookies(), console.complaints) == ([], [])
    context.close()


def test_from_a_gap_to_a_draft(rooms: Rooms) -> None:
    """The demo company's past holds topics; the worker sorts them as soon as somebody looks."""
    page = rooms.desk
    page.goto("/desk/knowledge/gaps/")
    topic = page.locator(".gap", has=page.locator("blockquote")).first  # with a reply of an agent to begin with
    expect(topic).to_be_visible()
    expect(page.locator("[data-waiting]")).to_have_count(0)
    check(page)
    said = topic.inner_text()  # examples and replies, in both languages
    topic.get_by_role("button").click()
    body = page.locator("#edit textarea")
    expect(body).to_have_value(re.compile(r"\w{3}"))
    assert set(re.findall(r"\w{5,}", body.input_value())) & set(re.findall(r"\w{5,}", said))
    title = page.locator("#title").input_value()
    page.goto("/desk/knowledge/gaps/")
    expect(page.get_by_role("table").get_by_role("link", name=title).first).to_be_visible()


def test_a_topic_is_dismissed_and_brought_back(rooms: Rooms) -> None:
    page = rooms.desk
    page.goto("/desk/knowledge/gaps/")
    topics = page.locator(".gap")
    expect(topics.first).to_be_visible()
    expect(page.locator("[data-waiting]")).to_have_count(0)
    before, title = topics.count(), topics.last.get_by_role("heading").first.inner_text()
    topics.last.locator("summary").click()
    topics.last.get_by_role("textbox").fill("Nein: 1, 2, 3.")
    check(page)
    topics.last.get_by_role("textbox").press("Enter")
    dismissed = page.locator("details", has=page.locator("form[action$='/back/']"))
    dismissed.locator("summary").click()
    expect(dismissed.get_by_text("Nein: 1, 2, 3.", exact=True)).to_be_visible()
    expect(topics).to_have_count(before - 1)
    check(page)
    dismissed.get_by_role("button").last.click()
    expect(topics).to_have_count(before)
    expect(topics.get_by_role("heading", name=title, exact=True).first).to_be_visible()


def test_the_owner_sees_what_waits_for_them(rooms: Rooms) -> None:
    """The demo's articles hold a finding of each kind; the worker looks through them once somebody asks."""
    page = rooms.desk
    page.goto("/desk/")
    expect(page.locator("nav.menu .count.hot")).to_be_visible()
    page.goto("/desk/knowledge/condition/")
    expect(page.locator("#f-owner")).to_have_value("mine")  # Nora owns articles
    page.locator("form[method=post][action$='/look/'] button").click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.wait_for_function(LOOKED_THROUGH, polling=500)
    page.goto("/desk/knowledge/condition/?owner=")
    expect(page.locator("main section.card")).to_have_count(6)
    check(page)
