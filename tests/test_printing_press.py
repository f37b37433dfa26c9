"""The press: what it may read, what it survives, and that it comes back."""

import asyncio
import base64
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from weasyprint.urls import FatalURLFetchingError

from api import printing_worker
from api.errors import PrintingFailed
from api.printing import Press

PAGE = '<!doctype html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    made = Press(workers=1)
    yield made
    await made.close()


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


async def test_a_document_becomes_a_pdf_with_chinese_and_rare_characters(press: Press) -> None:
    pdf = await press.pdf(PAGE.format(head="", body="<p>积分红榜 㛃 𠮷 䶮 王＊明</p>"))
    assert pdf.startswith(b"%PDF-")
    assert all(char in text_of(pdf) for char in ("积分红榜", "㛃", "𠮷", "䶮", "王＊明"))


async def test_our_own_stylesheets_and_written_in_images_are_read(press: Press) -> None:
    pixel = base64.b64encode(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d494844520000000100000001080000000000"
            "3a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
        )
    ).decode()
    head = '<link rel="stylesheet" href="/assets/css/poster.css">'
    body = f'<img src="data:image/png;base64,{pixel}"><p>好</p>'
    assert (await press.pdf(PAGE.format(head=head, body=body))).startswith(b"%PDF-")


SECRET = "only in a file that no document may read"
WAYS = {
    "stylesheet": '<link rel="stylesheet" href="{}">',
    "image": '<img src="{}">',
    "object": '<object data="{}" type="image/png"></object>',
    "embed": '<embed src="{}" type="image/svg+xml">',
    "import": '<style>@import url("{}");</style>',
    "background": '<style>p {{ background: url("{}") }}</style><p>x</p>',
    "list": '<style>li {{ list-style-image: url("{}") }}</style><ul><li>x</ul>',
    "content": '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    "font": '<style>@font-face {{ font-family: x; src: url("{}") }} * {{ font: 1em x }}</style>x',
    "attachment": '<link rel="attachment" href="{}">',
    "linked attachment": '<a rel="attachment" href="{}">x</a>',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}" width="9" height="9"/></svg>',
    "base": '<base href="{}"><link rel="stylesheet" href="x.css">',
}
ADDRESSES = (
    "file://{folder}/secret.css",
    "FILE://{folder}/secret.css",
    "{folder}/secret.css",
    "//{host}/secret.css",
    "http://{host}/secret.css",
    "https://{host}/secret.css",
    "ftp://{host}/secret.css",
    "https://printing.invalid{folder}/secret.css",
    "https://printing.invalid/assets/../..{folder}/secret.css",
    "https://printing.invalid/assets/%2e%2e/%2e%2e/pyproject.toml",
    "https://printing.invalid/assets/css/../../layout.html",
    "/assets/package.json",
    "/assets/css/no-such.css",
    "../points/ledger.py",
)


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_but_our_assets_is_ever_read(press: Press, way: str, tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text(f'p {{ color: red }} /* {SECRET} */ "{SECRET}"')
    callers: list[str] = []
    server = await asyncio.start_server(
        lambda reader, writer: callers.append(way) or writer.close(), "127.0.0.1", 0
    )
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        for address in ADDRESSES:
            named = WAYS[way].format(address.format(folder=tmp_path, host=host))
            outcome = await outcome_of(press, PAGE.format(head="", body=named))
            # Some ways are not followed at all: then the document is made without the file.
            assert "not an asset of ours" in outcome or "Embedded" not in outcome, address
            assert SECRET not in outcome, address
    assert callers == []


async def outcome_of(press: Press, html: str) -> str:
    """The PDF's bytes and words, or why there is none."""
    try:
        pdf = await press.pdf(html)
    except PrintingFailed as refusal:
        return str(refusal.detail)
    return pdf.decode("latin-1") + text_of(pdf)


def test_an_asset_is_found_by_its_address_and_nothing_beside_it() -> None:
    fetcher = printing_worker.OwnAssets()
    found = fetcher.fetch(f"{printing_worker.ASSETS_URL}css/poster.css")
    assert found.read() == (printing_worker.ASSETS / "css/poster.css").read_bytes()
    for address in (
        f"{printing_worker.ASSETS_URL}css/../../layout.html",
        f"{printing_worker.ASSETS_URL}../../pyproject.toml",
        f"{printing_worker.ASSETS_URL}package.json",
        f"{printing_worker.ASSETS_URL}css",
        f"{printing_worker.ASSETS_URL}/etc/hostname",
        "file:///etc/hostname",
    ):
        with pytest.raises(FatalURLFetchingError):
            fetcher.fetch(address)


async def test_a_document_that_takes_too_long_is_ended_and_the_next_one_is_made(
    press: Press,
) -> None:
    await press.warm()
    endless = PAGE.format(head="", body="<table>" + "<tr><td>好</td></tr>" * 20_000 + "</table>")
    with pytest.raises(PrintingFailed) as refusal:
        await press.pdf(endless, seconds=0.3)
    assert refusal.value.reason == "slow"
    assert (await press.pdf(PAGE.format(head="", body="好"))).startswith(b"%PDF-")


async def test_a_renderer_that_dies_is_replaced(press: Press) -> None:
    await press.warm()
    (before,) = children()
    os.kill(before, 9)
    with pytest.raises(PrintingFailed) as refusal:
        await press.pdf(PAGE.format(head="", body="好"))
    assert refusal.value.reason == "memory"
    assert (await press.pdf(PAGE.format(head="", body="好"))).startswith(b"%PDF-")
    assert children() != [before]


async def test_a_cancelled_request_leaves_no_renderer_at_work(press: Press) -> None:
    await press.warm()
    body = "<table>" + "<tr><td>好</td></tr>" * 20_000 + "</table>"
    printing = asyncio.create_task(press.pdf(PAGE.format(head="", body=body)))
    await asyncio.sleep(0.2)
    printing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await printing
    assert children() == []
    assert (await press.pdf(PAGE.format(head="", body="好"))).startswith(b"%PDF-")


async def test_a_renderer_knows_no_secret_and_few_files(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANGYUE_SECRET", "a secret that no renderer may know of")
    await press.warm()
    (child,) = children()
    assert b"XIANGYUE" not in told_of(child, "environ")
    limits = told_of(child, "limits").decode()
    assert "Max address space         3221225472" in limits
    assert "Max open files            256" in limits
    assert "Max file size             0" in limits


async def test_closing_ends_every_renderer() -> None:
    press = Press(workers=1)
    await press.warm()
    assert len(children()) == 1
    await press.close()
    assert children() == []


def children() -> list[int]:
    """Renderers that this process started and that are still there."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in map(int, listed) if b"printing_worker" in told_of(pid, "cmdline")]


def told_of(pid: int, what: str) -> bytes:
    """What the kernel tells of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except FileNotFoundError:
        return b""
