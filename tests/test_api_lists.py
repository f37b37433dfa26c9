"""Lists over HTTP: filters that say what they mean, pages that link to each other, 304s."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import boards
import factories
import httpx
import pytest
import villages
from factories import OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import Web

from foundation import clock
from points.models import Publication

API = "/api/v1"


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    await villages.a_village(households=5)
    return await web.program("clerk")


async def read(caller: httpx.AsyncClient, path: str, **asked: Any) -> dict[str, Any]:
    answer = await caller.get(f"{API}{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_every_page_of_a_list_links_to_the_next_until_the_last(
    clerk: httpx.AsyncClient,
) -> None:
    address: str | None = f"{API}/households?village={VILLAGE}&sort=-number&page_size=2"
    numbers, pages = [], 0
    while address:
        answer = await clerk.get(address)
        numbers += [row["number"] for row in answer.json()["rows"]]
        pages += 1
        address = answer.links.get("next", {}).get("url")
    assert (numbers, pages) == (["005", "004", "003", "002", "001"], 3)
    assert answer.links["first"]["url"].endswith("page=1")
    assert answer.links["last"]["url"].endswith("page=3")
    assert (await clerk.get(f"{API}/households?page_size=201")).status_code == 400


async def test_what_the_caller_has_already_is_not_sent_again(clerk: httpx.AsyncClient) -> None:
    address = f"{API}/households/{villages.household_id(1)}"
    first = await clerk.get(address)
    tag = first.headers["etag"]
    for known in (tag, f'W/{tag}, "other"', "*"):
        same = await clerk.get(address, headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    sent = {"revision": first.json()["revision"], "changes": {"number": "77"}}
    await clerk.patch(address, json=sent)
    changed = await clerk.get(address, headers={"if-none-match": tag})
    assert (changed.status_code, changed.json()["number"]) == (200, "77")
    assert changed.headers["etag"] != tag
    lost = await clerk.get(f"{API}/households/{UUID(int=1)}", headers={"if-none-match": "*"})
    assert lost.status_code == 404
    assert "etag" not in lost.headers


async def test_an_address_that_does_not_exist_is_answered_as_problem_details(
    clerk: httpx.AsyncClient,
) -> None:
    for path in ("/nothing", "/nothing.json", "/house/holds"):
        lost = await clerk.get(f"{API}{path}", headers={"accept": "*/*"})
        assert lost.status_code == 404, path
        assert lost.headers["content-type"].startswith("application/problem+json"), path
        assert lost.json()["type"] == "urn:xiangyue:http-404", path


async def test_households_that_changed_since_a_cursor(clerk: httpx.AsyncClient) -> None:
    start = (await read(clerk, "/changes", since="latest"))["cursor"]
    assert (await read(clerk, "/households", since=start))["total"] == 0
    for number in (2, 4):
        sent = {"on": str(villages.TODAY), "how": "oral", "wall": "full"}
        at = f"{API}/households/{villages.household_id(number)}/name-choice"
        assert (await clerk.put(at, json=sent)).status_code == 200
    changed = await read(clerk, "/households", since=start)
    assert [row["number"] for row in changed["rows"]] == ["002", "004"]
    unknown = await clerk.get(f"{API}/households", params={"since": "1-x"})
    assert unknown.status_code == 410


async def test_people_are_listed_masked_and_only_those_in_reach(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    people = [
        {"name": "王秀英", "relation": "配偶", "phone": "19912340123", "born_on": "2015-03-01"}
    ]
    new = {"village": VILLAGE, "household": {"head": "张明", "residents": people}}
    made = (await clerk.post(f"{API}/households", json=new)).json()["id"]
    listed = await read(clerk, "/residents", household=made)
    assert [(p["name"], p["phone"], p["is_minor"]) for p in listed["rows"]] == [
        ("张明", "", False),
        ("王秀英", "199****0123", True),
    ]
    assert (await read(clerk, "/residents", q="秀英"))["total"] == 1
    assert (await read(clerk, "/residents", state="left"))["total"] == 0
    stranger = await web.program("clerk", OTHER_VILLAGE)
    assert (await read(stranger, "/residents"))["total"] == 0
    admin = await web.program("admin")
    assert (await admin.get(f"{API}/residents")).status_code == 403


async def test_regions_one_below_the_other(web: Web, clerk: httpx.AsyncClient) -> None:
    groups = await read(clerk, "/regions/list", parent=VILLAGE, level="group", page_size=2)
    assert [one["code"] for one in groups["rows"]] == [f"{VILLAGE}-G01", f"{VILLAGE}-G02"]
    assert groups["total"] == 5
    assert (await read(clerk, "/regions/list", village=OTHER_VILLAGE))["total"] == 0
    township = await web.program("township_official", TOWNSHIP)
    found = await read(township, "/regions/list", level="village", q="西关")
    assert [one["code"] for one in found["rows"]] == [OTHER_VILLAGE]


async def test_posted_lists_by_where_they_stand(web: Web) -> None:
    await factories.divisions()
    await boards.rule_book()
    for n, head in enumerate(("罗桂英", "周小勇", "李四", "王五")):
        await boards.post(await boards.household(head, name_wall="full"), 40 - n)
    clerk = await web.program("clerk")
    serials = []
    for n in range(2):
        wanted = {"id": str(UUID(int=n + 1)), "region": VILLAGE, "period": "2026Q3"}
        answer = await clerk.post(f"{API}/publications", json=wanted)
        assert answer.status_code == 201, answer.text
        serials.append(answer.json()["serial"])

    async def of_state(state: str) -> list[str]:
        found = await read(clerk, "/publications", state=state, region=VILLAGE)
        assert {row["state"] for row in found["rows"]} <= {state}
        return [row["serial"] for row in found["rows"]]

    assert await of_state("superseded") == serials[:1]
    assert await of_state("shown") == serials[1:]
    yesterday = clock.today() - timedelta(days=1)
    await Publication.filter(serial=serials[1]).update(taken_down_on=yesterday)
    assert (await of_state("shown"), await of_state("ended")) == ([], serials[1:])
    start = (await read(clerk, "/changes", since="latest"))["cursor"]
    assert (await read(clerk, "/publications", since=start))["total"] == 0
    wanted = {"id": str(UUID(int=9)), "region": VILLAGE, "period": "2026Q3"}
    third = (await clerk.post(f"{API}/publications", json=wanted)).json()["serial"]
    found = await read(clerk, "/publications", since=start)
    assert {row["serial"] for row in found["rows"]} == {serials[1], third}


async def test_rule_books_by_where_they_stand(clerk: httpx.AsyncClient) -> None:
    draft = {"id": str(UUID(int=5)), "village": VILLAGE, "starter": "plain-village"}
    await clerk.post(f"{API}/rulebooks", json=draft)
    for state, count in (("draft", 1), ("in_force", 1), ("", 2)):
        asked = {"village": VILLAGE, "state": state}
        found = (await clerk.get(f"{API}/rulebooks", params=asked)).json()
        assert len(found) == count, state


async def test_a_households_points_and_what_is_due_in_its_village(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    items = await villages.items_of()
    await villages.award(1, items["courtyard"], 5)
    entry = await villages.award(1, items["waste"], 3)
    await villages.reverse(entry)
    at = f"/households/{villages.household_id(1)}/points"
    points = await read(clerk, at)
    assert (points["balance"], [m["month"] for m in points["months"]]) == (5, ["2026-10"])
    assert points["months"][0]["blocks"] == {"environment": 5}
    due = await read(clerk, f"/today/{VILLAGE}")
    assert (due["households"], due["entries"], due["has_rules"]) == (5, 3, True)
    assert [group["is_posted"] for group in due["groups"]] == [False, False]
    stranger = await web.program("clerk", OTHER_VILLAGE)
    for path in (at, f"/today/{VILLAGE}"):
        assert (await stranger.get(f"{API}{path}")).status_code == 404
