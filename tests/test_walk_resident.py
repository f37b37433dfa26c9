"""A resident's way in a real browser at 360 px: the slip's code, a PIN, every entry, the name.

Over https, under a name that is not localhost, without any script: the pages are plain forms, so an
old phone and WeChat's own browser do the same. The card is printed by the clerk's command, and its
code is read from the paper, as the resident reads it.
"""

import asyncio
import re
import subprocess
from pathlib import Path
from uuid import uuid4

import factories
import servers
import villages
from factories import VILLAGE
from https_front import https_front
from playwright.async_api import Browser, Page, expect
from web import with_login

from foundation import clock, database
from households import officials, settings
from points import publication
from points.passbook import PassbookSettings
from points.period import Period
from points.scheme import Scheme

NAME = "cun.test"
PIN, OTHER_PIN = "806193", "571920"
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"


async def a_posted_village(address: str) -> None:
    """Six households, scored this month, the list hanging; places are shown."""
    await database.open(address)
    items = await villages.a_village()
    await with_login("zhouws", "clerk")
    clerk = await officials.by_login("zhouws")
    for number in range(1, 7):
        reason = "给独居老人送饭" if number == 1 else "院子干净"
        await villages.award(
            number, items["courtyard"], 20 - number, on=clock.today(), reason=reason, by=clerk
        )
    month = Period.of(clock.today())
    await settings.write(VILLAGE, Scheme(posted_period="month"), by=villages.CLERK)
    await settings.write(VILLAGE, PassbookSettings(show_place=True), by=villages.CLERK)
    await publication.publish(VILLAGE, id=uuid4(), period=month, by=villages.CLERK)
    await database.close()


def on_paper(pdf: Path) -> list[tuple[str, str]]:
    """Head and first code of every card, in the order of the print, as one reads them."""
    said = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout
    return re.findall(r"(户主\d+)\n(?:.*\n)*?首次密码\n(\d{4}\n\d{4})", said)


async def card_of(address: str, number: int) -> str:
    """What the household's QR says behind the address."""
    await database.open(address)
    [row] = await database.rows(
        "SELECT card FROM passbook WHERE household_id = ?", [villages.household_id(number)]
    )
    await database.close()
    return str(row["card"])


async def phone(browser: Browser) -> Page:
    """A small phone that runs no script at all."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 780}, locale="zh-CN", java_script_enabled=False
    )
    return await context.new_page()


async def fits(browser: Browser, page: Page) -> None:
    """Nothing is wider than the phone; asked in a page with script that holds the same text."""
    measured = await browser.new_page(viewport={"width": 360, "height": 780})
    await measured.goto(page.url.split("/h/")[0] + "/login")
    await measured.set_content(await page.content())
    assert await measured.evaluate(WIDER) <= 0, page.url
    await measured.close()


async def choose_the_pin(page: Page, browser: Browser, code: str) -> None:
    await expect(page.locator("h1")).to_have_text("积分存折")
    await expect(page.locator("body")).not_to_contain_text("户主")
    await fits(browser, page)
    await page.fill("#f-code", code)
    await page.fill("#f-pin", "123456")
    await page.fill("#f-again", "123456")
    await page.click("form button.main")
    await expect(page.locator(".note.error")).to_be_visible()
    assert await page.input_value("#f-code") == code
    await page.fill("#f-pin", PIN)
    await page.fill("#f-again", PIN)
    await page.click("form button.main")
    await expect(page.locator("h1")).to_have_text("户主1家的积分存折")


async def read_every_entry(page: Page, browser: Browser) -> None:
    await expect(page.locator(".figures-sheet")).to_contain_text("19")
    await expect(page.locator(".placed")).to_contain_text("全村第 1 名")
    await fits(browser, page)
    await page.click(".entries a")
    for said in ("给独居老人送饭", "第 1 条", "院子常打扫", "第 1 版", "村文书"):
        await expect(page.locator(".chain")).to_contain_text(said)
    await fits(browser, page)
    await page.click(".book-nav >> text=红榜")
    await page.click(".hanging a")
    await expect(page.locator("#rows")).to_contain_text("一户")  # nobody has chosen a name yet
    await page.go_back()
    await page.click(".book-nav >> text=村规")
    await expect(page.locator("main")).to_contain_text("院子常打扫")
    await fits(browser, page)


async def choose_the_name(page: Page, browser: Browser) -> None:
    await page.click(".book-nav >> text=我的")
    await fits(browser, page)
    await page.check("#f-wall-1")
    await page.check("#f-web-2")
    await page.click("text=就这样写")
    await expect(page.locator(".note.done")).to_be_visible()
    assert await page.is_checked("#f-wall-1")
    await page.fill("#f-old", PIN)
    await page.fill("#f-new", OTHER_PIN)
    await page.fill("#f-again", OTHER_PIN)
    await page.click("form[action$='/pin'] button")
    await expect(page.locator(".note.done")).to_contain_text("密码已改好")
    await page.click("text=关上存折")
    await expect(page.locator("#f-pin")).to_be_visible()


async def test_a_resident_opens_the_passbook_reads_and_decides(
    sqlite_store: str, tmp_path: Path
) -> None:
    data, port, pdf = tmp_path / "data", servers.free_port(), tmp_path / "cards.pdf"
    address = f"https://{NAME}:{port}"
    await a_posted_village(sqlite_store)
    given = {
        "XIANGYUE_DATABASE_URL": sqlite_store,
        "XIANGYUE_SECRET": factories.SECRET,
        "XIANGYUE_PUBLIC_URL": address,
    }
    asked = ("passbooks", "print", "--village", VILLAGE, "-o", str(pdf))
    printed = await asyncio.to_thread(servers.command, data, *asked, **given)
    assert printed.returncode == 0, printed.stderr
    cards = on_paper(pdf)
    assert sorted(head for head, _ in cards) == [f"户主{number}" for number in range(1, 7)]
    card = await card_of(sqlite_store, 1)
    with servers.program(data, "--real", **given) as running:
        front = https_front(running.port, name=NAME, port=port, folder=tmp_path)
        async with front as arguments, servers.chromium(*arguments) as browser:
            page = await phone(browser)
            await page.goto(f"{address}/h/{card}")
            await choose_the_pin(page, browser, dict(cards)["户主1"].replace("\n", " "))
            kept = {each["name"]: each for each in await page.context.cookies()}
            mine = kept["__Host-xiangyue-passbook"]
            assert (mine["secure"], mine["httpOnly"], mine["sameSite"]) == (True, True, "Lax")
            await read_every_entry(page, browser)
            await choose_the_name(page, browser)
            other = await phone(browser)
            await other.goto(f"{address}/h/{card}/mine")
            await expect(other.locator("#f-pin")).to_be_visible()
            await other.fill("#f-pin", PIN)
            await other.click("form button.main")
            await expect(other.locator(".error").first).to_contain_text("密码不对")
            await other.fill("#f-pin", OTHER_PIN)
            await other.click("form button.main")
            await expect(other.locator("h1")).to_have_text("户主1家的积分存折")
    checked = await asyncio.to_thread(servers.command, data, "verify", **given)
    assert checked.returncode == 0, checked.stdout + checked.stderr
