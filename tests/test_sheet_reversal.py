"""Taking a whole posted sheet back: one press, one reason, all or none, and nothing forgotten."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import auditing
import factories
import msgspec
import pytest
import villages
from factories import OTHER_VILLAGE, VILLAGE
from moving import merge
from villages import CLERK, GROUPS, SCORER, household_id, reverse

from foundation import clock, database
from foundation.actors import Actor
from foundation.errors import Refusal
from households.errors import NotAllowed
from points import ledger, posted_sheets, scoring
from points.errors import IdTaken, NothingToReverse, ReasonMissing, SheetNotFound
from points.posted_sheets import SheetReversal
from points.sheets import Cell

GROUP = GROUPS[1]
CELLS = [
    Cell(household_id(number), code, points)
    for number in (1, 3, 5)
    for code, points in (("courtyard", number), ("waste", 0))
]


@pytest.fixture(name="sheet")
async def posted_sheet(opened: str) -> AsyncIterator[UUID]:
    """Group 1's October as its scorer posted it: six entries, 9 points."""
    with clock.stopped_at(villages.NOON):
        await villages.a_village()
        id = uuid4()
        await scoring.post_sheet(
            id, village=VILLAGE, group=GROUP, month="2026-10", cells=CELLS, by=SCORER
        )
        yield id


async def take_back(sheet: UUID, **more: Any) -> SheetReversal:
    given: dict[str, Any] = {"id": uuid4(), "reason": "照着上个月填了", "by": CLERK} | more
    return await posted_sheets.reverse(sheet, **given)


async def rows(store: str) -> list[dict[str, Any]]:
    async with villages.raw(store) as raw:
        await auditing.assert_sound(raw)
        return await auditing.entries(raw)


async def test_l3_a_sheet_is_taken_back_whole_and_can_be_scored_again(
    sheet: UUID, opened: str
) -> None:
    assert (await take_back(sheet)).reversed == 6
    found = await rows(opened)
    assert [one["kind"] for one in found] == ["award"] * 6 + ["reversal"] * 6
    assert [-one["points"] for one in found[6:]] == [one["points"] for one in found[:6]]
    assert {str(one["deed_on"]) for one in found} == {"2026-10-20"}
    again = await scoring.post_sheet(
        uuid4(), village=VILLAGE, group=GROUP, month="2026-10", cells=CELLS, by=SCORER
    )
    assert (again.posted, again.skipped) == (6, 0)
    await rows(opened)


async def test_l1_the_same_press_again_changes_nothing(sheet: UUID, opened: str) -> None:
    id = uuid4()
    first, second = await asyncio.gather(take_back(sheet, id=id), take_back(sheet, id=id))
    assert first == second
    assert len(await rows(opened)) == 12
    with pytest.raises(IdTaken):
        await take_back(sheet, id=id, reason="另一个理由")


async def test_l5_what_was_reversed_by_itself_is_left_as_it_is(sheet: UUID, opened: str) -> None:
    first = (await rows(opened))[0]
    await reverse(await ledger.find(UUID(str(first["id"]))))
    shown = await posted_sheets.view(sheet, actor=CLERK)
    assert (shown.entries, shown.standing_entries) == (6, 5)
    assert (await take_back(sheet)).reversed == 5
    assert len(await rows(opened)) == 12
    with pytest.raises(NothingToReverse):
        await take_back(sheet)


async def test_l5_two_officials_at_once_take_it_back_once(sheet: UUID, opened: str) -> None:
    answers = await asyncio.gather(take_back(sheet), take_back(sheet), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["NothingToReverse", "SheetReversal"]
    assert len(await rows(opened)) == 12


async def test_nobody_takes_back_his_own_households_points(sheet: UUID, opened: str) -> None:
    neighbour: Actor = msgspec.structs.replace(CLERK, household_id=household_id(3))
    shown = await posted_sheets.view(sheet, actor=neighbour)
    assert (shown.standing_entries, shown.own_entries) == (4, 2)
    done = await take_back(sheet, by=neighbour)
    assert (done.reversed, done.left) == (4, 2)
    with pytest.raises(NothingToReverse):
        await take_back(sheet, by=neighbour)
    assert (await take_back(sheet)).reversed == 2
    await rows(opened)


async def test_l10_the_log_tells_of_it_once(sheet: UUID) -> None:
    id = uuid4()
    await take_back(sheet, id=id)
    await take_back(sheet, id=id)
    [line] = await database.rows(
        "SELECT subject, facts FROM audit_line WHERE verb = 'scoring.reverse_sheet'", []
    )
    assert line["subject"] == f"sheet:{sheet}"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": "  "}, ReasonMissing),
        ({"by": SCORER}, NotAllowed),
        ({"by": factories.official("clerk", OTHER_VILLAGE)}, SheetNotFound),
        ({"by": factories.official("auditor")}, NotAllowed),
    ],
)
async def test_a_reversal_that_may_not_be_is_refused_and_nothing_changes(
    sheet: UUID, opened: str, change: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await take_back(sheet, **change)
    assert len(await rows(opened)) == 6


async def test_a_posted_sheet_names_who_posted_what(sheet: UUID) -> None:
    shown = await posted_sheets.view(sheet, actor=CLERK)
    assert [(row.number, row.entries, row.points, row.standing) for row in shown.rows] == [
        ("001", 2, 1, 1),
        ("003", 2, 3, 3),
        ("005", 2, 5, 5),
    ]
    [listed] = await posted_sheets.of_month(VILLAGE, group=GROUP, month="2026-10")
    assert (listed.id, listed.entries) == (sheet, 6)
    with pytest.raises(SheetNotFound):
        await posted_sheets.view(uuid4(), actor=CLERK)
    with pytest.raises(SheetNotFound):
        await posted_sheets.view(sheet, actor=factories.official("clerk", OTHER_VILLAGE))


async def test_l3_points_of_a_merged_household_are_fetched_from_where_it_lives_on(
    sheet: UUID, opened: str
) -> None:
    await merge(3, household_id(1))
    assert (await take_back(sheet)).reversed == 6
    found = await rows(opened)
    sums = {
        number: sum(one["points"] for one in found if UUID(str(one["household_id"])) == home)
        for number, home in ((n, household_id(n)) for n in (1, 3, 5))
    }
    assert sums == {1: 0, 3: 0, 5: 0}
