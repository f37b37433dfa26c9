"""A township official's day in a real browser: over https, under a name that is not localhost.

From a figure to the rows behind it; a stand-alone village's file refused with a changed byte and
taken in after the call; the packet prepared, downloaded, unpacked, every hash in it verified.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import servers
from https_front import https_front
from playwright.async_api import Page, expect

NAME = "zhen.test"
TOWNSHIP = "610428106000"
ALONE = "610428106203"
DEMO = ("demo", "--households", "60", "--months", "4", "--until", "2026-10", "--json")


def made(data: Path, villages: int, seed: int) -> dict[str, dict[str, str]]:
    """A small county; one login a role."""
    done = servers.command(data, *DEMO, "--villages", str(villages), "--seed", str(seed))
    assert done.returncode == 0, done.stderr
    logins: dict[str, dict[str, str]] = json.loads(done.stdout)
    return logins


def handed_over(data: Path, file: Path) -> str:
    """What a village that keeps its own books brings: its file, and its key read out."""
    made(data, villages=7, seed=2)
    posted = servers.command(data, "publish", ALONE, "--period", "2026-10", "-o", str(file))
    assert posted.returncode == 0, posted.stderr
    return servers.command(data, "publications", "key").stdout.strip()


async def log_in(page: Page, address: str, login: dict[str, str]) -> None:
    await page.goto(f"{address}/login")
    await page.fill("#f-login", login["login"])
    await page.fill("#f-password", login["password"])
    await page.click("form button.main")
    await expect(page.locator("h1")).to_have_text("各村总览")


def changed(file: Path) -> Path:
    """A copy with one bit of one byte turned over."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    copy = file.with_name("changed.xyp")
    copy.write_bytes(bytes(content))
    return copy


async def take_in(page: Page, address: str, file: Path, key: str) -> None:
    """First a file with a changed byte, then the true one with its telephone call, then again."""
    await page.goto(f"{address}/publications/import")
    await page.set_input_files("#f-file", changed(file))
    await page.click("form button.main")
    await expect(page.locator(".note.error")).to_be_visible()
    await page.set_input_files("#f-file", file)
    await page.click("form button.main")
    await expect(page.locator("#key")).to_have_text(key)
    await page.check("#f-heard")
    await page.click("form button.main")
    await expect(page.locator(".note.done")).to_contain_text("已收下")
    await page.goto(f"{address}/publications/import")
    await page.set_input_files("#f-file", file)
    await page.click("form button.main")
    await expect(page.locator(".note.done")).to_contain_text("以前收过")


async def download(page: Page, address: str) -> Path:
    """The packet of a month, once its posters are drawn."""
    await page.goto(f"{address}/packets?region={TOWNSHIP}&period=2026-10")
    ready = page.locator(".bar a.button.main")
    if not await ready.count():
        await page.click(".bar button.main")
    await expect(ready).to_be_visible(timeout=120_000)
    async with page.expect_download() as waiting:
        await ready.click()
    got = await waiting.value
    assert got.suggested_filename == "红榜包-彭公镇-2026-10.zip"
    return Path(await got.path())


def verified(packet: Path, folder: Path) -> dict[str, bytes]:
    """The packet's files, every hash in both of its indexes computed again."""
    with zipfile.ZipFile(packet) as found:
        assert found.testzip() is None
        found.extractall(folder)
        files = {name: found.read(name) for name in found.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(files) - {"SHA256SUMS"}
    for name, sha256 in sums.items():
        assert hashlib.sha256(files[name]).hexdigest() == sha256, name
    index = json.loads(files["index.json"])
    assert {one["path"] for one in index["files"]} == set(sums) - {"index.json"}
    assert all(sums[one["path"]] == one["sha256"] for one in index["files"])
    for one in index["publications"]:
        signed = json.loads(files[one["signed"]])
        assert hashlib.sha256(signed["snapshot"].encode()).hexdigest() == one["snapshot_sha256"]
        for row in signed["rows"]:
            digest = hashlib.sha256(f"{row['salt']}\n{row['content']}".encode()).hexdigest()
            assert f"{row['medium']} {row['position']} {digest}\n" in signed["snapshot"]
        assert files[one["poster"]].startswith(b"%PDF-")
    return files


async def test_from_a_figure_to_a_packet_whose_every_hash_is_true(tmp_path: Path) -> None:
    data, port, file = tmp_path / "data", servers.free_port(), tmp_path / "list.xyp"
    address = f"https://{NAME}:{port}"
    login = made(data, villages=3, seed=1)["township_official"]
    key = handed_over(tmp_path / "alone", file)
    with servers.program(data, XIANGYUE_PUBLIC_URL=address) as running:
        front = https_front(running.port, name=NAME, port=port, folder=tmp_path)
        async with front as arguments, servers.chromium(*arguments) as browser:
            page = await (await browser.new_context(locale="zh-CN")).new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(error.message))
            await log_in(page, address, login)
            await page.goto(f"{address}/overview?region={TOWNSHIP}&period=2026-10")
            figure = page.locator(".figures a").first
            posted = int((await figure.locator(".value").inner_text()).split("/")[0])
            await figure.click()
            await expect(page.locator("ul.rows > li")).to_have_count(posted)
            await take_in(page, address, file, key)
            await page.goto(f"{address}/comparison?region={TOWNSHIP}&period=2026-10")
            await expect(page.locator("main")).to_contain_text("办法各不相同，不作比较")
            unpacked = tmp_path / "unpacked"
            files = verified(await download(page, address), unpacked)
            index = json.loads(files["index.json"])
            serials = {one["serial"] for one in index["publications"]}
            assert len(serials) == posted + 1
            [brought] = [one for one in index["publications"] if one["handed_in"]]
            assert brought["village"] == ALONE
            assert files[brought["signed"]] == file.read_bytes()

            # Opened where nobody has our program: from the folder, by a double click.
            await page.goto(f"file://{unpacked}/index.html")
            for serial in serials:
                await expect(page.locator("body")).to_contain_text(serial)
            tables = openpyxl.load_workbook(io.BytesIO(files["各村汇总.xlsx"]))
            assert len(tables.sheetnames) == len(serials) + 2
            assert faults == []
    again = servers.command(
        data, "packet", TOWNSHIP, "--period", "2026-10", "-o", str(tmp_path / "again.zip")
    )
    assert again.returncode == 0, again.stderr
    assert servers.command(data, "verify").returncode == 0
