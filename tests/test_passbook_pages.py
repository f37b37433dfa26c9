"""The household's own page, and the office's cards, as browsers see them."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import factories
import httpx
import pytest
import villages
import web as web_
from factories import VILLAGE
from test_passbooks import OTHER_PIN, PIN, opened_book, slip_of
from villages import CLERK, SCORER, household_id, raw
from web import ON_SQLITE, Web

from api import holders
from api.settings import Settings
from foundation import clock
from households import passbooks, settings
from households.models import Household
from points import publication
from points.passbook import PassbookSettings
from points.period import Period

PUBLIC = "http://192.168.1.20:8000"


@pytest.fixture
async def reachable(store: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The application with an address that phones can reach."""
    given = Settings(
        data=tmp_path / "data", database_url=store, secret=factories.SECRET, public_url=PUBLIC
    )
    async with web_.running(given) as running:
        yield running


def phone(web: Web, token: str = "") -> httpx.AsyncClient:
    """A resident's phone, on which a passbook may be open."""
    client = web.client()
    if token:
        client.cookies.set(holders.COOKIE, token)
    return client


async def test_from_the_slip_to_the_passbook_by_plain_forms(web: Web) -> None:
    items = await villages.a_village()
    await villages.award(1, items["courtyard"], 18)
    slip = await slip_of(1)
    at, one = f"/h/{slip.card}", phone(web)
    door = await one.get(at)
    assert "首次密码" in door.text
    assert "户主1" not in door.text
    assert door.headers["cache-control"] == "no-store"
    typed = {"code": slip.first_code, "pin": PIN, "again": "111111"}
    assert (await one.post(f"{at}/first", data=typed)).status_code == 400
    refused = await one.post(f"{at}/first", data={**typed, "pin": "123456", "again": "123456"})
    assert refused.status_code == 400
    assert slip.first_code in refused.text  # what was typed stays, the PIN does not
    assert "123456" not in re.sub(r"<span.*?</span>|<li>.*?</li>", "", refused.text)
    opened = await one.post(f"{at}/first", data={**typed, "again": PIN})
    assert (opened.status_code, opened.headers["location"]) == (303, at)
    book = await one.get(at)
    assert "户主1家的积分存折" in book.text
    assert "+18" in book.text
    assert book.headers["cache-control"] == "no-store"
    assert (await one.get("/households")).status_code == 302  # a household is no official
    left = await one.post(f"{at}/leave")
    assert left.status_code == 303
    assert "户主1" not in (await one.get(at)).text


async def test_a_wrong_pin_says_so_and_the_right_one_opens(web: Web) -> None:
    await villages.settle()
    slip, _ = await opened_book()
    one = phone(web)
    wrong = await one.post(f"/h/{slip.card}/open", data={"pin": "998877"})
    assert (wrong.status_code, "密码不对" in wrong.text) == (401, True)
    right = await one.post(f"/h/{slip.card}/open", data={"pin": PIN})
    assert right.status_code == 303
    assert "户主1" in (await one.get(f"/h/{slip.card}")).text


async def test_each_entry_opens_its_chain_of_reasons(web: Web) -> None:
    items = await villages.a_village()
    entry = await villages.award(1, items["courtyard"], 18, reason="院子扫得干净", by=SCORER)
    taken = await villages.reverse(entry)
    slip, token = await opened_book()
    one = phone(web, token)
    story = await one.get(f"/h/{slip.card}/entries/{entry.id}")
    for said in ("院子扫得干净", "第 1 条", "第 1 版", "院子常打扫", "村规民约"):
        assert said in story.text
    assert f"/h/{slip.card}/entries/{taken.id}" in story.text
    assert SCORER.name not in story.text  # the office is told, not the person


async def test_a_neighbours_card_and_entries_are_not_there(web: Web) -> None:
    items = await villages.a_village()
    other_entry = await villages.award(2, items["courtyard"], 7, reason="邻居的事")
    mine, token = await opened_book(1)
    theirs, _ = await opened_book(2, OTHER_PIN)
    one = phone(web, token)
    assert (await one.get(f"/h/{mine.card}/entries/{other_entry.id}")).status_code == 404
    for path in (f"entries/{other_entry.id}", "mine", f"entries/{other_entry.id}/evidence"):
        answer = await one.get(f"/h/{theirs.card}/{path}")
        assert answer.status_code == 404
        assert "户主2" not in answer.text
    chosen = {"wall": "full", "web": "full"}
    assert (await one.post(f"/h/{theirs.card}/names", data=chosen)).status_code == 404
    assert "户主2" not in (await one.get(f"/h/{theirs.card}")).text
    nobody = phone(web)
    shut = await nobody.get(f"/h/{mine.card}/mine")
    assert (shut.status_code, shut.headers["location"]) == (303, f"/h/{mine.card}")
    assert (await nobody.get("/h/nothing-of-the-kind")).status_code == 404


