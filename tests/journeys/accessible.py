"""What every page must pass: the rules of axe-core, and nothing that sticks out; in each width and each scheme."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 360)  # CSS pixels; 320 would be the rule's limit for text, 360 is the narrowest phone still sold
LOOKS: dict[str, dict[int, Literal["light", "dark"]]] = {
    "de": {1280: "light", 360: "dark"},
    "en": {1280: "dark", 360: "light"},
}
"""The two languages of a page share its four looks: every width meets every scheme, and every language both."""

AXE = """() => axe.run(document, {resultTypes: ["violations"], preload: false})
    .then(({violations}) => violations.flatMap(({id, nodes}) =>
        nodes.map(({target, failureSummary}) => `${id}: ${target} ${failureSummary}`)))"""
STICKS_OUT = """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5)
        .map((node) => node.outerHTML.slice(0, 120))"""
SIZE = 800  # CSS pixels of height


def check(page: Page) -> None:
    """Both widths of the page; it is wide and light again afterwards."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": SIZE})
        check_look(page, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": SIZE})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def check_look(page: Page, width: int) -> None:
    """The present width, in the scheme that is this language's for it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    language = page.locator("html").get_attribute("lang")
    assert language in LOOKS, f"a page in no language of ours: {language}"
    assert page.evaluate(STICKS_OUT) == [], f"sticks out at {width} px"
    scheme = LOOKS[language][width]
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    violations = page.evaluate(AXE)
    assert violations == [], f"{width} px, {scheme}:\n" + "\n".join(violations)
