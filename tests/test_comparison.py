"""Villages side by side: only those of one scheme together, sorted there and nowhere ranked."""

import io
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import boards
import factories
import openpyxl
import pytest
import villages
from factories import COUNTY, TOWNSHIP
from test_incoming_files import Handed, handed  # noqa: F401 - a fixture
from villages import raw
from web import ON_SQLITE, Web

from foundation import clock
from foundation.models import AuditLine
from households import divisions, settings
from households.errors import NotAllowed
from households.models import Household
from points import comparison, incoming
from points.comparison import Line
from points.period import Period
from points.scheme import Scheme

QUARTER = Period.parse("2026Q3")
CODES = [f"610428106{n}" for n in (301, 302, 303)]
OFFICIAL = factories.official("township_official", TOWNSHIP)


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    factories.hold_keys()
    with clock.stopped_at(boards.NOW):
        yield


async def three_villages() -> None:
    """Three villages of the township; the first two with one scheme, the third with another."""
    await factories.divisions()
    named = [divisions.Division(c, f"{c[-3:]}村", TOWNSHIP, "village") for c in CODES]
    await divisions.store(named, by=boards.OPERATOR)
    for n, code in enumerate(CODES):
        points = 15 if n == 2 else 20
        item = villages.item("courtyard", points_max=points)
        await villages.adopt([item], village=code, on=date(2026, 7, 1))
        for at in range(3 + n):
            home = await boards.household("张三", place=code)
            if at:
                await boards.post(home, 10 * (n + 1) + at, place=code)


async def groups(**more: object) -> list[tuple[bool, list[str]]]:
    found = await comparison.drawn(TOWNSHIP, period=QUARTER, actor=OFFICIAL, **more)  # type: ignore[arg-type]
    return [(one.comparable, [line.village for line in one.lines]) for one in found.groups]


async def lines(period: Period = QUARTER) -> dict[str, Line]:
    found = await comparison.drawn(TOWNSHIP, period=period, actor=OFFICIAL)
    return {line.village: line for group in found.groups for line in group.lines}


async def test_villages_of_one_scheme_stand_together_and_the_others_apart(opened: str) -> None:
    await three_villages()
    assert await groups() == [(True, CODES[:2]), (False, CODES[2:])]


async def test_one_sorts_inside_of_a_scheme_and_never_across(opened: str) -> None:
    await three_villages()
    for sort in ("households", "taking_part", "share", "earned", "per_household"):
        assert await groups(sort=sort) == [
            (True, [CODES[1], CODES[0]]),
            (False, CODES[2:]),  # it earned the most, and still stands where it stood
        ]


async def test_another_worth_of_a_point_is_another_scheme(opened: str) -> None:
    await three_villages()
    await settings.write(CODES[0], Scheme(point_fen=50), by=boards.OPERATOR)
    assert await groups() == [(False, CODES)]
    await settings.write(CODES[1], Scheme(point_fen=50), by=boards.OPERATOR)
    found = await comparison.drawn(TOWNSHIP, period=QUARTER, actor=OFFICIAL)
    assert (found.groups[0].comparable, found.groups[0].point_fen) == (True, 50)


async def test_a_rule_book_that_changed_within_the_period_counts_whole(opened: str) -> None:
    await three_villages()
    with clock.stopped_at(boards.NOW.replace(month=8)):
        item = villages.item("courtyard", points_max=19)
        await villages.adopt([item], village=CODES[1], on=date(2026, 9, 1))
    assert await groups() == [(False, CODES)]


async def test_l3_the_figures_are_those_of_the_raw_rows(opened: str, store: str) -> None:
    await three_villages()
    gone = await Household.filter(village=CODES[1]).order_by("id").first()
    assert gone is not None
    await Household.filter(id=gone.id).update(state="left")
    async with raw(store) as sql:
        entries = await sql("SELECT village, household_id, points FROM ledger_entry")
        active = await sql("SELECT id, village FROM household WHERE state = 'active'")
    here = {UUID(str(one["id"])) for one in active}
    for code, line in (await lines()).items():
        own = [e for e in entries if e["village"] == code and UUID(str(e["household_id"])) in here]
        assert line.taking_part == len({e["household_id"] for e in own})
        assert line.earned == sum(e["points"] for e in own)
        assert line.households == sum(one["village"] == code for one in active)
        assert line.per_household is not None
        assert abs(line.per_household - 10 * line.earned / line.taking_part) <= 0.5


@pytest.mark.parametrize(
    ("households", "taking_part", "earned", "share", "per"),
    [(3, 2, 5, 67, 25), (200, 1, 0, 1, 0), (None, 3, 10, None, 33), (10, 0, 0, 0, None)],
)
def test_shares_and_averages_are_whole_numbers_rounded_half_up(
    households: int | None, taking_part: int, earned: int, share: int | None, per: int | None
) -> None:
    line = Line(
        village="", village_name="", township_name="", households=households,
        taking_part=taking_part, earned=earned, point_fen=0, handed_in=False,
    )  # fmt: skip
    assert (line.share, line.per_household) == (share, per)


async def test_a_list_that_was_handed_in_gives_its_figures_and_is_not_compared(
    handed: Handed,  # noqa: F811
    opened: str,
) -> None:
    await three_villages()
    await incoming.take_in(handed.files["first"], by=OFFICIAL, confirm=handed.key)
    line = (await lines())[factories.VILLAGE]
    assert (line.taking_part, line.handed_in, line.households) == (6, True, None)
    assert line.earned == sum(100 - n for n in range(6))
    assert (await groups())[-1] == (False, [factories.VILLAGE, CODES[2]])
    assert factories.VILLAGE not in await lines(Period.parse("2026-09"))


async def test_who_serves_one_village_gets_no_table_of_villages(opened: str) -> None:
    await three_villages()
    supervisor = factories.official("supervisor", TOWNSHIP)
    with pytest.raises(NotAllowed):
        await comparison.drawn(TOWNSHIP, period=QUARTER, actor=supervisor)


@ON_SQLITE
async def test_the_screen_says_that_it_does_not_compare_and_its_export_is_logged(
    web: Web,
) -> None:
    await three_villages()
    browser = await web.login("township_official", TOWNSHIP)
    asked = {"region": TOWNSHIP, "period": "2026Q3", "sort": "earned"}
    page = (await browser.get("/comparison", params=asked)).text
    assert "办法各不相同，不作比较" in page
    assert "共 1 项" in page
    assert page.index("302村") < page.index("301村") < page.index("303村")
    file = await browser.get("/comparison/export.xlsx", params=asked)
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    assert book.sheetnames == ["办法1", "不作比较", "说明"]
    assert (await AuditLine.get(verb="overview.export")).facts["table"] == "comparison"
    county = await web.program("county_official", COUNTY)
    found = (await county.get("/api/v1/comparison", params=asked)).json()
    assert [group["comparable"] for group in found["groups"]] == [True, False]
