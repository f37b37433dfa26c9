"""Pages of the paper passbook, and everything about passbooks by API and command line."""

import asyncio
import sqlite3
from pathlib import Path
from uuid import UUID, uuid4

import factories
import httpx
import pytest
import servers
import villages
from factories import OTHER_VILLAGE, VILLAGE
from test_passbook_pages import phone, reachable  # noqa: F401 - a fixture
from test_passbooks import OTHER_PIN, PIN, opened_book, slip_of
from villages import CLERK, household_id, raw
from web import ON_SQLITE, Web

from foundation import actors, database
from households.errors import HouseholdNotFound, NotAllowed
from households.models import Household
from points import passbook, passbook_pages
from points.errors import IdTaken, NothingToPrint, PassbookPageNotFound
from points.models import PassbookPage


async def print_page(number: int = 1, *, id: UUID | None = None) -> PassbookPage:
    return await passbook_pages.add(household_id(number), id=id or uuid4(), by=CLERK)


@pytest.mark.usefixtures("opened")
async def test_each_page_goes_on_where_the_one_before_ended() -> None:
    items = await villages.a_village()
    for _ in range(2):
        await villages.award(1, items["volunteer"], 5)
    await villages.award(2, items["courtyard"], 20)
    first = await print_page()
    assert (first.number, first.opening, first.closing, first.entries) == (1, 0, 10, 2)
    with pytest.raises(NothingToPrint):
        await print_page()
    entry = await villages.award(1, items["courtyard"], 18)
    await villages.reverse(entry)
    second = await print_page()
    assert (second.number, second.opening, second.closing, second.entries) == (2, 10, 10, 2)
    assert second.closing == await passbook.balance(household_id(1))
    again = await passbook_pages.content(household_id(1), 1, by=CLERK)
    assert [one.line.entry.points for one in again.entries] == [5, 5]
    assert all(one.clause == "1" for one in again.entries)
    with pytest.raises(PassbookPageNotFound):
        await passbook_pages.content(household_id(1), 3, by=CLERK)


