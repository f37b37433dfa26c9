"""A clerk's whole evening without a mouse: log in, score, post, publish, fetch the poster, reverse.

Tab, Enter, Space, letters and digits alone. What is reached is told by its name, as a screen
reader says it; the press that cannot find it has walked through the whole page.
"""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import servers
from playwright.async_api import Browser, Page, expect

MONTH = "2026-09"
TABS_MAX = 120
NAME = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels.length ? at.labels[0].textContent : "";
    return (at.getAttribute("aria-label") || label || at.textContent || at.value || "").trim();
}"""
SEEN = """() => {
    const box = document.activeElement.getBoundingClientRect();
    const shown = getComputedStyle(document.activeElement);
    return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
        && shown.visibility !== "hidden" && (shown.outlineStyle !== "none");
}"""


@pytest.fixture(scope="module", name="served")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A served demo village whose September waits to be scored: its address, its clerk's login."""
    data: Path = tmp_path_factory.mktemp("keyboard") / "data"
    few = ("--households", "60", "--villages", "1", "--months", "2", "--until", "2026-08")
    made = servers.command(data, "demo", *few, "--json")
    assert made.returncode == 0, made.stderr
    with servers.program(data) as running:
        yield running.url, json.loads(made.stdout)["clerk"]


@pytest.fixture(name="page")
async def opened(browser: Browser, served: tuple[str, dict[str, str]]) -> AsyncIterator[Page]:
    """The log-in page on an office PC."""
    context = await browser.new_context(
        base_url=served[0], locale="zh-CN", viewport={"width": 1366, "height": 768}
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    await page.goto("/login")
    yield page
    assert errors == []


async def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until what is called so has the focus, and see that one can see it."""
    passed = []
    for _ in range(TABS_MAX):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        passed.append(await page.evaluate(NAME))
        if name in passed[-1]:
            assert await page.evaluate(SEEN), f"{name} has the focus out of sight"
            return
    raise AssertionError(f"Tab never reached {name}: {passed}")


async def press(page: Page, name: str) -> None:
    """Reach a link or button and press it; the next page is there afterwards."""
    await tab_to(page, name)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def log_in(page: Page, clerk: dict[str, str]) -> None:
    await page.keyboard.type(clerk["login"])  # the field has the focus from the start
    await page.keyboard.press("Tab")
    await page.keyboard.type(clerk["password"])
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_a_clerk_scores_publishes_prints_and_reverses_without_a_mouse(
    page: Page, served: tuple[str, dict[str, str]]
) -> None:
    await log_in(page, served[1])
    # The skip link is first, and leads past the menu.
    await page.keyboard.press("Tab")
    assert await page.evaluate(NAME) == "跳到正文"
    await page.keyboard.press("Enter")
    assert await page.evaluate("() => document.activeElement.id") == "main"

    await press(page, "开始评分")
    await page.wait_for_selector("td.cell input")
    for points in ("12", "9", "7", "11"):
        await page.keyboard.type(points)
        await page.keyboard.press("Enter")
    await tab_to(page, "入账（4")
    await page.keyboard.press("Enter")
    await expect(page.locator("#says")).to_contain_text("已入账 4 笔")
    assert await page.evaluate("() => document.activeElement.id") == "says"

    await press(page, "看这张表，或者整张冲正")
    await expect(page.locator("h1")).to_contain_text("评分表")
    await tab_to(page, "为什么冲正")
    await page.keyboard.type("照着上个月填了")
    await press(page, "冲正 4 笔")
    await expect(page.locator(".note.done")).to_contain_text("已冲正 4 笔")


async def test_a_clerk_publishes_and_fetches_the_poster_without_a_mouse(
    page: Page, served: tuple[str, dict[str, str]]
) -> None:
    await log_in(page, served[1])
    await press(page, "积分红榜")
    await press(page, "张贴这一期")
    await press(page, "看会贴出什么")
    await press(page, "出榜并签名")
    await expect(page.locator("h1")).to_contain_text("待张贴")
    await tab_to(page, "下载 A4 榜")
    async with page.expect_response(lambda answer: "poster.pdf" in answer.url) as fetched:
        await page.keyboard.press("Enter")
    poster = await fetched.value
    assert (poster.status, poster.headers["content-type"]) == (200, "application/pdf")


SCREENS = (
    "/", "/scores", "/households", "/leaderboard", "/publications", "/rules", "/regions",
    "/officials", "/settings", "/entries/new", "/households/import", "/households/name-choices",
    "/me", "/help", "/help/scores",
)  # fmt: skip
PRESSABLE = """() => [...document.querySelectorAll("a[href], button, select, summary, textarea,"
    + " input:not([type=hidden])")].filter(e => !e.disabled && e.tabIndex >= 0
    && e.offsetParent && getComputedStyle(e).visibility !== "hidden"
    && !e.closest("details:not([open]) > :not(summary)"))
    .filter((e, n, all) => e.type !== "radio"
        || all.findIndex(other => other.name === e.name) === n).length"""
HERE = """() => {
    const at = document.activeElement;
    if (at === document.body) { return null; }
    at.dataset.walk = at.dataset.walk || String(Math.random());
    const home = at.closest("nav, main, header, aside");
    return [at.dataset.walk, home ? home.tagName : at.className];
}"""


async def test_tab_goes_through_every_screen_and_comes_out_again(
    page: Page, served: tuple[str, dict[str, str]]
) -> None:
    """Everything that can be pressed is reached, in a landmark, and no place keeps the focus."""
    await log_in(page, served[1])
    wrong = []
    for path in SCREENS:
        answer = await page.goto(path)
        if not answer or answer.status == 403:
            continue
        wanted = await page.evaluate(PRESSABLE)
        await page.focus(".skip")
        seen, homes = [await page.evaluate(HERE)], set()
        for _ in range(wanted + 2):
            await page.keyboard.press("Tab")
            at = await page.evaluate(HERE)
            if at is None or at[0] == seen[0][0]:
                break
            seen.append(at)
            homes.add(at[1])
        reached = len({at[0] for at in seen})
        if reached < wanted or not homes <= {"NAV", "MAIN"}:
            wrong.append((path, reached, wanted, homes))
        assert await page.locator("h1").count() == 1, path
    assert wrong == []
