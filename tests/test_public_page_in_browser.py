"""The public page's own check, in a real Chromium: it says yes only to what hangs on the wall.

The page is drawn from a snapshot made by `points.snapshot`, so the script is held against the same
format that publications are frozen in.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, Page, Route
from sample_boards import HEADER, LINES, posted

from api import render
from points import snapshot

ASSETS = Path(__file__).parent.parent / "templates"
ADDRESS = "http://village.example/p/610428106221-2026Q3-04"
TRUE = snapshot.fingerprint(snapshot.hash_of(snapshot.text(HEADER, lines=LINES)))


def drawn(context: dict[str, Any]) -> str:
    shell = {"demo": False, "lang": "zh-CN", "who": None, "flash": None}
    return render.environment.get_template("pages/posted.html").render(posted=context, **shell)


async def opened(browser: Browser, context: dict[str, Any], fragment: str) -> Page:
    """The page as a phone opens it; everything comes from our own templates and assets."""
    html = drawn(context)

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://village.example/").split("?")[0]
        if path.startswith("assets/"):
            await route.fulfill(path=ASSETS / path)
        else:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = await browser.new_page()
    await page.route("**/*", answer)
    await page.goto(f"{ADDRESS}#{fragment}" if fragment else ADDRESS)
    return page


async def verdict(page: Page) -> str:
    return await page.inner_text("#verdict-title")


async def test_the_page_agrees_with_the_fingerprint_of_the_wall(browser: Browser) -> None:
    page = await opened(browser, posted(), TRUE)
    assert await verdict(page) == "核对一致"
    first = await page.inner_text("#rows li:first-child")
    assert "罗桂英" in first
    assert "97" in first


async def test_case_and_dashes_of_a_fingerprint_do_not_matter(browser: Browser) -> None:
    grouped = "-".join(TRUE[at : at + 4] for at in range(0, 26, 4)).lower()
    assert await verdict(await opened(browser, posted(), grouped)) == "核对一致"


def row_changed(context: dict[str, Any]) -> None:
    text = context["rows"][0].content.replace('"earned":97', '"earned":98')
    context["rows"][0] = msgspec.structs.replace(context["rows"][0], content=text)


def row_left_out(context: dict[str, Any]) -> None:
    context["rows"].pop()


def rows_swapped(context: dict[str, Any]) -> None:
    first, second, *others = context["rows"]
    replace = msgspec.structs.replace
    context["rows"] = [replace(second, position=1), replace(first, position=2), *others]


def list_and_hash_changed_together(context: dict[str, Any]) -> None:
    """A whole other snapshot, sound in itself: only the wall's fingerprint tells."""
    other = snapshot.Content(1, "张三", "一组", 99, {"law": 99})
    lines = [snapshot.line("web", position=1, content=other), *LINES[1:]]
    context["snapshot"] = snapshot.text(HEADER, lines=lines)
    context["rows"] = [each for each in lines if each.medium == "web"]


def header_changed(context: dict[str, Any]) -> None:
    context["snapshot"] = context["snapshot"].replace('"taking_part":298', '"taking_part":299')


@pytest.mark.parametrize(
    "tamper",
    [row_changed, row_left_out, rows_swapped, list_and_hash_changed_together, header_changed],
)
async def test_what_was_changed_on_the_server_is_refused(
    browser: Browser, tamper: Callable[[dict[str, Any]], None]
) -> None:
    context = posted()
    tamper(context)
    page = await opened(browser, context, TRUE)
    assert await verdict(page) == "核对不符，请勿采信"
    assert not await page.is_visible("#list")
    assert not await page.is_visible("#facts")


async def test_what_is_shown_comes_from_the_checked_text_alone(browser: Browser) -> None:
    context = posted()
    context["header"] = msgspec.structs.replace(HEADER, region_name="别的村")
    page = await opened(browser, context, TRUE)
    assert await page.inner_text(".posted-head .place") == "彭公镇 · 槐庄村"


async def test_a_shortened_fingerprint_does_not_count_as_none(browser: Browser) -> None:
    page = await opened(browser, posted(), TRUE[:20])
    assert await verdict(page) == "核对不符，请勿采信"


async def test_without_a_fingerprint_nothing_is_claimed_until_it_is_typed(browser: Browser) -> None:
    page = await opened(browser, posted(), "")
    assert await verdict(page) == "还没有核对"
    await page.fill("#f-fingerprint", TRUE[:23])
    await page.click("#typed button")
    assert "还差 3 位" in await page.inner_text("#typed")
    await page.fill("#f-fingerprint", TRUE.replace("O", "0").lower())
    await page.click("#typed button")
    assert await verdict(page) == "核对一致"


async def test_a_name_that_was_taken_down_leaves_the_list_provable(browser: Browser) -> None:
    context = posted()
    context["rows"][3] = msgspec.structs.replace(context["rows"][3], content=None, salt=None)
    page = await opened(browser, context, TRUE)
    assert await verdict(page) == "核对一致"
    assert "有 1 行已按本人要求隐去" in await page.inner_text("#verdict-text")
    assert "已按本人要求隐去" in await page.inner_text("#rows li:nth-child(4)")


async def test_after_its_days_the_list_is_gone_and_still_provable(browser: Browser) -> None:
    page = await opened(browser, {**posted(), "rows": [], "is_over": True}, TRUE)
    assert await verdict(page) == "核对一致"
    assert await page.query_selector("#rows") is None
