"""A township's packet: everything that hangs and nothing more, every hash in its index true."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boards
import factories
import openpyxl
import pytest
from factories import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from test_incoming_files import Handed, handed  # noqa: F401 - a fixture
from web import ON_SQLITE, Web

from api import packets
from foundation import clock, signing
from foundation.models import Attachment, AuditLine
from households.errors import RegionNotFound
from households.models import Household
from points import incoming, packet, publication, published, xyp
from points.errors import NothingInPacket, PacketTooLarge
from points.period import Period

QUARTER = Period.parse("2026Q3")
HEADS = ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")
OFFICIAL = factories.official("township_official", TOWNSHIP)


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    factories.hold_keys()
    with clock.stopped_at(boards.NOW):
        yield


async def scored() -> list[Household]:
    await factories.divisions()
    await boards.rule_book(voted=True)
    homes = [await boards.household(head, name_wall="full", name_web="masked") for head in HEADS]
    for n, home in enumerate(homes):
        await boards.post(home, 100 - n)
    return homes


async def publish(period: str = "2026Q3") -> str:
    id, chosen = uuid4(), Period.parse(period)
    return (await publication.publish(VILLAGE, id=id, period=chosen, by=boards.OPERATOR)).serial


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def index_of(files: dict[str, bytes]) -> Any:
    return json.loads(files["index.json"])


async def plain(code: str = TOWNSHIP, period: Period = QUARTER) -> dict[str, bytes]:
    """A packet with stand-ins for posters, as if a quick press had drawn them."""
    held = await packet.contents(code, period=period, actor=OFFICIAL)
    files = await packet.files(held, posters=dict.fromkeys(held.serials, b"%PDF-"))
    index = packet.index(held, files)
    files["index.json"] = json.dumps(
        {"publications": [one.serial for one in index.publications], "silent": index.silent}
    ).encode()
    return unpacked(packet.zipped(files))


def wall_rows(files: dict[str, bytes], sheet: int = 1) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(files[packet.TABLES]))
    return list(book.worksheets[sheet].iter_rows(min_row=4, values_only=True))


@ON_SQLITE
async def test_every_hash_in_the_index_is_true_and_every_file_is_in_it(web: Web) -> None:
    await scored()
    serial = await publish()
    browser = await web.login("township_official", TOWNSHIP)
    asked = {"region": TOWNSHIP, "period": "2026Q3"}
    answer = await browser.get("/packets/packet.zip", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    files = unpacked(answer.content)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "SHA256SUMS"
    }
    index = index_of(files)
    listed = {one["path"]: (one["size"], one["sha256"]) for one in index["files"]}
    assert set(listed) == set(files) - {"SHA256SUMS", "index.json"}
    assert all(
        listed[name] == (len(files[name]), hashlib.sha256(files[name]).hexdigest())
        for name in listed
    )
    [one] = index["publications"]
    checked = xyp.check(files[one["signed"]])
    assert (one["serial"], checked.faults) == (serial, ())
    assert (one["snapshot_sha256"], one["key_id"]) == (checked.hash, checked.key_id)
    assert one["key_id"] == signing.key_id(signing.public_key())
    assert files[one["poster"]].startswith(b"%PDF-")
    page = files["index.html"].decode()
    assert all(listed[path][1] in page for path in (one["poster"], one["signed"], packet.TABLES))
    logged = await AuditLine.get(verb="publications.packet")
    assert (logged.facts["purpose"], logged.facts["publications"]) == (packet.PURPOSE, 1)


@ON_SQLITE
async def test_the_same_store_on_the_same_day_gives_the_same_bytes(web: Web) -> None:
    await scored()
    await publish()
    caller = await web.program("auditor", COUNTY)
    asked = {"region": TOWNSHIP, "period": "2026Q3"}
    path = "/api/v1/packets/packet.zip"
    first = (await caller.get(path, params=asked)).content
    await Attachment.all().delete()  # drawn again, not remembered
    with clock.stopped_at(boards.NOW + timedelta(minutes=5)):
        assert (await caller.get(path, params=asked)).content == first


async def test_names_stand_as_on_the_wall_and_one_taken_down_is_gone(opened: str) -> None:
    homes = await scored()
    serial = await publish()
    await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
    files = await plain()
    assert [row[4] for row in wall_rows(files)] == ["罗桂英", "已按本人要求隐去", "李四"]
    assert not any("周小勇".encode() in content for content in files.values())
    signed = xyp.check(files[f"签名文件/{serial}.xyp"])
    assert [line.content is None for line in signed.lines] == [False, True, False] * 2


@pytest.mark.parametrize("why", ["ended", "taken down", "superseded"])
async def test_what_no_longer_hangs_leaves_its_proof_and_no_row(opened: str, why: str) -> None:
    await scored()
    serial = await publish()
    if why == "taken down":
        await publication.mark_taken_down(serial, on=clock.today(), by=boards.OPERATOR)
    if why == "superseded":
        await publish()
    later = timedelta(days=11 if why == "ended" else 0)
    with clock.stopped_at(boards.NOW + later):
        files = await plain()
    assert not any(name.startswith(f"红榜/{serial}") for name in files)
    signed = xyp.check(files[f"签名文件/{serial}.xyp"])
    assert (signed.faults, [line.content for line in signed.lines]) == ((), [None] * 6)
    rows = [row for row in wall_rows(files) if row[-1] == serial]
    assert len(rows) == 1
    assert "名单已收起" in rows[0][4]
    if why != "superseded":
        assert not any("罗桂英".encode() in content for content in files.values())


async def test_a_list_handed_in_stands_beside_the_others(
    handed: Handed,  # noqa: F811
    opened: str,
) -> None:
    await factories.divisions()
    for name in ("first", "second"):
        await incoming.take_in(handed.files[name], by=OFFICIAL, confirm=handed.key)
    held = await packet.contents(TOWNSHIP, period=QUARTER, actor=OFFICIAL)
    assert [(one.handed_in, one.key_id, one.state) for one in held.entries] == [
        (True, handed.key, "superseded"),
        (True, handed.key, "shown"),
    ]
    files = await plain()
    assert files[held.entries[1].signed] == handed.files["second"]
    assert held.silent == ("西关村",)


async def test_a_quarter_takes_its_months_along_and_nothing_else(opened: str) -> None:
    await scored()
    lists = {period: await publish(period) for period in ("2026-09", "2026Q3", "2026")}

    async def found(period: str) -> list[str]:
        held = await packet.contents(TOWNSHIP, period=Period.parse(period), actor=OFFICIAL)
        return [one.period for one in held.entries]

    assert await found("2026-09") == ["2026-09"]
    assert await found("2026Q3") == ["2026-09", "2026Q3"]
    assert await found("2026") == list(lists)


async def test_an_empty_period_a_place_out_of_reach_and_too_many_lists_are_refused(
    opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scored()
    with pytest.raises(NothingInPacket):
        await packet.contents(TOWNSHIP, period=QUARTER, actor=OFFICIAL)
    await publish()
    with pytest.raises(RegionNotFound):
        await packet.contents(COUNTY, period=QUARTER, actor=OFFICIAL)
    monkeypatch.setattr(packet, "PUBLICATIONS_MAX", 0)
    with pytest.raises(PacketTooLarge):
        await packet.contents(TOWNSHIP, period=QUARTER, actor=OFFICIAL)


@ON_SQLITE
async def test_posters_are_ready_soon_after_posting_without_anybodys_asking(web: Web) -> None:
    await scored()
    clerk = await web.program("clerk")
    body = {"id": str(uuid4()), "region": VILLAGE, "period": "2026Q3"}
    serial = (await clerk.post("/api/v1/publications", json=body)).json()["serial"]
    for _ in range(300):
        kept = await Attachment.filter(purpose="poster").values_list("id", flat=True)
        if len(kept) == len(published.PAPERS):
            break
        await asyncio.sleep(0.1)
    assert {published.poster_id(serial, paper=p) for p in published.PAPERS} == set(kept)
    assert await packets.ready([serial, "none"]) == {serial}


@ON_SQLITE
async def test_the_page_prepares_shows_how_far_it_is_and_then_offers_the_download(
    web: Web,
) -> None:
    await scored()
    await publish()
    browser = await web.login("county_official", COUNTY)
    asked = {"region": TOWNSHIP, "period": "2026Q3"}
    assert "准备红榜包" in (await browser.get("/packets", params=asked)).text
    sent = await browser.post("/packets", data=asked)
    assert sent.status_code == 303
    for _ in range(300):
        page = (await browser.get(sent.headers["location"])).text
        if "packet.zip" in page:
            break
        assert 'max="1"' in page  # the bar
        await asyncio.sleep(0.1)
    assert "packet.zip?region=" in page


async def test_a_village_without_a_list_is_named_as_silent(opened: str) -> None:
    await scored()
    await publish()
    assert json.loads((await plain())["index.json"])["silent"] == ["西关村"]
    assert OTHER_VILLAGE not in (await plain())["index.json"].decode()


def test_no_name_in_a_packet_leaves_its_folder() -> None:
    assert packet._path("../../etc/passwd-甲村:*?") == "etcpasswd-甲村"
    assert Path(packet._path("一" * 200)).name == "一" * 80