@pytest.mark.usefixtures("opened")
async def test_the_same_press_twice_is_one_page_and_two_presses_at_once_share_no_entry() -> None:
    items = await villages.a_village()
    await villages.award(1, items["courtyard"], 18)
    made = uuid4()
    pages = await asyncio.gather(*(print_page(id=made) for _ in range(3)))
    assert {page.number for page in pages} == {1}
    with pytest.raises(IdTaken):
        await print_page(2, id=made)
    await villages.award(1, items["volunteer"], 5)
    answers = await asyncio.gather(print_page(), print_page(), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NothingToPrint", "PassbookPage"]


async def test_l3_the_passbook_agrees_with_a_recomputation_from_raw_rows(opened: str) -> None:
    items = await villages.a_village()
    for number in (1, 2, 3):
        await villages.award(number, items["courtyard"], number)
        entry = await villages.award(number, items["volunteer"], 5)
    await villages.reverse(entry)
    async with raw(opened) as sql:
        rows = await sql("SELECT household_id, points FROM ledger_entry")
    for number in (1, 2, 3):
        mine = [row["points"] for row in rows if row["household_id"] == str(household_id(number))]
        book = await passbook.book(household_id(number))
        assert book.balance == sum(mine)
        shown, total = await passbook.entries(household_id(number), village=VILLAGE, page=1)
        assert (total, sum(one.line.entry.points for one in shown)) == (len(mine), sum(mine))


@pytest.mark.usefixtures("opened")
async def test_a_page_is_printed_by_the_household_itself_or_its_office_alone() -> None:
    items = await villages.a_village()
    await villages.award(1, items["courtyard"], 18)
    neighbour = actors.household(household_id(2))
    with pytest.raises(HouseholdNotFound):
        await passbook_pages.add(household_id(1), id=uuid4(), by=neighbour)
    with pytest.raises(NotAllowed):
        await passbook_pages.add(household_id(1), id=uuid4(), by=factories.official("scorer"))
    other = factories.official("clerk", OTHER_VILLAGE)
    with pytest.raises(HouseholdNotFound):
        await passbook_pages.add(household_id(1), id=uuid4(), by=other)
    own = await passbook_pages.add(
        household_id(1), id=uuid4(), by=actors.household(household_id(1))
    )
    assert own.printed_by == f"household:{household_id(1)}"


@ON_SQLITE
async def test_a_resident_prints_a_page_from_the_phone_and_the_office_prints_it_again(
    reachable: Web,  # noqa: F811
) -> None:
    items = await villages.a_village()
    await villages.award(1, items["courtyard"], 18)
    slip, token = await opened_book()
    one, made = phone(reachable, token), {"id": str(uuid4())}
    for _ in range(2):
        done = await one.post(f"/h/{slip.card}/pages", data=made)
        assert done.headers["location"] == f"/h/{slip.card}/pages/1"
    pdf = await one.get(f"/h/{slip.card}/pages/1")
    assert pdf.content.startswith(b"%PDF-")
    nothing = await one.post(f"/h/{slip.card}/pages", data={"id": "nonsense"})
    assert nothing.headers["location"] == f"/h/{slip.card}/mine"
    assert (await one.get(f"/h/{slip.card}/pages/2")).status_code == 404
    clerk = await reachable.login("clerk")
    assert "/pages/1" in (await clerk.get(f"/households/{household_id(1)}")).text
    again = await clerk.get(f"/passbooks/{household_id(1)}/pages/1")
    assert again.content.startswith(b"%PDF-")


def bearer(web: Web, token: str) -> httpx.AsyncClient:
    """A household's own program."""
    caller = web.client(authorization=f"Bearer {token}")
    del caller.headers["sec-fetch-site"]
    return caller


async def test_a_program_opens_a_passbook_with_card_and_pin_alone(web: Web) -> None:
    items = await villages.a_village()
    entry = await villages.award(1, items["courtyard"], 18, reason="院子干净")
    slip = await slip_of(1)
    at, nobody = f"/api/v1/h/{slip.card}", web.client()
    given = {"code": slip.first_code, "pin": PIN}
    token = (await nobody.post(f"{at}/first", json=given)).json()["token"]
    assert (await nobody.post(f"{at}/open", json={"pin": "998877"})).status_code == 401
    mine = bearer(web, token)
    book = (await mine.get(at)).json()
    assert (book["head"], book["balance"], book["posted"]) == ("户主1", 18, None)
    [row] = (await mine.get(f"{at}/entries")).json()["rows"]
    assert (row["id"], row["clause"], row["reason"]) == (str(entry.id), "1", "院子干净")
    assert CLERK.name not in str(row)
    chosen = await mine.put(f"{at}/names", json={"wall": "masked", "web": "unnamed"})
    assert chosen.status_code == 204
    assert (await Household.get(id=household_id(1))).name_wall == "masked"
    assert (await mine.post(f"{at}/pages", json={"id": str(uuid4())})).json()["number"] == 1
    changed = await mine.put(f"{at}/pin", json={"old": PIN, "new": OTHER_PIN})
    fresh = bearer(web, changed.json()["token"])
    assert (await mine.get(at)).status_code == 401
    assert (await fresh.delete(f"{at}/session")).status_code == 204
    assert (await fresh.get(at)).status_code == 401


async def test_a_households_token_opens_no_officials_room_and_no_other_card(web: Web) -> None:
    await villages.settle()
    mine, token = await opened_book(1)
    theirs, _ = await opened_book(2, OTHER_PIN)
    caller = bearer(web, token)
    for path in ("households", "officials/me", "entries", f"households/{household_id(1)}"):
        assert (await caller.get(f"/api/v1/{path}")).status_code == 401
    assert (await caller.get(f"/api/v1/h/{theirs.card}")).status_code == 404
    by_cookie = phone(web, token)
    assert (await by_cookie.get(f"/api/v1/h/{mine.card}")).status_code == 401
    official = await web.program("clerk")
    assert (await official.get(f"/api/v1/h/{mine.card}")).status_code == 401
    assert (await (await web.login("clerk")).get(f"/h/{mine.card}/mine")).status_code == 303


@ON_SQLITE
async def test_the_office_prints_and_resets_by_program(reachable: Web) -> None:  # noqa: F811
    await villages.settle()
    await opened_book(1)
    clerk = await reachable.program("clerk")
    asked = {"village": VILLAGE, "households": [str(household_id(2))]}
    printed = await clerk.post("/api/v1/passbooks/print", json=asked)
    assert printed.content.startswith(b"%PDF-")
    cards = (await clerk.get("/api/v1/passbooks", params={"village": VILLAGE})).json()
    assert sorted(row["state"] for row in cards["rows"]) == ["none"] * 4 + ["open", "printed"]
    reset = await clerk.post(f"/api/v1/passbooks/{household_id(1)}/reset", json={"new_card": True})
    assert reset.status_code == 204
    with_pin = {"village": VILLAGE, "state": "open"}
    assert (await clerk.get("/api/v1/passbooks", params=with_pin)).json()["total"] == 0
    public = (await reachable.client().get(f"/api/v1/v/{VILLAGE}")).json()
    assert (public["name"], public["rules"]) == ("槐庄村", None)


async def test_cards_are_printed_by_command(sqlite_store: str, tmp_path: Path) -> None:
    await database.open(sqlite_store)
    await villages.settle(households=9)
    await database.close()
    data, pdf = tmp_path / "data", tmp_path / "cards.pdf"
    given = {"XIANGYUE_DATABASE_URL": sqlite_store, "XIANGYUE_SECRET": factories.SECRET}
    asked = ("passbooks", "print", "--village", VILLAGE, "-o", str(pdf), "--json")
    refused = servers.command(data, *asked, **given)
    assert refused.returncode == 1
    assert "XIANGYUE_PUBLIC_URL" in refused.stderr
    printed = servers.command(data, *asked, **given, XIANGYUE_PUBLIC_URL="http://192.168.1.20:8000")
    assert printed.returncode == 0, printed.stderr
    assert '"cards": 9' in printed.stdout
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert pdf.stat().st_mode & 0o777 == 0o600
    file = sqlite3.connect(sqlite_store.removeprefix("sqlite://"))
    [(cards,)] = file.execute("SELECT count(*) FROM passbook WHERE first_code <> ''").fetchall()
    file.close()
    assert cards == 9
