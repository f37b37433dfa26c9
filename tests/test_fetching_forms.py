"""A form whose answer is a file: no second time at once, and again for the next file."""

import asyncio

import test_accessibility as screens
import test_templates_render as templates
from playwright.async_api import Browser, Route

SECONDS_HELD = 2.0


async def test_two_files_are_fetched_from_one_page_but_not_by_one_double_click(
    browser: Browser,
) -> None:
    name = next(name for name in screens.SCREENS if name.split("-")[0] == "audit")
    template, context = screens.SCREENS[name]
    asked: list[str] = []

    async def answer(route: Route) -> None:
        if "/assets/" in route.request.url:
            await screens.answer(route)
        elif route.request.method == "POST":
            asked.append(route.request.post_data or "")
            await route.fulfill(status=204)
        else:
            html = templates.rendered(template, context)
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = await browser.new_page(locale="zh-CN")
    await page.route("**/*", answer)
    await page.goto(screens.SITE + "audit")
    await page.locator("details summary").last.click()
    await page.fill("#f-purpose", "季度检查")
    await page.dblclick("button[value=csv]")
    await asyncio.sleep(SECONDS_HELD + 0.5)
    assert len(asked) == 1
    await page.click("button[value=xlsx]")
    await asyncio.sleep(0.5)
    assert [sent.rpartition("=")[2] for sent in asked] == ["csv", "xlsx"]
