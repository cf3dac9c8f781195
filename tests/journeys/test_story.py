"""The whole story, in German and in English, with two people at two browsers: a customer and an agent.

Nothing here waits for a fixed time, and nobody reloads a page to see what the other has done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Route, expect

from tests.journeys.browser import AGENTS, Chat, Console, Desk, Language, browser_of_the_module, person
from tests.journeys.product import RunningProduct

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture
OFFLINE = "ERR_INTERNET_DISCONNECTED"  # what Chromium itself writes into the console when it is offline
A_TIME = r"\d{1,2}:\d{2}"


@dataclass(frozen=True)
class Story:
    """Who, which orders, and what is said. The two languages have a customer each: an order can be cancelled once."""

    language: Language
    visitor: str
    customer: str
    assistant_first: str
    data_notice: str
    question: str
    answer: str
    article: str
    why: tuple[str, str]
    order: str
    order_question: str
    order_answer: str
    cancel: str
    cancelled_number: str
    shall_i: str
    cancelled: str
    receipt: str
    cancelled_order: str
    anger: str
    insult: str
    mood: str
    handed_over: str
    person_comes: str
    headings: tuple[str, ...]
    first_reply: str
    customers_answer: str
    offline_text: str
    offline_notice: str
    second_tab_text: str
    goodbye: str
    solved: str
    glad: str
    confirmed: str


GERMAN = Story(
    language="de",
    visitor="anna",
    customer="Anna Beispiel",
    assistant_first="Hier antwortet zuerst ein KI-Assistent.",
    data_notice="Was Sie schreiben, speichern wir",
    question="Wie lange kann ich etwas zurückgeben?",
    answer="innerhalb von 30 Tagen",
    article="Wie lange kann ich etwas zurückgeben?",
    why=("Verstanden", "Gründe"),
    order="ML-10198",
    order_question="Wo ist meine Bestellung ML-10198?",
    order_answer="Ihre Bestellung ML-10198",
    cancel="Bitte stornieren Sie meine Bestellung ML-10234.",
    cancelled_number="ML-10234",
    shall_i="Soll ich stornieren?",
    cancelled="Bestellung ML-10234 storniert",
    receipt="Beleg",
    cancelled_order="Storniert",
    anger="Das ist eine Unverschämtheit, ich warte seit Wochen!!!",
    insult="Unverschämtheit",
    mood="verärgert",
    handed_over="übergeben",
    person_comes="ein Mensch",
    headings=("Gewünscht", "Versucht", "Zugesagt", "Stimmung"),
    first_reply="Guten Tag Frau Beispiel, das tut mir leid. Ich sehe sofort nach.",
    customers_answer="Danke. Kommt ML-10198 denn bis Freitag an?",
    offline_text="Hier ist gerade kein Netz, ich schreibe trotzdem weiter.",
    offline_notice="Keine Verbindung.",
    second_tab_text="Und das schreibe ich aus dem zweiten Fenster.",
    goodbye="Das Paket kommt am Mittwoch. Ihr Geld ist unterwegs.",
    solved="Ist Ihr Anliegen gelöst?",
    glad="Das freut uns!",
    confirmed="vom Kunden bestätigt",
)
ENGLISH = replace(
    GERMAN,
    language="en",
    visitor="ben",
    customer="Ben Muster",
    assistant_first="An AI assistant answers here first.",
    data_notice="We store what you write",
    question="How long can I return something?",
    answer="within 30 days",
    article="How long do I have to return something?",
    why=("Understood", "Reasons"),
    order="ML-10201",
    order_question="Where is my order ML-10201?",
    order_answer="Your order ML-10201",
    cancel="Please cancel my order ML-10240.",
    cancelled_number="ML-10240",
    shall_i="Shall I cancel it?",
    cancelled="Order ML-10240 cancelled",
    receipt="Receipt",
    cancelled_order="Cancelled",
    anger="This is outrageous, I have been waiting for weeks!!!",
    insult="outrageous",
    mood="frustrated",
    handed_over="handed you over",
    person_comes="a person will",
    headings=("Wanted", "Tried", "Promised", "Mood"),
    first_reply="Good day Mr Muster, I am sorry about this. I am looking into it right now.",
    customers_answer="Thanks. Will ML-10201 arrive before Friday?",
    offline_text="I have no network right now, but I keep writing.",
    offline_notice="No connection.",
    second_tab_text="And this comes from my second window.",
    goodbye="The parcel arrives on Thursday. Your money is on its way.",
    solved="Was it solved?",
    glad="We are glad!",
    confirmed="confirmed by the customer",
)


@dataclass
class Scene:
    """The customer's and the agent's browser, side by side."""

    story: Story
    home: BrowserContext
    chat: Chat
    desk: Desk
    agent: str


@pytest.fixture(params=[GERMAN, ENGLISH], ids=["de", "en"])
def scene(request: pytest.FixtureRequest, browser: Browser, product: RunningProduct) -> Iterator[Scene]:
    """Both have come in: the customer has opened the shop, the agent looks at the queue."""
    story: Story = request.param
    home, customers_console = person(browser, product.base, story.language)
    office, agents_console = person(browser, product.base, story.language)
    chat = Chat(home.new_page(), story.language, story.visitor).visit()
    desk = Desk(office.new_page(), story.language).sign_in(story.language, AGENTS[story.language])
    yield Scene(story, home, chat, desk, AGENTS[story.language])
    complaints = _complaints(customers_console, agents_console)
    home.close()
    office.close()
    assert complaints == []


def _complaints(*consoles: Console) -> list[str]:
    return [text for console in consoles for text in console.besides(OFFLINE)]


def test_the_whole_story(scene: Scene) -> None:
    learns_who_answers(scene)
    gets_a_sourced_answer(scene)
    learns_why(scene)
    asks_for_an_order(scene)
    cancels_an_order(scene)
    reloads_the_page(scene)
    becomes_angry_and_reaches_a_person(scene)
    the_agent_knows_everything(scene)
    they_talk(scene)
    the_line_breaks(scene)
    a_second_window(scene)
    it_is_solved(scene)


def learns_who_answers(scene: Scene) -> None:
    scene.chat.open()
    expect(scene.chat.log).to_contain_text(scene.story.assistant_first)
    expect(scene.chat.log).to_contain_text(scene.story.data_notice)


def gets_a_sourced_answer(scene: Scene) -> None:
    chat, story = scene.chat, scene.story
    chat.say(story.question)
    source = chat.answer(story.answer).get_by_role("list", name=chat.words.sources).get_by_role("link")
    expect(source).to_have_text(story.article)
    with scene.home.expect_page() as opened:
        source.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(story.article)
    expect(opened.value.get_by_role("article")).to_contain_text(story.answer)
    opened.value.close()


def learns_why(scene: Scene) -> None:
    chat, story = scene.chat, scene.story
    answer = chat.answer(story.answer)
    answer.get_by_role("button", name=chat.words.why).click()
    for heading in story.why:
        expect(answer.get_by_role("heading", name=heading)).to_be_visible()
    expect(answer.get_by_role("listitem").filter(has_text=story.article).first).to_be_visible()
    words = answer.locator("q").all_inner_texts()  # the exact words that it rests on
    assert words, "no words are shown"
    assert [word for word in words if word not in story.question] == []


def asks_for_an_order(scene: Scene) -> None:
    scene.chat.say(scene.story.order_question)
    scene.chat.answer(scene.story.order_answer)


def order_in_the_shop(scene: Scene) -> Locator:
    """What the shop's own page says about the order to be cancelled."""
    page = scene.chat.page
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=scene.story.cancelled_number))


