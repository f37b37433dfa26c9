"""The ledger checked from a screen and by a program: a flipped byte is named."""

import asyncio
import re

import factories
import villages
from factories import OTHER_VILLAGE, VILLAGE
from httpx import AsyncClient
from web import ON_SQLITE, Web

from foundation import database


async def checked(browser: AsyncClient, village: str = VILLAGE) -> str:
    """The page that tells what a check found."""
    begun = await browser.post("/ledger/check", data={"village": village})
    assert begun.status_code == 303, begun.text
    for _ in range(100):
        page = (await browser.get(begun.headers["location"])).text
        if "hx-trigger" not in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("the check never came to an end")


async def flip(points: int) -> None:
    """Change an entry behind the program's back, its triggers out of the way."""
    for row in await database.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'", []):
        await database.execute(f'DROP TRIGGER "{row["name"]}"', [])
    await database.execute("UPDATE ledger_entry SET points = ? WHERE seq = 1", [points])


@ON_SQLITE
async def test_a_sound_ledger_is_said_to_be_sound_and_a_flipped_byte_is_named(web: Web) -> None:
    items = await villages.a_village()
    await villages.award(1, items["courtyard"], 7)
    clerk = await web.login("clerk")
    assert re.search(r"全部核对一致：1 笔账", await checked(clerk))
    answer = await clerk.post("/api/v1/verifications", json={"village": VILLAGE})
    assert answer.json() == {"village": VILLAGE, "faults": []}
    await flip(9)
    page = await checked(clerk)
    assert "核对不符" in page
    answer = await clerk.post("/api/v1/verifications", json={"village": VILLAGE})
    assert [fault["seq"] for fault in answer.json()["faults"]] == [1]


@ON_SQLITE
async def test_a_check_belongs_to_who_began_it_and_to_his_own_village(web: Web) -> None:
    await factories.divisions()
    clerk, other = await web.login("clerk"), await web.login("clerk", OTHER_VILLAGE)
    begun = await clerk.post("/ledger/check", data={"village": VILLAGE})
    assert (await other.get(begun.headers["location"])).status_code == 404
    assert (await other.post("/ledger/check", data={"village": VILLAGE})).status_code == 404
    answer = await other.post("/api/v1/verifications", json={"village": VILLAGE})
    assert answer.status_code == 404
    assert (await (await web.login("admin")).get("/ledger/check")).status_code == 403
