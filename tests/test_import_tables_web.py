"""Plain tables through the doors: the screen, the API, slips that are handed out once."""

import asyncio
import io
from typing import Any

import factories
import grids
import httpx
import openpyxl
import pytest
from factories import TOWNSHIP, VILLAGE
from web import ON_SQLITE, Web

from foundation.models import Attachment, AuditLine
from households.models import Official

LIST = grids.xlsx(["姓名", "角色", "管哪里"], ["王秋实", "村文书", "槐庄村"], ["张三", "村长", ""])


@pytest.fixture
async def town(web: Web) -> httpx.AsyncClient:
    await factories.divisions()
    return await web.login("township_official", TOWNSHIP)


async def settled(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    for _ in range(100):
        found: dict[str, Any] = (await client.get(path)).json()
        if found["state"] != "reading":
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("still reading")


async def test_officials_come_in_over_the_api_and_their_first_passwords_open_the_door(
    web: Web, town: httpx.AsyncClient
) -> None:
    sent = await town.post(
        "/api/v1/imports/officials",
        data={"village": TOWNSHIP},
        files={"file": ("名册.xlsx", LIST)},
    )
    assert sent.status_code == 202, sent.text
    path = f"/api/v1/imports/officials/{sent.json()['id']}"
    assert (await settled(town, path))["state"] == "previewed"
    preview = (await town.get(f"{path}/preview")).json()
    assert [line["action"] for line in preview["lines"]] == ["created", "refused"]
    stored = (await town.post(f"{path}/confirm")).json()
    assert (stored["created"], [p["code"] for p in stored["problems"]]) == (
        1,
        ["region_missing", "not_a_choice"],
    )
    assert (await town.post(f"{path}/confirm")).status_code == 409
    made = await Official.get(login="wangqs")
    nobody = web.client()
    for password in ("", "x"):
        refused = await nobody.post("/login", data={"login": "wangqs", "password": password})
        assert refused.status_code != 303, "no password, no door"
    issued = await town.post(
        "/api/v1/officials/first-passwords", json={"officials": [str(made.id)]}
    )
    [slip] = issued.json()
    opened = await nobody.post("/login", data={"login": "wangqs", "password": slip["password"]})
    assert opened.status_code == 303
    assert slip["password"] not in (await Official.get(login="wangqs")).password
    lines = await AuditLine.filter(verb="officials.issue_passwords")
    assert [line.facts for line in lines] == [{"officials": 1}]


@ON_SQLITE
async def test_the_screen_previews_confirms_and_prints_slips_once(
    web: Web, town: httpx.AsyncClient
) -> None:
    blank = await town.get("/officials/import/blank", params={"village": TOWNSHIP})
    assert openpyxl.load_workbook(io.BytesIO(blank.content))["人员名册"]["B2"].value == "姓名"
    sent = await town.post(
        "/officials/import", data={"village": TOWNSHIP}, files={"file": ("名册.xlsx", LIST)}
    )
    page = sent.headers["location"]
    await settled(town, page.replace("/officials/import", "/api/v1/imports/officials"))
    assert "看不懂这里写的" in (await town.get(page)).text
    assert (await town.post(f"{page}/confirm")).status_code == 303
    assert "还没有密码" in (await town.get(page)).text
    begun = await town.post("/officials/slips", data={"village": TOWNSHIP})
    slips = begun.headers["location"]
    for _ in range(400):
        if "取密码条" in (await town.get(slips)).text:
            break
        await asyncio.sleep(0.1)
    first = await town.post(f"{slips}/pdf")
    assert first.content.startswith(b"%PDF")
    assert (await town.post(f"{slips}/pdf")).status_code == 404
    assert (await town.get(slips)).status_code == 404
    assert await Attachment.filter(media_type="application/pdf").count() == 0
    other = await web.login("township_official", TOWNSHIP)
    assert (await other.get(slips)).status_code == 404


@ON_SQLITE
async def test_a_kind_is_reached_by_its_own_addresses_alone(
    web: Web, town: httpx.AsyncClient
) -> None:
    sent = await town.post(
        "/api/v1/imports/officials",
        data={"village": TOWNSHIP},
        files={"file": ("名册.xlsx", LIST)},
    )
    key = sent.json()["id"]
    clerk = await web.login("clerk")
    for path in ("/api/v1/imports", "/api/v1/imports/openings", "/api/v1/imports/scores"):
        assert (await clerk.get(f"{path}/{key}")).status_code == 404
    assert (await clerk.get(f"/api/v1/imports/officials/{key}")).status_code == 403
    nothing = await clerk.post(
        "/entries/openings",
        data={"village": VILLAGE, "on": "2026-06-30"},
        files={"file": ("", b"")},
    )
    assert (nothing.status_code, "请先选一个文件" in nothing.text) == (400, True)
    assert (await clerk.get("/entries/openings/blank", params={"village": VILLAGE})).is_success
    assert await AuditLine.filter(verb="ledger.export_form", village=VILLAGE).count() == 1
    for path in ("/entries/openings", "/scores/import", "/rules/import"):
        assert (await clerk.get(path)).status_code == 200
    lacking = (await clerk.get("/rules/import")).text
    assert ("现在还不能导入" in lacking, "/rules/import/blank" in lacking) == (True, False)