def cancels_an_order(scene: Scene) -> None:
    """Nothing happens before the yes; the receipt and the shop agree afterwards."""
    chat, story = scene.chat, scene.story
    ordered = order_in_the_shop(scene)
    chat.say(story.cancel)
    chat.answer(story.shall_i)
    expect(chat.dialog.get_by_role("group").filter(has_text=chat.words.yes).last).to_be_visible()
    expect(chat.entry(story.cancelled)).to_have_count(0)
    expect(ordered).not_to_contain_text(story.cancelled_order)
    chat.press(chat.words.yes)
    expect(chat.answer(story.cancelled)).to_contain_text(story.receipt)


def reloads_the_page(scene: Scene) -> None:
    """The conversation is still there, and the shop's own page knows of the cancellation."""
    chat, story = scene.chat, scene.story
    chat.page.reload()
    ordered = order_in_the_shop(scene)
    expect(ordered).to_contain_text(story.cancelled_order)
    chat.open()
    for text in (story.question, story.answer, story.order_answer, story.cancelled):
        expect(chat.entry(text).last).to_be_visible()
    expect(chat.by_assistant()).to_have_count(4)


def becomes_angry_and_reaches_a_person(scene: Scene) -> None:
    """The customer reads who will answer and when; in the queue the conversation appears by itself."""
    chat, story = scene.chat, scene.story
    row = scene.desk.row(story.customer, story.anger[:30])
    expect(row).to_have_count(0)
    scene.desk.page.evaluate("window.notReloaded = true")
    chat.say(story.anger)
    notice = chat.entry(story.handed_over).last
    expect(notice).to_contain_text(story.person_comes, ignore_case=True)
    expect(notice).to_have_text(re.compile(A_TIME))
    expect(chat.dialog).to_contain_text(chat.words.waits)
    expect(notice).to_be_in_viewport(ratio=0.9)  # what is pinned above the log must not push it out of sight
    expect(row).to_be_visible()
    assert scene.desk.page.evaluate("window.notReloaded")
    row.click()


