"""The change feed: no committed change is missed, and none is told to others."""

import asyncio
import random
from typing import Any

import factories
import httpx
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from web import ON_SQLITE, Web

from foundation import changes, database
from foundation.changes import Change
from foundation.errors import CursorUnknown
from households import details, name_choices, regions, register
from households.name_choices import NameChoice

CHANGES = "/api/v1/changes"


async def everything(cursor: str = "", *, limit: int = 1000) -> list[Change]:
    return await changes.after(cursor, kinds=("household", "entries"), limit=limit)


@database.transaction
async def change(key: str, *, seconds: float = 0) -> None:
    """A verb that notes its change and then takes its time until the commit."""
    await changes.note("household", [key], village=VILLAGE)
    await asyncio.sleep(seconds)


@database.transaction
async def fail(key: str) -> None:
    await changes.note("household", [key], village=VILLAGE)
    raise RuntimeError(key)


async def test_a_change_that_commits_after_younger_ones_is_still_told(opened: str) -> None:
    slow = asyncio.create_task(change("slow", seconds=0.4))
    await asyncio.sleep(0.1)
    await change("quick")
    seen = await everything()
    await slow
    later = await everything(seen[-1].cursor)
    assert sorted(one.key for one in seen + later) == ["quick", "slow"]
    assert [one.position for one in seen + later] == [1, 2]


@pytest.mark.faults
async def test_followers_of_a_busy_store_miss_nothing_and_agree_on_the_order(opened: str) -> None:
    drawn = random.Random(20261122)
    over = asyncio.Event()

    async def write(name: str) -> None:
        for n in range(12):
            await asyncio.sleep(drawn.random() / 50)
            if drawn.random() < 0.2:
                with pytest.raises(RuntimeError):
                    await fail(f"never {name} {n}")
            await change(f"{name} {n}", seconds=drawn.random() / 50)

    async def follow() -> list[str]:
        seen: list[str] = []
        cursor = ""
        while True:
            last_round = over.is_set()
            found = await everything(cursor, limit=5)
            seen += [one.key for one in found]
            cursor = found[-1].cursor if found else cursor
            if last_round and not found:
                return seen
            await asyncio.sleep(drawn.random() / 100)

    followers = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.gather(*(write(f"writer {n}") for n in range(6)))
    over.set()
    seen = [await one for one in followers]
    assert seen[0] == seen[1] == seen[2]
    assert sorted(seen[0]) == sorted(f"writer {w} {n}" for w in range(6) for n in range(12))


async def test_a_cursor_of_another_store_is_refused(opened: str) -> None:
    await change("one")
    [known] = await everything()
    number, _, mark = known.cursor.partition("-")
    for cursor in (f"{number}-000000000000", f"9-{mark}", "1", "x", "9" * 40, "-", "１-a"):
        with pytest.raises(CursorUnknown):
            await everything(cursor)
    assert await everything(known.cursor) == []


async def test_what_a_verb_changes_is_told_and_what_it_only_shows_is_not(opened: str) -> None:
    items = await villages.a_village(households=3)
    start = await changes.latest()
    one, two = villages.household_id(1), villages.household_id(2)
    await villages.award(1, items["courtyard"], 5)
    await villages.award(1, items["courtyard"], 5, on=villages.TODAY.replace(month=9))
    chosen = [NameChoice(one, "masked"), NameChoice(two, "full")]
    await name_choices.choose_names(chosen, on=villages.TODAY, how="oral", by=OPERATOR)
    made = await register.create_many(
        VILLAGE, [details.HouseholdDetails(head=head) for head in ("新户", "又一户")], by=OPERATOR
    )
    group = await regions.create_local(VILLAGE, level="group", name="新组", by=OPERATOR)
    told = await changes.after(
        start, kinds=("entries", "household", "region", "official"), limit=100
    )
    assert [(each.kind, each.key) for each in told] == [
        ("entries", "1-1"),
        ("entries", "2-2"),
        ("household", str(one)),
        ("household", str(two)),
        *(("household", str(key)) for key in made),
        ("region", group.code),
    ]
    assert {each.village for each in told} == {VILLAGE}


# -- over HTTP ----------------------------------------------------------------------------