async def test_the_household_chooses_how_it_is_named_and_that_is_recorded(
    web: Web, store: str
) -> None:
    await villages.settle()
    slip, token = await opened_book()
    one = phone(web, token)
    half = await one.post(f"/h/{slip.card}/names", data={"wall": "full"})
    assert half.status_code == 400
    done = await one.post(f"/h/{slip.card}/names", data={"wall": "full", "web": "unnamed"})
    assert done.status_code == 303
    kept = await Household.get(id=household_id(1))
    assert (kept.name_wall, kept.name_web) == ("full", "unnamed")
    assert (kept.name_chosen_how, kept.name_chosen_on) == ("own_page", clock.today())
    async with raw(store) as sql:
        [line] = await sql("SELECT * FROM audit_line WHERE verb = 'register.choose_own_name'")
    assert line["actor"] == line["subject"] == f"household:{household_id(1)}"
    clerk = await web.login("clerk")
    assert "本户在存折页上选" in (await clerk.get(f"/households/{household_id(1)}")).text


async def test_another_site_cannot_make_a_phone_write(web: Web) -> None:
    await villages.settle()
    slip, token = await opened_book()
    cookie = {"cookie": f"{holders.COOKIE}={token}"}
    elsewhere = web.client(**cookie, **{"sec-fetch-site": "cross-site"})
    chosen = {"wall": "full", "web": "full"}
    assert (await elsewhere.post(f"/h/{slip.card}/names", data=chosen)).status_code == 403
    assert (await Household.get(id=household_id(1))).name_wall == ""


@ON_SQLITE
async def test_the_pin_is_changed_and_the_page_stays_open_here(web: Web) -> None:
    await villages.settle()
    slip, token = await opened_book()
    one, typed = phone(web, token), {"old": PIN, "new": OTHER_PIN, "again": OTHER_PIN}
    assert (await one.post(f"/h/{slip.card}/pin", data={**typed, "again": "1"})).status_code == 400
    assert (await one.post(f"/h/{slip.card}/pin", data={**typed, "old": "1"})).status_code == 401
    assert (await one.post(f"/h/{slip.card}/pin", data=typed)).status_code == 303
    assert (await one.get(f"/h/{slip.card}/mine")).status_code == 200
    assert (await phone(web, token).get(f"/h/{slip.card}/mine")).status_code == 303


async def posted_village(*, households: int = 6) -> str:
    """A village whose list of this month hangs; returns its serial."""
    items = await villages.a_village(households=households)
    month = Period.of(clock.today())
    for number in range(1, households + 1):
        await villages.award(number, items["courtyard"], 20 - number, on=clock.today())
    posted = await publication.publish(VILLAGE, id=uuid4(), period=month, by=CLERK)
    return posted.serial


@ON_SQLITE
async def test_the_place_is_told_only_where_the_village_shows_it_and_the_list_has_it(
    web: Web,
) -> None:
    serial = await posted_village()
    first, token = await opened_book(1)
    last, other = await opened_book(6, OTHER_PIN)
    link = f'href="/p/{serial}"'
    assert link not in (await phone(web, token).get(f"/h/{first.card}")).text
    await settings.write(VILLAGE, PassbookSettings(show_place=True), by=CLERK)
    told = (await phone(web, token).get(f"/h/{first.card}")).text
    assert link in told
    assert "全村第 1 名" in told
    silent = (await phone(web, other).get(f"/h/{last.card}")).text
    assert "全村第" not in silent


@ON_SQLITE
async def test_the_public_page_names_no_household(web: Web) -> None:
    serial = await posted_village()
    more = PassbookSettings(office="大院一楼", office_phone="199 9900 0002")
    await settings.write(VILLAGE, more, by=CLERK)
    page = await phone(web).get(f"/v/{VILLAGE}")
    for said in ("槐庄村", f"/p/{serial}", "大院一楼", "199 9900 0002", "第 1 版"):
        assert said in page.text
    assert "户主" not in page.text
    rules = await phone(web).get(f"/v/{VILLAGE}/rules")
    assert "院子常打扫" in rules.text
    assert f"/v/{VILLAGE}" in (await phone(web).get(f"/p/{serial}")).text
    for nowhere in ("610428106000", "1", f"{VILLAGE}-G01"):
        assert (await phone(web).get(f"/v/{nowhere}")).status_code == 404