def the_agent_knows_everything(scene: Scene) -> None:
    desk, story = scene.desk, scene.story
    expect(desk.page.get_by_role("heading", level=1, name=story.customer)).to_be_visible()
    for heading in story.headings:
        expect(desk.summary.get_by_role("heading", name=heading)).to_be_visible()
    expect(desk.summary).to_contain_text(story.question)  # wanted
    expect(desk.summary).to_contain_text(story.article)  # tried
    expect(desk.summary.get_by_role("link").filter(has_text=story.cancelled).first).to_be_visible()
    expect(desk.summary).to_contain_text(re.compile(r"ST-\w+"))  # the receipt's number
    expect(desk.summary.get_by_role("listitem").last).to_contain_text(story.mood)
    expect(desk.summary.get_by_role("listitem").last).to_contain_text(story.insult)  # the words that show it
    for text in (story.question, story.answer, story.order_answer, story.cancelled, story.anger):
        expect(desk.entry(text).first).to_be_visible()


def they_talk(scene: Scene) -> None:
    """Live in both directions, and marked with the agent's name; the assistant keeps quiet."""
    chat, desk, story = scene.chat, scene.desk, scene.story
    desk.page.evaluate("window.notReloaded = true")
    desk.say(story.first_reply)
    expect(chat.entry(story.first_reply, scene.agent)).to_be_visible()
    expect(chat.dialog.get_by_role("status").filter(has_text=scene.agent)).to_be_visible()
    expect(desk.entry(story.first_reply)).to_be_visible()
    chat.say(story.customers_answer)
    expect(desk.entry(story.customers_answer)).to_be_visible()
    assert desk.page.evaluate("window.notReloaded")