async def follow(caller: httpx.AsyncClient, cursor: str = "", **asked: Any) -> dict[str, Any]:
    answer = await caller.get(CHANGES, params={"since": cursor, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def clerk(web: Web) -> httpx.AsyncClient:
    await villages.a_village(households=3)
    return await web.program("clerk")


async def test_a_program_follows_and_reads_what_is_there_now(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    start = (await follow(clerk, "latest"))["cursor"]
    items = await villages.items_of()
    for n in (1, 2, 3):
        await villages.award(n, items["courtyard"], n)
    household = villages.household_id(1)
    card = (await clerk.get(f"/api/v1/households/{household}")).json()
    change = {"revision": card["revision"], "changes": {"number": "77"}}
    await clerk.patch(f"/api/v1/households/{household}", json=change)
    told = await follow(clerk, start)
    assert [each["kind"] for each in told["changes"]] == ["entries"] * 3 + ["household"]
    entries = [(await clerk.get(each["href"])).json() for each in told["changes"][:3]]
    assert [[e["points"] for e in page["entries"]] for page in entries] == [[1], [2], [3]]
    assert (await clerk.get(told["changes"][3]["href"])).json()["number"] == "77"
    assert (await follow(clerk, told["cursor"]))["changes"] == []
    unknown = await clerk.get(CHANGES, params={"since": "7-nonsense"})
    assert (unknown.status_code, unknown.json()["type"]) == (410, "urn:xiangyue:cursor-unknown")


async def test_one_thing_changed_often_is_told_once_in_an_answer(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    start = (await follow(clerk, "latest"))["cursor"]
    household = villages.household_id(1)
    for n in range(3):
        sent = {"on": str(villages.TODAY), "how": "oral", "wall": ("full", "masked", "full")[n]}
        await clerk.put(f"/api/v1/households/{household}/name-choice", json=sent)
    told = await follow(clerk, start)
    assert [each["id"] for each in told["changes"]] == [str(household)]


async def test_nobody_is_told_of_the_village_next_door_or_of_what_he_may_not_read(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    start = (await follow(clerk, "latest"))["cursor"]
    items = await villages.items_of()
    await villages.award(1, items["courtyard"], 5)
    await clerk.put(
        f"/api/v1/households/{villages.household_id(1)}/name-choice",
        json={"on": str(villages.TODAY), "how": "oral", "wall": "full"},
    )
    stranger = await web.program("clerk", OTHER_VILLAGE)
    told = await follow(stranger, start)
    assert (told["changes"], told["cursor"] != start) == ([], True)
    auditor = await web.program("auditor", factories.TOWNSHIP)
    assert [each["kind"] for each in (await follow(auditor, start))["changes"]] == ["entries"]
    grid_worker = await web.program("grid_worker", f"{VILLAGE}-G01")
    assert (await follow(grid_worker, start))["changes"] == []


@ON_SQLITE
async def test_who_waits_is_told_as_soon_as_something_changes(
    web: Web, clerk: httpx.AsyncClient
) -> None:
    start = (await follow(clerk, "latest"))["cursor"]
    waiting = asyncio.create_task(follow(clerk, start, wait=5))
    await asyncio.sleep(0.7)
    assert not waiting.done()
    items = await villages.items_of()
    await villages.award(1, items["courtyard"], 5)
    told = await asyncio.wait_for(waiting, 5)
    assert [each["kind"] for each in told["changes"]] == ["entries"]


async def test_the_chain_is_read_in_pages_without_gaps(clerk: httpx.AsyncClient) -> None:
    items = await villages.items_of()
    for n in (1, 2, 3):
        await villages.award(n, items["courtyard"], n)
    asked = {"village": VILLAGE, "limit": 2}
    first = (await clerk.get("/api/v1/entries/chain", params=asked)).json()
    second = (await clerk.get("/api/v1/entries/chain", params={**asked, "after": 2})).json()
    assert ([e["seq"] for e in first["entries"]], first["more"]) == ([1, 2], True)
    assert ([e["seq"] for e in second["entries"]], second["more"]) == ([3], False)
    assert second["entries"][0]["prev_hash"] == first["entries"][1]["hash"]
