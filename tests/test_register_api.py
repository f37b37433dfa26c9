"""The register over HTTP: the same answers and refusals as the verbs, for programs."""

import asyncio
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import factories
import httpx
import openpyxl
import pytest
from factories import OTHER_VILLAGE, VILLAGE, id_number
from web import Web

from foundation import clock

DATA = Path(__file__).parent / "data"
PHONE = "19912340123"
HOUSEHOLDS = "/api/v1/households"


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    await factories.divisions()
    return await web.program("clerk")


async def create(clerk: httpx.AsyncClient, head: str, **fields: Any) -> dict[str, Any]:
    sent = {"village": VILLAGE, "household": {"head": head, **fields}}
    answer = await clerk.post(HOUSEHOLDS, json=sent)
    assert answer.status_code == 201, answer.text
    return (await clerk.get(f"{HOUSEHOLDS}/{answer.json()['id']}")).json()  # type: ignore[no-any-return]


async def test_a_household_from_its_coming_to_its_return(clerk: httpx.AsyncClient) -> None:
    card = await create(clerk, "张明", number="7", phone=PHONE, group=f"{VILLAGE}-G01")
    assert (card["phone"], card["group_name"], card["revision"]) == (
        "199****0123", "第一村民小组", 1,
    )  # fmt: skip
    own = f"{HOUSEHOLDS}/{card['id']}"
    changed = await clerk.patch(own, json={"revision": 1, "changes": {"number": "8"}})
    assert (changed.json()["number"], changed.json()["phone"]) == ("8", "199****0123")
    late = await clerk.patch(own, json={"revision": 1, "changes": {"number": "9"}})
    assert (late.status_code, late.json()["type"]) == (409, "urn:xiangyue:household-changed")
    assert late.headers["content-type"] == "application/problem+json"
    added = await clerk.post(
        "/api/v1/residents",
        json={"household": card["id"], "revision": 2, "resident": {
            "name": "王秀英", "relation": "配偶", "id_number": id_number(2)}},
    )  # fmt: skip
    assert added.json() == {"revision": 3}
    today = str(clock.today())
    left = await clerk.post(f"{own}/leave", json={"revision": 3, "on": today})
    assert (left.json()["state"], left.json()["left_on"]) == ("left", today)
    back = await clerk.post(f"{own}/come-back", json={"revision": 4})
    assert (back.json()["state"], back.json()["revision"]) == ("active", 5)


async def test_a_person_is_changed_leaves_and_is_recognised(clerk: httpx.AsyncClient) -> None:
    card = await create(
        clerk, "张明", residents=[{"name": "王秀英", "relation": "配偶", "id_number": id_number(2)}]
    )
    wife = f"/api/v1/residents/{card['residents'][1]['id']}"
    changed = await clerk.patch(wife, json={"revision": 1, "changes": {"phone": PHONE}})
    assert changed.json() == {"revision": 2}
    shown = await clerk.post(f"{wife}/unmask", json={"field": "phone", "purpose": "通知"})
    assert shown.json() == {"value": PHONE}
    hidden = await clerk.post(f"{wife}/unmask", json={"field": "id_number", "purpose": "核对"})
    assert hidden.status_code == 409
    for number, fits in ((id_number(2), True), (id_number(4), False)):
        answer = await clerk.post(f"{wife}/check-id", json={"id_number": number, "purpose": "核对"})
        assert answer.json() == {"fits": fits}
    left = await clerk.post(f"{wife}/leave", json={"revision": 2})
    assert left.json() == {"revision": 3}
    head = f"/api/v1/residents/{card['residents'][0]['id']}"
    refused = await clerk.post(f"{head}/leave", json={"revision": 3})
    assert (refused.status_code, refused.json()["code"]) == (400, "head_leaves")


async def test_the_list_is_filtered_searched_and_paged(clerk: httpx.AsyncClient) -> None:
    for number in range(1, 6):
        await create(clerk, f"张{'甲乙丙丁戊'[number - 1]}", number=str(number))
    page = (await clerk.get(HOUSEHOLDS, params={"page_size": 2, "page": 2})).json()
    assert ([row["number"] for row in page["rows"]], page["total"]) == (["3", "4"], 5)
    found = (await clerk.get(HOUSEHOLDS, params={"q": "丙"})).json()
    assert [row["head"] for row in found["rows"]] == ["张丙"]
    assert (await clerk.get(HOUSEHOLDS, params={"state": "left"})).json()["total"] == 0
    for wrong in ({"page": "x"}, {"sort": "phone"}, {"state": "gone"}):
        assert (await clerk.get(HOUSEHOLDS, params=wrong)).status_code == 400


