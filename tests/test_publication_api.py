"""Posted lists over HTTP: published once, handed out as files, taken down, shown to everybody."""

import io
from typing import Any
from uuid import uuid4

import boards
import factories
import httpx
import openpyxl
import pytest
from factories import OTHER_VILLAGE, VILLAGE
from web import Web

from households.models import Household
from points import snapshot, xyp

PUBLICATIONS = "/api/v1/publications"
HEADS = ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    """A clerk's program in a village that has scored its third quarter."""
    await factories.divisions()
    await boards.rule_book()
    for n, head in enumerate(HEADS):
        home = await boards.household(head, name_wall="full", name_web="masked")
        await boards.post(home, 40 - n)
    return await web.program("clerk")


async def publish(caller: httpx.AsyncClient, **more: Any) -> httpx.Response:
    wanted = {"id": str(uuid4()), "region": VILLAGE, "period": "2026Q3", **more}
    return await caller.post(PUBLICATIONS, json=wanted)


async def test_a_list_is_published_once_and_its_file_proves_it(clerk: httpx.AsyncClient) -> None:
    press = str(uuid4())
    receipts = [(await publish(clerk, id=press)).json() for _ in range(2)]
    assert receipts[0] == receipts[1]
    serial = receipts[0]["serial"]
    listed = (await clerk.get(PUBLICATIONS, params={"village": VILLAGE})).json()
    assert (listed["total"], listed["rows"][0]["serial"]) == (1, serial)
    file = await clerk.get(f"{PUBLICATIONS}/{serial}/file.xyp")
    checked = xyp.check(file.content)
    assert (checked.faults, checked.hash) == ((), receipts[0]["hash"])
    table = await clerk.get(f"{PUBLICATIONS}/{serial}/table/xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(table.content)).worksheets[0]
    assert [row[1].value for row in sheet.iter_rows(min_row=4)] == ["罗桂英", "周小勇", "李四"]


@pytest.mark.parametrize(
    ("more", "status", "kind"),
    [
        ({"period": "2026-13"}, 400, "period-unknown"),
        ({"period": "2025Q1"}, 409, "nothing-to-publish"),
        ({"block": "everything"}, 400, "block-unknown"),
        ({"days": 3}, 409, "display-days-refused"),
        ({"region": OTHER_VILLAGE}, 404, "region-not-found"),
        ({"region": factories.TOWNSHIP}, 404, "region-not-found"),
    ],
)
async def test_what_cannot_be_published_is_refused_with_its_reason(
    clerk: httpx.AsyncClient, more: dict[str, Any], status: int, kind: str
) -> None:
    answer = await publish(clerk, **more)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:xiangyue:{kind}")
    assert (await clerk.get(PUBLICATIONS)).json()["total"] == 0


async def test_everybody_reads_the_webs_names_and_what_is_needed_to_check_them(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    receipt = (await publish(clerk)).json()
    page = await web.client().get(f"/p/{receipt['serial']}")
    assert page.status_code == 200
    for shown in ("罗＊英", "周＊勇", "李＊"):
        assert shown in page.text
    for hidden in (*HEADS, receipt["hash"], snapshot.fingerprint(receipt["hash"])):
        assert hidden not in page.text
    assert (await web.client().get("/p/610428106221-2026Q3-99")).status_code == 404


async def test_a_name_is_withdrawn_from_every_list(web: Web, clerk: httpx.AsyncClient) -> None:
    serial = (await publish(clerk)).json()["serial"]
    home = await Household.get(head="周小勇")
    sent = {"household": str(home.id)}
    stranger = await web.program("clerk", OTHER_VILLAGE)
    assert (await stranger.post(f"{PUBLICATIONS}/withdrawals", json=sent)).status_code == 404
    answer = await clerk.post(f"{PUBLICATIONS}/withdrawals", json=sent)
    assert answer.json() == {"publications": 1}
    rows = (await clerk.get(f"{PUBLICATIONS}/{serial}")).json()["rows"]
    assert [(row["name"], row["removed"]) for row in rows] == [
        ("罗桂英", False), ("", True), ("李四", False),
    ]  # fmt: skip
    page = (await web.client().get(f"/p/{serial}")).text
    assert "周＊勇" not in page
    assert "已按本人要求隐去" in page


async def test_another_village_finds_nothing(web: Web, clerk: httpx.AsyncClient) -> None:
    serial = (await publish(clerk)).json()["serial"]
    stranger = await web.program("clerk", OTHER_VILLAGE)
    for tail in ("", "/file.xyp", "/table/csv", "/poster.pdf"):
        assert (await stranger.get(f"{PUBLICATIONS}/{serial}{tail}")).status_code == 404, tail
    hung = await stranger.post(f"{PUBLICATIONS}/{serial}/hung", json={"on": "2026-10-08"})
    assert hung.status_code == 404
    assert (await stranger.get(PUBLICATIONS)).json()["total"] == 0
