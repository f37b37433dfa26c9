"""The score sheet as a clerk uses it: a real Chromium, the real server, a network that fails.

Every test scores a group of its own in one demo village.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import servers
from playwright.async_api import Browser, Page, Route, expect

MONTH = "2026-09"


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], Path]]:
    """A served demo village whose September waits to be scored: address, clerk's login, folder."""
    data = tmp_path_factory.mktemp("sheet") / "data"
    few = ("--households", "90", "--villages", "1", "--months", "2", "--until", "2026-08")
    made = servers.command(data, "demo", *few, "--json")
    assert made.returncode == 0, made.stderr
    with servers.program(data) as running:
        yield running.url, json.loads(made.stdout)["clerk"], data


@pytest.fixture
async def page(browser: Browser, village: tuple[str, dict[str, str], Path]) -> AsyncIterator[Page]:
    """The clerk, logged in at an office PC."""
    url, clerk, _ = village
    context = await browser.new_context(
        base_url=url,
        locale="zh-CN",
        viewport={"width": 1366, "height": 768},
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    await page.goto("/login")
    await page.fill("#f-login", clerk["login"])
    await page.fill("#f-password", clerk["password"])
    await page.click("button.main")
    await page.wait_for_url(f"{url}/")
    yield page
    assert errors == []


async def sheet(page: Page, group: int) -> None:
    """Open a group's sheet: its code ends in the group's number."""
    await page.goto(f"/scores?month={MONTH}")
    codes = await page.eval_on_selector_all("#f-group option", "all => all.map(o => o.value)")
    code = next(code for code in codes if code.endswith(f"-G{group:02}"))
    await page.goto(f"/scores?month={MONTH}&group={code}")
    await page.wait_for_selector("td.cell input")


async def here(page: Page) -> list[object]:
    """Row, column and text of the cell that has the focus."""
    found: list[object] = await page.evaluate(
        "() => { const at = document.activeElement;"
        " return [Number(at.dataset.r), Number(at.dataset.c), at.value]; }"
    )
    return found


async def keys(page: Page, *pressed: str) -> None:
    """Press keys one after the other; what is not the name of a key is typed."""
    for key in pressed:
        if key.isdigit():
            await page.keyboard.type(key)
        else:
            await page.keyboard.press(key)


def entries(village: tuple[str, dict[str, str], Path]) -> int:
    """Entries in the ledger, read beside the running server."""
    file = next(village[2].glob("*.sqlite3"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as store:
        return int(store.execute("SELECT count(*) FROM ledger_entry").fetchone()[0])


async def test_a_sheet_is_filled_by_keyboard_alone(page: Page) -> None:
    await sheet(page, 1)
    assert await here(page) == [0, 0, ""]
    await keys(page, "18", "Enter", "15")
    assert await here(page) == [1, 0, "15"]
    await keys(page, "Tab", "9", "ArrowDown", "End")
    row, last, _ = await here(page)
    assert row == 2
    await keys(page, "Home", "7", "Escape")
    assert await here(page) == [2, 0, ""]
    assert isinstance(last, int)
    assert last > 0
    await expect(page.locator("#total")).to_have_text("42")
    await expect(page.locator("#post")).to_have_text("入账（2 户）")


async def test_too_many_points_are_marked_explained_and_kept(page: Page) -> None:
    await sheet(page, 1)
    await keys(page, "Control+Home", "F2", "Control+a", "25")
    await expect(page.locator("#tip")).to_have_text("上限 20 分，这里不能填 25")
    await page.click("#post")
    await expect(page.locator("#says")).to_contain_text("有 1 格要先改好")
    assert await here(page) == [0, 0, "25"]
    await expect(page.locator("#saved")).to_contain_text("已自动保存")
    await page.reload()
    await expect(page.locator("td.wrong input")).to_have_value("25")


async def test_a_block_from_a_workbook_is_pasted_where_it_belongs(page: Page) -> None:
    await sheet(page, 2)
    await page.evaluate(
        "text => navigator.clipboard.writeText(text)", "18\t9\r\n１５\t\r\n3\tabc\r\n"
    )
    await keys(page, "Control+v")
    await expect(page.locator("#says")).to_have_text("粘贴了 5 格")
    values = await page.eval_on_selector_all(
        "td.typed input", "all => all.map(i => [i.dataset.r, i.dataset.c, i.value])"
    )
    assert values == [
        ["0", "0", "18"], ["0", "1", "9"], ["1", "0", "15"], ["2", "0", "3"], ["2", "1", "abc"],
    ]  # fmt: skip
    await expect(page.locator("td.wrong")).to_have_count(1)


async def test_what_is_typed_without_a_network_is_there_after_a_reload(page: Page) -> None:
    await sheet(page, 3)
    await page.context.set_offline(True)
    await keys(page, "11", "Enter", "12")
    await expect(page.locator("#saved")).to_have_text("没有网络，已存在本机", timeout=10_000)
    await page.context.set_offline(False)
    await page.reload()
    values = await page.eval_on_selector_all("td.typed input", "all => all.map(i => i.value)")
    assert values == ["11", "12"]


async def test_a_lost_answer_posts_the_sheet_once(
    page: Page, village: tuple[str, dict[str, str], Path]
) -> None:
    await sheet(page, 4)
    before = entries(village)
    sent: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        sent.append(json.loads(route.request.post_data or "")["id"])
        if len(sent) == 1:
            assert (await route.fetch()).ok  # the server has posted it
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/scores", lose_the_first_answer)
    await keys(page, "14", "Enter", "13", "Enter", "0")
    await page.click("#post")
    await expect(page.locator("#says")).to_contain_text("已入账 3 笔。", timeout=20_000)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert entries(village) == before + 3
    await page.reload()
    await expect(page.locator("td.locked a")).to_have_text(["14", "13", "0"])
    await expect(page.locator("#post")).to_be_disabled()


async def test_a_later_sheet_adds_what_is_missing_and_says_what_was_there(page: Page) -> None:
    await sheet(page, 5)
    other = await page.context.new_page()
    await sheet(other, 5)
    await keys(page, "10")
    await page.click("#post")
    await expect(page.locator("#says")).to_contain_text("已入账 1 笔。")
    await keys(other, "17", "Enter", "16")
    await other.click("#post")
    await expect(other.locator("#says")).to_contain_text("已入账 1 笔，1 笔账上已有，没有重记。")
    await expect(other.locator("td.locked a")).to_have_text(["10", "16"])


async def test_the_button_that_posts_is_in_sight_in_both_languages(page: Page) -> None:
    for language in ("en", "zh-CN"):
        await page.goto("/me")
        await page.locator(f'form:has(input[name=lang][value="{language}"]) button').click()
        await sheet(page, 2)
        edge = await page.eval_on_selector("#post", "b => b.getBoundingClientRect().right")
        assert edge <= 1366