async def test_another_village_and_another_role_get_nothing(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    card = await create(clerk, "张明", phone=PHONE)
    stranger, scorer = await web.program("clerk", OTHER_VILLAGE), await web.program("scorer")
    own, resident = f"{HOUSEHOLDS}/{card['id']}", f"/api/v1/residents/{card['residents'][0]['id']}"
    look = {"purpose": "核对"}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", own, {"revision": 1, "changes": {"number": "8"}}),
        ("POST", f"{own}/leave", {"revision": 1, "on": str(clock.today())}),
        ("POST", f"{own}/phone", look),
        ("POST", f"{own}/restricted", look),
        ("PUT", f"{own}/name-choice", {"on": str(clock.today()), "how": "oral", "wall": "full"}),
        ("PATCH", resident, {"revision": 1, "changes": {"name": "王五"}}),
        ("POST", f"{resident}/unmask", {"field": "phone", **look}),
        ("POST", f"{resident}/check-id", {"id_number": id_number(1), **look}),
    ]
    assert (await stranger.get(own)).status_code == 404
    assert (await scorer.get(own)).status_code == 200
    for method, path, body in acts:
        assert (await stranger.request(method, path, json=body)).status_code == 404, path
        assert (await scorer.request(method, path, json=body)).status_code == 403, path
        assert (await web.client().request(method, path, json=body)).status_code == 401, path
    sent = {"village": VILLAGE, "household": {"head": "李四"}}
    assert (await stranger.post(HOUSEHOLDS, json=sent)).status_code == 404
    assert (await clerk.get(own)).json()["revision"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"village": VILLAGE, "household": {"head": "张明", "phone": "12"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张明", "joined_on": "2999-01-01"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张明", "nickname": "x"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张明", "group": f"{OTHER_VILLAGE}-G01"}}, 404),
        ({"village": VILLAGE, "household": {"head": "张\u0000明"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张明", "address": "a\u0000b"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张明", "number": "\u0000"}}, 400),
        ({"village": VILLAGE, "household": {"head": "张" * 61}}, 400),
        ({"village": "1", "household": {"head": "张明"}}, 404),
        ({"village": "\u0000", "household": {"head": "张明"}}, 400),
        ({}, 400),
    ],
)
async def test_what_cannot_be_is_refused_with_a_reason(
    clerk: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    answer = await clerk.post(HOUSEHOLDS, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_odd_searches_are_searches(clerk: httpx.AsyncClient) -> None:
    await create(clerk, "张明")
    for text in (
        "\u0000",
        "'; DROP TABLE household; --",
        "%",
        "\\",
        "９" * 400,
        "😀",
        " ",
    ):
        answer = await clerk.get(HOUSEHOLDS, params={"q": text, "group": text, "village": text})
        assert answer.status_code == (400 if "\0" in text or len(text) > 12 else 200), text
        found = await clerk.get(HOUSEHOLDS, params={"q": text})
        assert found.status_code == (400 if "\0" in text else 200), text


async def test_choices_are_recorded_for_one_and_for_many(clerk: httpx.AsyncClient) -> None:
    cards = [await create(clerk, f"张{name}") for name in "甲乙"]
    day = str(clock.today() - timedelta(days=1))
    one = await clerk.put(
        f"{HOUSEHOLDS}/{cards[0]['id']}/name-choice",
        json={"on": day, "how": "oral", "wall": "full", "web": "unnamed"},
    )
    assert (one.json()["name_wall"], one.json()["name_chosen_on"]) == ("full", day)
    sent = [{"household": card["id"], "wall": "masked"} for card in cards]
    path = f"{HOUSEHOLDS}/name-choices"
    many = await clerk.post(path, json={"on": day, "how": "paper_sheet", "choices": sent})
    assert many.json() == {"changed": 2}
    rows = (await clerk.get(path, params={"village": VILLAGE})).json()
    assert [(row["wall"], row["web"]) for row in rows] == [("masked", "unnamed"), ("masked", "")]
    sent.append({"household": str(uuid4()), "wall": "full"})
    missing = await clerk.post(path, json={"on": day, "how": "paper_sheet", "choices": sent})
    assert missing.status_code == 404


async def test_a_workbook_goes_through_its_steps(web: Web, clerk: httpx.AsyncClient) -> None:
    content = (DATA / "huaizhuang-households.xlsx").read_bytes()
    key = str(uuid4())
    for _ in range(2):  # a reply that was lost, and the same again
        sent = await clerk.post(
            "/api/v1/imports",
            data={"village": VILLAGE, "id": key},
            files={"file": ("台账.xlsx", content)},
        )
        assert (sent.status_code, sent.json()["id"]) == (202, key), sent.text
    own = f"/api/v1/imports/{key}"
    for _ in range(200):
        if (await clerk.get(own)).json()["state"] != "reading":
            break
        await asyncio.sleep(0.1)
    preview = (await clerk.get(f"{own}/preview")).json()
    assert (preview["result"]["created"], len(preview["result"]["problems"])) == (300, 20)
    stranger = await web.program("clerk", OTHER_VILLAGE)
    assert (await stranger.get(own)).status_code == 404
    assert (await stranger.post(f"{own}/confirm")).status_code == 404
    assert (await clerk.post(f"{own}/confirm")).json()["created"] == 300
    assert (await clerk.post(f"{own}/confirm")).status_code == 409
    assert (await clerk.delete(own)).status_code == 409
    assert (await clerk.get("/api/v1/imports", params={"village": VILLAGE})).json()[0]["id"] == key


async def test_an_export_is_a_file_and_needs_its_permissions(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    await create(clerk, "张明", number="7", phone=PHONE)
    path, body = f"{HOUSEHOLDS}/export", {"village": VILLAGE, "purpose": "入户核对"}
    answer = await clerk.post(path, json=body)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == ["7", "张明", "张明"]
    csv = await clerk.post(path, json={**body, "format": "csv", "wanted": {"numbers": True}})
    assert PHONE in csv.content.decode("utf-8-sig")
    assert (await clerk.post(path, json={**body, "purpose": ""})).status_code == 400
    assert (await (await web.program("scorer")).post(path, json=body)).status_code == 403


async def test_ids_that_are_none_are_not_found(clerk: httpx.AsyncClient) -> None:
    assert (await clerk.get(f"{HOUSEHOLDS}/{UUID(int=0)}")).status_code == 404
    assert (await clerk.get(f"{HOUSEHOLDS}/nonsense")).status_code == 404
