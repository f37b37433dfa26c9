"""Every screen against WCAG 2.2 AA, as far as a program can judge, on a phone and an office PC.

Also measured here: nothing is wider than the screen, and what one presses is 44 px high.
"""

from pathlib import Path
from typing import Any

import pytest
import test_templates_render as templates
from playwright.async_api import Browser, Page, Route
from samples import SAMPLES

FILES = templates.TEMPLATES
AXE = FILES / "assets" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SITE = "http://village.example/"
SCREENS = {
    f"{Path(template).stem} {variant}".strip().replace(" ", "-"): (template, context)
    for template, variant, context in SAMPLES
    if template.startswith("pages/")
}
# A link within a sentence or a table may be as high as its line; everything that stands alone
# is big enough for a thumb.
SMALL = """() => [...document.querySelectorAll("a, button, select, input:not([type=hidden])")]
    .filter(e => e.offsetParent && !["checkbox", "radio"].includes(e.type)
        && !e.closest("p, td, tbody th, dd, h2, li .what, .crumb, .note, .skip")
        && e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 120))"""
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"


async def answer(route: Route) -> None:
    path = route.request.url.removeprefix(SITE).split("?")[0]
    if path.startswith("assets/"):
        await route.fulfill(path=FILES / path)
    else:
        template, context = SCREENS[path]
        html = templates.rendered(template, {**context, "demo": True})
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")


async def faults(page: Page) -> list[Any]:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(result => result.violations"
        ".map(fault => [fault.id, fault.nodes[0].html.slice(0, 160)]))",
        RULES,
    )
    wider = await page.evaluate(WIDER)
    small = await page.evaluate(SMALL)
    return [*found, *([["wider", wider]] if wider > 0 else []), *(["small", s] for s in small)]


@pytest.mark.parametrize("size", [(360, 780), (1366, 768)], ids=["phone", "office"])
async def test_every_screen_can_be_read_and_pressed(
    browser: Browser, size: tuple[int, int]
) -> None:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.route("**/*", answer)
    wrong = {}
    for name in SCREENS:
        await page.goto(SITE + name)
        if found := await faults(page):
            wrong[name] = found
    assert wrong == {}
