"""The main job from beginning to end, as a clerk does it in a real browser.

First run, import of the village's own workbook, a group of thirty scored by keyboard, the list
published, its public page checked; then a server that changes snapshot and hash together is
found out. Everything over https, under a name that is not localhost.
"""

import hashlib
import re
import sqlite3
from pathlib import Path

import servers
from https_front import https_front
from playwright.async_api import Page, expect

WORKBOOK = Path(__file__).parent / "data" / "huaizhuang-households.xlsx"
NAME = "cun.test"
VILLAGE = "610428106221"
PASSWORD = "an evening in huaizhuang 99"
SCORED = 30


def code_on_the_terminal(output: Path) -> str:
    said = output.read_text()
    code = re.search(r"/setup\?code=([0-9a-f]{8})", said)
    assert code, said
    return code[1]


async def found_the_village(page: Page, address: str, code: str) -> None:
    """The first run."""
    await page.goto(f"{address}/setup?code={code}")
    await page.select_option("#f-bundled", "changwu")
    await page.click("form button.main")
    await page.select_option("#f-village", VILLAGE)
    await page.check("input[name=starter] >> nth=0")
    await page.fill("#f-name", "周文书")
    await page.fill("#f-login", "zhouws")
    await page.fill("#f-password", PASSWORD)
    await page.fill("#f-again", PASSWORD)
    await page.click("form button.main")
    await page.fill("#f-login", "zhouws")
    await page.fill("#f-password", PASSWORD)
    await page.click("form button.main")
    await expect(page.locator("h1")).to_have_text("今天要办")


async def import_the_workbook(page: Page, address: str) -> None:
    """Nothing is stored before it is confirmed; the same file again changes nothing."""
    for created in (300, 0):
        await page.goto(f"{address}/households/import")
        await page.set_input_files("#f-file", WORKBOOK)
        await page.click("form button.main")
        await expect(page.locator(".figures")).to_contain_text("1,026 人", timeout=60_000)
        await expect(page.locator(".figures > div").nth(1)).to_contain_text(f"{created}")
        if created:
            await page.click("text=确认导入")
            await expect(page.locator(".note.done")).to_contain_text("新增 300 户")


async def score_a_group(page: Page, address: str) -> str:
    """Thirty households in two columns, by keyboard alone, posted in one press."""
    await page.goto(f"{address}/scores?month=2026-10")
    month = await page.input_value("#f-month")
    rows = page.locator("#grid tbody tr[data-household]")
    assert await rows.count() >= SCORED
    for column in range(2):
        for at in range(SCORED):
            await page.keyboard.type(str((at * 7 + column) % 10 + 1))
            await page.keyboard.press("Enter")
        for _ in range(SCORED):
            await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowRight")
    await expect(page.locator("#post")).to_contain_text(f"{SCORED} 户")
    await page.focus("#post")
    await page.keyboard.press("Enter")
    await expect(page.locator("#says")).to_contain_text(str(2 * SCORED))
    return month


async def publish(page: Page, address: str, month: str) -> str:
    """Preview, publish, and the address behind the poster's QR."""
    await page.goto(f"{address}/publications/new?region={VILLAGE}&period={month}")
    await page.click(".bar button.main")
    await expect(page.locator(".flash, .note.done").first).to_contain_text("已出榜")
    poster = "async (url) => (await (await fetch(url)).text()).slice(0, 5)"
    assert await page.evaluate(poster, f"{page.url}/poster.pdf?paper=A4") == "%PDF-"
    behind = await page.inner_text(f"a[href^='/p/{VILLAGE}']")
    assert behind.startswith(f"{address}/p/{VILLAGE}-{month}-01#")
    return behind


def change_list_and_hash_together(store: Path, serial: str) -> None:
    """What a dishonest server would do: another first place, every digest and hash redone."""
    file = sqlite3.connect(store)
    file.execute("DROP TRIGGER publication_frozen")
    select = (
        "SELECT id, salt, content, digest FROM publication_row "
        "WHERE publication_id = ? AND medium = 'web' AND position = 1"
    )
    key, salt, content, digest = file.execute(select, [serial]).fetchone()
    forged = content.replace('"rank":1', '"rank":1 ')
    assert forged != content
    again = hashlib.sha256(f"{salt}\n{forged}".encode()).hexdigest()
    [snapshot] = file.execute(
        "SELECT snapshot FROM publication WHERE serial = ?", [serial]
    ).fetchone()
    snapshot = snapshot.replace(digest, again)
    file.execute(
        "UPDATE publication_row SET content = ?, digest = ? WHERE id = ?", [forged, again, key]
    )
    file.execute(
        "UPDATE publication SET snapshot = ?, hash = ? WHERE serial = ?",
        [snapshot, hashlib.sha256(snapshot.encode()).hexdigest(), serial],
    )
    file.commit()
    file.close()


async def test_from_the_workbook_to_a_list_that_proves_itself(tmp_path: Path) -> None:
    data, port = tmp_path / "data", servers.free_port()
    address = f"https://{NAME}:{port}"
    with servers.program(data, "--real", XIANGYUE_PUBLIC_URL=address) as running:
        front = https_front(running.port, name=NAME, port=port, folder=tmp_path)
        async with front as arguments, servers.chromium(*arguments) as browser:
            page = await (await browser.new_context(locale="zh-CN")).new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(error.message))
            await found_the_village(page, address, code_on_the_terminal(running.output))
            await import_the_workbook(page, address)
            month = await score_a_group(page, address)
            behind = await publish(page, address, month)

            # A villager's phone: another browser, nobody logged in.
            phone = await (await browser.new_context(locale="zh-CN")).new_page()
            await phone.goto(behind)
            await expect(phone.locator("#verdict-title")).to_have_text("核对一致")
            checked = servers.command(data, "verify")
            assert checked.returncode == 0, checked.stdout + checked.stderr

            serial = behind.split("/p/")[1].split("#")[0]
            change_list_and_hash_together(data / "xiangyue.sqlite3", serial)
            await phone.goto("about:blank")
            await phone.goto(behind)
            await expect(phone.locator("#verdict-title")).to_contain_text("核对不符")
            assert faults == []
    doubted = servers.command(data, "verify")
    assert doubted.returncode == 1
    assert f"fault village={VILLAGE} seq=" in doubted.stdout.splitlines()[-1]