def the_line_breaks(scene: Scene) -> None:
    """What is written offline is kept, and arrives once."""
    chat, desk, story = scene.chat, scene.desk, scene.story
    scene.home.set_offline(True)
    chat.say(story.offline_text)
    expect(chat.dialog).to_contain_text(story.offline_notice)
    expect(chat.entry(story.offline_text)).to_have_count(1)
    expect(desk.entry(story.offline_text)).to_have_count(0)
    scene.home.set_offline(False)
    expect(desk.entry(story.offline_text)).to_be_visible()
    expect(chat.dialog).not_to_contain_text(story.offline_notice)
    expect(chat.entry(story.offline_text)).to_have_count(1)
    expect(desk.entry(story.offline_text)).to_have_count(1)


def a_second_window(scene: Scene) -> None:
    """It shows the same conversation; what is written there stands in the first one too."""
    chat, desk, story = scene.chat, scene.desk, scene.story
    second = Chat(scene.home.new_page(), story.language, story.visitor).visit().open()
    for text in (story.question, story.cancelled, story.first_reply, story.offline_text):
        expect(second.entry(text).last).to_be_visible()
    second.say(story.second_tab_text)
    for place in (second.entry(story.second_tab_text), chat.entry(story.second_tab_text)):
        expect(place).to_have_count(1)
    expect(desk.entry(story.second_tab_text)).to_have_count(1)
    second.page.close()


def it_is_solved(scene: Scene) -> None:
    """The agent thinks so; it counts when the customer says so."""
    chat, desk, story = scene.chat, scene.desk, scene.story
    desk.say(story.goodbye)
    expect(chat.entry(story.goodbye, scene.agent)).to_be_visible()
    # The assistant has read what was written to the agent, and has kept its answers to itself.
    expect(desk.entry(story.customers_answer).locator("mark").filter(has_text=story.order)).to_be_visible()
    expect(chat.by_assistant()).to_have_count(4)
    desk.page.get_by_role("button", name=desk.words.resolve).click()
    expect(chat.entry(story.solved).last.get_by_role("button")).to_have_count(5)  # the card, not the notice alone
    expect(desk.page.get_by_role("main")).not_to_contain_text(story.confirmed)
    chat.press(chat.words.yes)
    expect(chat.entry(story.glad)).to_be_visible()
    expect(desk.page.get_by_role("main")).to_contain_text(story.confirmed)


def test_a_person_is_one_click_away(scene: Scene) -> None:
    """Nothing has to be written or explained; pressing again adds nothing."""
    story = scene.story
    chat = Chat(scene.home.new_page(), story.language, "guest").visit().open()
    chat.press(chat.words.person)
    notice = chat.entry(story.handed_over)
    expect(notice).to_contain_text(story.person_comes, ignore_case=True)
    expect(chat.dialog).to_contain_text(chat.words.waits)
    chat.press(chat.words.person)
    chat.say(story.offline_text)
    expect(scene.desk.row("", story.offline_text[:30])).to_be_visible()
    expect(notice).to_have_count(1)
    expect(chat.by_assistant()).to_have_count(0)


def test_a_late_answer_does_not_undo_what_the_stream_has_told(browser: Browser, product: RunningProduct) -> None:
    """The chat asks for the status while it connects. If the answer comes after a person was called, it is outdated."""
    home, console = person(browser, product.base, "de")
    chat = Chat(home.new_page(), "de").visit().open()
    held: list[tuple[Route, APIResponse]] = []
    status = re.compile(r"/api/v1/conversations/[0-9a-f-]+$")
    home.route(status, lambda route: held.append((route, route.fetch())))
    with chat.page.expect_request(status):
        chat.say(GERMAN.question)
    expect(chat.by_assistant()).to_have_count(1)
    chat.press(chat.words.person)
    expect(chat.dialog).to_contain_text(chat.words.waits)
    for route, answer in held:
        route.fulfill(response=answer)
    expect(chat.log).to_have_attribute("aria-busy", "false")  # all that was asked for has arrived
    expect(chat.dialog).to_contain_text(chat.words.waits)
    assert [answer.json()["status"] for _, answer in held] == ["assistant"]
    home.close()
    assert console.complaints == []
