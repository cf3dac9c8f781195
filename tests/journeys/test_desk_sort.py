"""Finding and sorting at the desk, from the keyboard: select, tag, search, let rest, and the commands."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.accessible import WIDTHS, check_look
from tests.journeys.browser import AGENTS, Desk, browser_of_the_module, person
from tests.journeys.customers import Visitor
from tests.journeys.product import RunningProduct

pytestmark = [pytest.mark.browser, pytest.mark.product, pytest.mark.timeout(120, func_only=True)]
__all__ = ["browser_of_the_module"]  # the fixture


@dataclass
class Scene:
    page: Page
    word: str
    names: list[str]

    @property
    def rows(self) -> list[str]:
        return [str(name) for name in self.page.locator("#rows .name").all_inner_texts()]

    def command(self, typed: str) -> None:
        """The commands, opened and chosen with keys alone."""
        self.page.keyboard.press("Control+k")
        box = self.page.get_by_role("combobox", name="What do you want to do?")
        expect(box).to_be_focused()
        self.page.keyboard.type(typed)
        found = self.page.get_by_role("listbox", name="Commands").get_by_role("option", selected=True)
        expect(found).to_contain_text(typed)
        self.page.keyboard.press("Enter")
        expect(box).to_be_hidden()


@pytest.fixture
def scene(browser: Browser, product: RunningProduct) -> Iterator[Scene]:
    """Three customers who wait for a person; one of them has told a number."""
    word = f"QX-{uuid.uuid4().int % 10**9}"
    names = [f"{uuid.uuid4().hex[:8]}@example.com" for _ in range(3)]
    for number, email in enumerate(names):
        with Visitor(product, email, "en") as visitor:
            visitor.write(f"My parcels <b>{word}</b> are late." if number == 1 else f"Hello from {word[3:]}a")
            visitor.client.post(f"{visitor.path}/handover")
    context, console = person(browser, product.base, "en")
    desk = Desk(context.new_page(), "en").sign_in("en", AGENTS["en"])
    yield Scene(desk.page, word, names)
    context.close()
    assert console.complaints == []


def test_an_agent_sorts_from_the_keyboard(scene: Scene) -> None:
    searches(scene)
    tags_what_is_selected(scene)
    tags_one_and_lets_it_rest(scene)
    finds_commands(scene)


def searches(scene: Scene) -> None:
    page = scene.page
    page.keyboard.press("/")
    page.keyboard.type(scene.word[3:])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/?*q=*")
    expect(page.locator("#rows mark").filter(has_text=scene.word[3:])).to_have_count(3)
    assert set(scene.rows) == set(scene.names)


def tags_what_is_selected(scene: Scene) -> None:
    page = scene.page
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.locator("#rows .pick:checked")).to_have_count(3)
    expect(page.locator("#selected")).to_have_text("Selected: 3")
    page.locator("#filters summary").click()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        check_look(page, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    box = page.get_by_role("textbox", name="Tag", exact=True)
    box.fill(f"t{scene.word}")
    page.get_by_role("button", name="Tag them").click()
    expect(page.get_by_role("status").filter(has_text="3 done")).to_be_visible()
    page.goto(f"/desk/?list=open&tag=T{scene.word}")
    expect(page.locator("#rows .tag").filter(has_text=f"t{scene.word}")).to_have_count(3)


def tags_one_and_lets_it_rest(scene: Scene) -> None:
    page = scene.page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/c/**")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    page.keyboard.press("a")
    rest = page.locator("#rest-until")
    expect(rest).to_be_visible()
    page.locator("h1").first.click()
    page.keyboard.press("l")
    page.keyboard.type("Big <i>parcel")
    page.keyboard.press("Enter")
    expect(page.locator("#sorting .tag").filter(has_text="Big <i>parcel")).to_be_visible()
    expect(page.get_by_role("combobox", name="New tag")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        check_look(page, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    rest.get_by_role("button", name="Tomorrow").press("Enter")
    expect(page.get_by_role("button", name="End the rest")).to_be_visible()
    page.goto(f"/desk/?list=mine&tag=t{scene.word}")
    expect(page.get_by_text("No conversation fits this filter.")).to_be_visible()


def finds_commands(scene: Scene) -> None:
    page = scene.page
    scene.command("Resting")
    page.wait_for_url("**/desk/?list=resting*")
    expect(page.locator("#rows .chip").filter(has_text="rests until").first).to_be_visible()
    page.keyboard.press("Control+k")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        check_look(page, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    page.keyboard.press("Escape")
    scene.command("Filter")
    expect(page.get_by_role("combobox", name="Channel")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type(scene.word)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/?*q={scene.word}*")
