"""What goes on by itself is said aloud: each quarter of the way, and the end of it, and no more."""

from typing import Any

import test_accessibility as screens
import test_templates_render as templates
from playwright.async_api import Browser, Route, expect


async def test_progress_is_said_by_quarters_and_then_how_it_ended(browser: Browser) -> None:
    template, context = screens.SCREENS["import_batch-reading"]
    ended, result = screens.SCREENS["import_batch-done"]
    asked = 0

    async def answer(route: Route) -> None:
        nonlocal asked
        if "/assets/" in route.request.url:
            await screens.answer(route)
            return
        asked += 1
        batch: dict[str, Any] = {**context["batch"], "done": 100 * asked, "total": 400}
        html = (
            templates.rendered(template, {**context, "batch": batch})
            if asked < 4
            else templates.rendered(ended, result)
        )
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = await browser.new_page()
    await page.route("**/*", answer)
    await page.goto(screens.SITE + "running")
    live = page.locator("#live")
    await expect(live).to_contain_text("50%")
    await expect(live).to_contain_text("75%")
    await expect(live).to_contain_text("已存入农户册")
    assert await page.evaluate("() => document.querySelectorAll('#live').length") == 1
