"""Opening balances: one a household, never earned, corrected by entries of their own kind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import auditing
import grids
import pytest
import villages
from factories import OPERATOR, VILLAGE, household, id_number, official, person
from villages import CLERK, TODAY, award, household_id

from foundation import clock, database
from foundation.models import AuditLine
from households import batches, tabling
from households.errors import BatchNotReady, NotAllowed
from households.models import Household
from households.tabling import TableResult
from points import leaderboard, openings, verification
from points.errors import DeedInFuture, OpeningDayUnknown
from points.period import Period
from rules.rulebook import Item

HEAD = ["户号", "户主", "结转积分", "备注"]
JUNE = {"on": "2026-06-30"}


@pytest.fixture
async def items(opened: str) -> AsyncIterator[dict[str, Item]]:
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


async def brought(*rows: list[Any], by: Any = CLERK, on: str = "2026-06-30", dry_run: bool = False,
                  content: bytes = b"") -> TableResult:  # fmt: skip
    return await tabling.import_file(
        openings.KIND, VILLAGE, content or grids.xlsx(*rows), filename="旧账.xlsx", by=by,
        target={"on": on}, dry_run=dry_run,
    )  # fmt: skip


def codes(result: TableResult) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.row, problem.column) for problem in result.problems]


async def entries() -> list[tuple[str, int, str]]:
    found = await database.rows(
        "SELECT kind, points, deed_on FROM ledger_entry WHERE kind = 'opening' ORDER BY seq"
    )
    return [(row["kind"], row["points"], str(row["deed_on"])) for row in found]


async def balance(number: int) -> int:
    found = await database.rows(
        "SELECT balance FROM household_balance WHERE household_id = ?", [household_id(number)]
    )
    return int(found[0]["balance"]) if found else 0


async def test_opening_balances_never_count_as_earned(items: dict[str, Item], opened: str) -> None:
    await award(1, items["courtyard"], 5)
    result = await brought(HEAD, ["001", "户主1", 120, "老账"], ["２", "户主2", "80分", None])
    assert (result.rows, result.created, result.figures, codes(result)) == (
        2, 2, {"points": 200}, [],
    )  # fmt: skip
    assert [await balance(1), await balance(2)] == [125, 80]
    assert await entries() == [("opening", 120, "2026-06-30"), ("opening", 80, "2026-06-30")]
    for text in ("2026-06", "2026Q2", "2026-10", "2026"):
        board = await leaderboard.rank(
            await villages.Region.get(code=VILLAGE), period=Period.parse(text)
        )
        assert {row.earned for row in board.rows} <= {5}, text
    assert await verification.verify(VILLAGE) == []
    async with villages.raw(opened) as raw:
        await auditing.assert_sound(raw)


async def test_l1_the_same_sheet_again_changes_nothing_and_a_corrected_one_corrects(
    items: dict[str, Item], opened: str
) -> None:
    rows = [HEAD, ["001", "户主1", 120, None], ["002", "户主2", 80, None]]
    await brought(*rows)
    again = await brought(*rows, on="2026-05-31")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    corrected = await brought(HEAD, ["001", "户主1", 100, "抄错"], ["002", "户主2", 0, None])
    assert (corrected.created, corrected.updated) == (0, 2)
    assert [await balance(1), await balance(2)] == [100, 0]
    assert [points for _, points, _ in await entries()] == [120, 80, -120, 100, -80]
    back = await brought(HEAD, ["002", "户主2", 80, None])
    assert (back.created, await balance(2)) == (1, 80)
    assert await verification.verify(VILLAGE) == []
    async with villages.raw(opened) as raw:
        await auditing.assert_sound(raw)
    lines = await AuditLine.filter(verb="ledger.opening").order_by("id")
    assert [line.facts["created"] for line in lines] == [2, 0, 1]


async def test_households_are_known_by_number_id_or_head_and_group(items: dict[str, Item]) -> None:
    await Household.filter(id=household_id(2)).update(head="户主1")
    number = id_number(7)
    key = await household("张明", "77", residents=(person("张明", "户主", id_number=number),))
    result = await brought(
        ["户主", "组", "身份证", "积分"],
        ["户主1", None, None, 40],
        ["户主1", "2组", None, 10],
        ["户主1", "一组", None, 20],
        [None, None, number.lower(), 30],
        [None, None, number[:17], 50],
    )
    assert codes(result) == [("who_not_unique", 2, "A"), ("who_bad_id", 6, "C")]
    found = await database.rows(
        "SELECT household_id, points FROM ledger_entry WHERE kind = 'opening'"
    )
    by_household = {str(row["household_id"]): row["points"] for row in found}
    assert by_household[str(key)] == 30
    assert sorted(by_household.values()) == [10, 20, 30]


async def test_every_cell_that_cannot_be_is_named(items: dict[str, Item]) -> None:
    await Household.filter(id=household_id(6)).update(state="left", left_on=TODAY)
    result = await brought(
        ["槐庄村旧账"],
        HEAD,
        ["001", "户主1", 12.5],
        ["002", "户主2", "十二"],
        ["003", "户主3", date(2026, 1, 12)],
        ["004", "户主4", -5],
        ["005", "户主5", None],
        ["006", "户主6", 7],
        ["099", "没有", 7],
        [None, None, 7],
        ["005", "户主5", 7],
        ["005", "户主5", 8],
        ["合计", None, 34],
    )
    assert codes(result) == [
        ("decimal", 3, "C"),
        ("not_whole", 4, "C"),
        ("number_is_date", 5, "C"),
        ("opening_negative", 6, "C"),
        ("who_left", 8, "B"),
        ("who_unknown", 9, "A"),
        ("who_missing", 10, ""),
        ("who_twice", 11, "B"),
        ("who_twice", 12, "B"),
    ]
    assert await entries() == []


async def test_nobody_opens_his_own_balance_and_the_day_must_have_come(
    items: dict[str, Item],
) -> None:
    own = official("clerk", household=household_id(1))
    result = await brought(HEAD, ["001", "户主1", 9], ["002", "户主2", 9], by=own)
    assert codes(result) == [("opening_own", 2, "B")]
    assert result.created == 1
    for on, refusal in (("2027-01-01", DeedInFuture), ("", OpeningDayUnknown)):
        with pytest.raises(refusal):
            await brought(HEAD, ["003", "户主3", 9], on=on)
    with pytest.raises(NotAllowed):
        await brought(HEAD, ["003", "户主3", 9], by=official("scorer"))


async def test_l7_two_presses_and_two_files_at_once_open_one_balance(
    items: dict[str, Item], opened: str
) -> None:
    content = grids.xlsx(HEAD, ["001", "户主1", 120, None])
    waiting = []
    for _ in range(2):
        batch = await batches.upload(
            VILLAGE, content, filename="旧账.xlsx", by=OPERATOR, kind=openings.KIND, target=JUNE
        )
        await batches.read(batch.id)
        waiting.append(batch.id)
    pressed = [waiting[0], waiting[0], waiting[1]]
    results = await asyncio.gather(
        *(batches.confirm(one, by=CLERK, kind=openings.KIND) for one in pressed),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == [
        "BatchNotReady", "TableResult", "TableResult",
    ]  # fmt: skip
    assert BatchNotReady in {type(one) for one in results}
    assert await balance(1) == 120
    async with villages.raw(opened) as raw:
        await auditing.assert_sound(raw)