async def test_cards_are_printed_group_by_group_and_only_for_who_asked(reachable: Web) -> None:
    await villages.settle(households=12)
    clerk = await reachable.login("clerk")
    begun = await clerk.post("/passbooks/print", data={"village": VILLAGE})
    assert begun.status_code == 303
    at = begun.headers["location"]
    await finished(clerk, at)
    for part in (0, 1):
        pdf = await clerk.get(f"{at}/{part}")
        assert pdf.content.startswith(b"%PDF-")
        assert pdf.headers["cache-control"] == "no-store"
    assert (await clerk.get(f"{at}/2")).status_code == 404
    assert (await (await reachable.login("clerk")).get(at)).status_code == 404
    rows = await passbooks.listing(CLERK, village=VILLAGE)
    assert {row.state for row in rows} == {"printed"}


async def finished(clerk: httpx.AsyncClient, at: str) -> str:
    """The page of a print that has come to its end."""
    for _ in range(600):
        page = (await clerk.get(at)).text
        if "hx-get" not in page:
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(page)


@ON_SQLITE
async def test_ticked_households_alone_are_printed_and_a_reset_asks_for_a_new_card(
    reachable: Web,
) -> None:
    await villages.settle()
    _, token = await opened_book()
    clerk = await reachable.login("clerk")
    ticked = {"village": VILLAGE, "households": [str(household_id(n)) for n in (2, 3)]}
    page = await finished(
        clerk, (await clerk.post("/passbooks/print", data=ticked)).headers["location"]
    )
    assert "共 2 张" in page
    reset = await clerk.post(f"/passbooks/{household_id(1)}/reset", data={"new_card": "yes"})
    assert reset.status_code == 303
    assert "重设密码" in (await clerk.get(f"/households/{household_id(1)}")).text
    assert "密码已定" not in (await clerk.get(f"/households/{household_id(1)}")).text
    slip = await slip_of(1)
    shut = await phone(reachable, token).get(f"/h/{slip.card}/mine")
    assert shut.status_code == 303
    again, fresh = await opened_book(1, OTHER_PIN)
    assert "重设过" in (await phone(reachable, fresh).get(f"/h/{again.card}")).text


@ON_SQLITE
async def test_without_an_address_that_phones_reach_no_card_and_no_code_is_made(web: Web) -> None:
    await villages.settle()
    clerk = await web.login("clerk")
    refused = await clerk.post("/passbooks/print", data={"village": VILLAGE})
    assert refused.headers["location"].startswith("/passbooks")
    said = await clerk.get(refused.headers["location"])
    assert "XIANGYUE_PUBLIC_URL" in said.text
    rows = await passbooks.listing(CLERK, village=VILLAGE)
    assert {row.state for row in rows} == {"none"}


@ON_SQLITE
async def test_a_long_wait_is_told_in_minutes_with_where_to_go(web: Web) -> None:
    await villages.settle()
    slip, _ = await opened_book()
    one, now = phone(web), clock.now()
    said = ""
    for _ in range(40):
        with clock.stopped_at(now):
            answer = await one.post(f"/h/{slip.card}/open", data={"pin": "998877"})
        said = re.sub(r"<[^>]+>", "", answer.text)
        if answer.status_code == 429 and "分钟" in said:
            break
        now += timedelta(seconds=130 if answer.status_code == 429 else 0)
    assert "请过" in said
    assert "到村委会重设" in said


@ON_SQLITE
async def test_a_village_without_households_prints_no_card(reachable: Web) -> None:
    await factories.divisions()
    clerk = await reachable.login("clerk")
    refused = await clerk.post("/passbooks/print", data={"village": VILLAGE})
    said = await clerk.get(refused.headers["location"])
    assert "没有卡可印" in said.text


@ON_SQLITE
async def test_the_log_says_that_the_household_itself_acted(web: Web) -> None:
    await villages.settle()
    slip, token = await opened_book()
    chosen = {"wall": "masked", "web": "unnamed"}
    await phone(web, token).post(f"/h/{slip.card}/names", data=chosen)
    supervisor = await web.login("supervisor")
    log = await supervisor.get("/audit")
    assert "本户自己" in log.text
    assert "本户定存折密码" in log.text
