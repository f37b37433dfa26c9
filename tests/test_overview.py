"""What a township sees of its villages: lists posted, due and left hanging, rules in force."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import boards
import factories
import openpyxl
import pytest
from factories import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from web import Web

from foundation import clock
from foundation.models import AuditLine
from households import settings
from households.errors import NotAllowed, RegionNotFound
from points import overview, publication
from points.overview import Overview, VillageLine
from points.period import Period
from points.scheme import Scheme

QUARTER = Period.parse("2026Q3")
OPERATOR = boards.OPERATOR


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    factories.hold_keys()
    with clock.stopped_at(boards.NOW):
        yield


async def scored() -> None:
    """槐庄 with a voted rule book and six households scored in the third quarter."""
    await factories.divisions()
    await boards.rule_book(voted=True)
    for n, head in enumerate(("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")):
        await boards.post(await boards.household(head), 40 - n)


async def publish(period: str = "2026Q3") -> str:
    id = uuid4()
    kept = await publication.publish(VILLAGE, id=id, period=Period.parse(period), by=OPERATOR)
    return kept.serial


async def line(code: str = VILLAGE, period: Period = QUARTER) -> VillageLine:
    found = await overview.drawn(TOWNSHIP, period=period, actor=OPERATOR)
    return next(one for one in found.villages if one.code == code)


async def test_a_village_that_scored_and_did_not_post_is_due_from_the_day_after(
    opened: str,
) -> None:
    await scored()
    [due] = (await line()).lacking
    assert (due.village, due.period, due.since) == (VILLAGE, "2026Q3", date(2026, 10, 1))
    assert (await line(OTHER_VILLAGE)).lacking == ()  # it scored nothing
    assert (await line(period=Period.parse("2026Q4"))).lacking == ()  # it is not over
    serial = await publish()
    now = await line()
    assert (now.lacking, [paper.serial for paper in now.posted]) == ((), [serial])


async def test_what_is_due_goes_by_the_villages_own_rhythm(opened: str) -> None:
    await scored()
    await settings.write(VILLAGE, Scheme(posted_period="month"), by=OPERATOR)
    assert [due.period for due in (await line()).lacking] == ["2026-09"]  # the month scored
    await settings.write(VILLAGE, Scheme(posted_period="year"), by=OPERATOR)
    assert (await line()).lacking == ()
    assert (await line(period=Period.parse("2026"))).lacking == ()  # the year is not over


async def test_the_lists_of_a_quarters_months_belong_to_the_quarter(opened: str) -> None:
    await scored()
    serials = [await publish("2026-09"), await publish("2026Q3")]
    assert [paper.serial for paper in (await line()).posted] == serials
    assert [p.serial for p in (await line(period=Period.parse("2026-09"))).posted] == serials[:1]


async def test_a_list_not_hung_and_one_that_hangs_too_long_wait_at_the_wall(opened: str) -> None:
    await scored()
    serial = await publish()
    assert [paper.serial for paper in (await line()).to_hang] == [serial]
    await publication.mark_hung(serial, on=clock.today(), by=OPERATOR)
    assert ((await line()).to_hang, (await line()).too_long) == ((), ())
    with clock.stopped_at(boards.NOW + timedelta(days=13)):
        [late] = (await line()).too_long
        assert (late.serial, late.days_over) == (serial, 3)
        await publication.mark_taken_down(serial, on=clock.today(), by=OPERATOR)
        assert (await line()).too_long == ()


async def test_the_rule_book_in_force_says_since_when_and_whether_it_was_voted(
    opened: str,
) -> None:
    await scored()
    found = await line()
    assert found.book is not None
    assert (found.book.number, found.book.since) == (1, date(2026, 1, 1))
    assert (found.book.voted, found.book.filed_on) == (True, None)
    assert (await line(OTHER_VILLAGE)).book is None


async def test_only_who_looks_after_villages_sees_them_and_only_his_own(opened: str) -> None:
    await scored()
    seen: dict[str, Overview] = {}
    for role, region in (("township_official", TOWNSHIP), ("county_official", COUNTY)):
        actor = factories.official(role, region)
        seen[role] = await overview.drawn(region, period=QUARTER, actor=actor)
    assert {len(found.villages) for found in seen.values()} == {2}
    clerk = factories.official("clerk")
    with pytest.raises(RegionNotFound):
        await overview.drawn(TOWNSHIP, period=QUARTER, actor=clerk)
    with pytest.raises(NotAllowed):
        await overview.drawn(
            TOWNSHIP, period=QUARTER, actor=factories.official("panel_member", TOWNSHIP)
        )
    with pytest.raises(RegionNotFound):
        await overview.drawn(
            COUNTY, period=QUARTER, actor=factories.official("township_official", TOWNSHIP)
        )


async def test_every_figure_opens_the_rows_behind_it(web: Web) -> None:
    await scored()
    serial = await publish()
    browser = await web.login("township_official", TOWNSHIP)
    assert (await browser.get("/")).headers["location"] == "/overview"
    asked = {"region": TOWNSHIP, "period": "2026Q3"}
    page = (await browser.get("/overview", params=asked)).text
    for show in ("posted", "lacking", "to_hang", "too_long", "no_book"):
        assert f"show={show}" in page
    for show, there in (("posted", True), ("to_hang", True), ("too_long", False)):
        rows = (await browser.get("/overview", params={**asked, "show": show})).text
        assert (f"/publications/{serial}" in rows) == there, show


async def test_the_overview_leaves_as_a_workbook_with_its_purpose_in_the_log(web: Web) -> None:
    await scored()
    serial = await publish()
    browser = await web.login("county_official", COUNTY)
    asked = {"region": COUNTY, "period": "2026Q3"}
    answer = await browser.get("/overview/export.xlsx", params=asked)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["各村", "本期的榜", "要办的", "说明"]
    villages, lists, waiting, _ = book.worksheets
    assert [row[0].value for row in villages.iter_rows(min_row=4)] == ["槐庄村", "西关村"]
    assert [row[2].value for row in lists.iter_rows(min_row=2)] == [serial]
    assert [row[2].value for row in waiting.iter_rows(min_row=2)] == ["出了榜没有贴"]
    logged = await AuditLine.get(verb="overview.export")
    assert logged.facts["purpose"] == "镇县督办张榜"


async def test_the_program_gets_what_the_screen_shows(web: Web) -> None:
    await scored()
    serial = await publish()
    caller = await web.program("auditor", COUNTY)
    asked = {"region": TOWNSHIP, "period": "2026Q3"}
    found = (await caller.get("/api/v1/overview", params=asked)).json()
    [village] = [one for one in found["villages"] if one["code"] == VILLAGE]
    assert [paper["serial"] for paper in village["posted"]] == [serial]
    assert village["scheme"]["posted_period"] == "quarter"
