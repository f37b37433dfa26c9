"""A score sheet filled in Excel: out with its limits, back into the draft, posted as ever."""

import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grids
import openpyxl
import pytest
import villages
from factories import OPERATOR, VILLAGE, official
from villages import GROUPS, award, household_id
from web import with_login

from foundation import clock
from foundation.models import AuditLine
from households import officials, tabling
from households.errors import NotAllowed
from households.tabling import TableResult
from points import scoring, sheet_form, sheet_tables, sheets
from rules.rulebook import Item

GROUP = GROUPS[1]
TARGET = {"group": GROUP, "month": "2026-10"}


@pytest.fixture
async def items(opened: str) -> AsyncIterator[dict[str, Item]]:
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


async def clerk(**more: Any) -> Any:
    return await officials.actor_of(await with_login(f"clerk-{uuid4().hex[:6]}", "clerk", **more))


async def brought(by: Any, *rows: list[Any], content: bytes = b"") -> TableResult:
    return await tabling.import_file(
        sheet_tables.KIND, VILLAGE, content or grids.xlsx(*rows), filename="评分表.xlsx", by=by,
        target=TARGET,
    )  # fmt: skip


def codes(result: TableResult) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.row, problem.column) for problem in result.problems]


async def drafted(by: Any) -> dict[tuple[int, str], int]:
    view = await sheets.view(VILLAGE, group=GROUP, month="2026-10", actor=by)
    numbers = {household_id(n): n for n in range(1, 7)}
    return {(numbers[cell.household], cell.item): cell.points for cell in view.draft}


async def test_the_blank_sheet_is_locked_but_for_what_may_be_filled_and_knows_its_limits(
    items: dict[str, Item],
) -> None:
    await award(1, items["courtyard"], 7)
    own = await clerk(household=household_id(5))
    content = await sheet_form.sheet(VILLAGE, group=GROUP, month="2026-10", actor=own)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["评分表"]
    assert sheet.protection.sheet
    heads = [cell.value for cell in sheet[3]]
    assert heads[:4] == ["户的编号", "户号", "户主", "courtyard（0–20）"]
    assert sheet.column_dimensions["A"].hidden
    assert sheet.row_dimensions[4].hidden
    assert [sheet.cell(4, 4).value, sheet.cell(5, 2).value] == ["courtyard", "001"]
    assert (sheet["D5"].value, sheet["D5"].protection.locked) == (7, True)
    assert (sheet["D6"].value, sheet["D6"].protection.locked) == (None, False)
    assert sheet["D7"].protection.locked, "his own household"
    limits = {
        str(rule.sqref): (rule.formula1, rule.formula2)
        for rule in sheet.data_validations.dataValidation
    }
    assert limits["D5:D7"] == ("0", "20")


async def test_what_is_filled_in_becomes_the_draft_and_one_press_posts_it(
    items: dict[str, Item],
) -> None:
    by = await clerk()
    content = await sheet_form.sheet(VILLAGE, group=GROUP, month="2026-10", actor=by)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["评分表"]
    sheet["D5"], sheet["D6"], sheet["E6"] = 18, 0, "１０分"
    file = io.BytesIO()
    book.save(file)
    result = await brought(by, content=file.getvalue())
    assert codes(result) == []
    assert (result.rows, result.created, result.unchanged) == (3, 2, 1)
    assert result.figures == {"cells": 3, "points": 28}
    assert await drafted(by) == {(1, "courtyard"): 18, (3, "courtyard"): 0, (3, "waste"): 10}
    again = await brought(by, content=file.getvalue())
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)
    view = await sheets.view(VILLAGE, group=GROUP, month="2026-10", actor=by)
    posted = await scoring.post_sheet(
        uuid4(), village=VILLAGE, group=GROUP, month="2026-10", cells=view.draft, by=by
    )
    assert (posted.posted, posted.skipped) == (3, 0)
    after = await brought(by, content=file.getvalue())
    assert (codes(after), after.created, after.unchanged) == ([], 0, 3)
    assert await AuditLine.filter(verb="scoring.import_sheet").count() == 1


async def test_every_cell_that_cannot_be_is_named_and_the_others_come_in(
    items: dict[str, Item],
) -> None:
    await award(1, items["courtyard"], 7)
    by = await clerk(household=household_id(5))
    result = await brought(
        by,
        ["户号", "户主", "courtyard", "waste", "panel-only", "volunteer"],
        ["001", "户主1", 9, 12, None, 5],
        ["003", "户主3", 4.5, "六", 3, -1],
        ["005", "户主5", 3, None, None, None],
        ["002", "户主2", 3, None, None, None],
        ["合计", None, 19, None, None, None],
    )
    assert codes(result) == [
        ("sheet_posted", 2, "C"),
        ("sheet_out_of_range", 2, "D"),
        ("decimal", 3, "C"),
        ("not_whole", 3, "D"),
        ("sheet_deduction", 3, "F"),
        ("sheet_not_yours", 3, "E"),
        ("sheet_own", 4, "B"),
        ("sheet_elsewhere", 5, "B"),
    ]
    assert await drafted(by) == {(1, "volunteer"): 5}


async def test_a_correction_changes_the_draft_and_keeps_what_was_typed(
    items: dict[str, Item],
) -> None:
    by = await clerk()
    typed = [sheets.Cell(household_id(1), "courtyard", 3), sheets.Cell(household_id(3), "waste", 2)]
    await scoring.save_draft(VILLAGE, group=GROUP, month="2026-10", cells=typed, by=by)
    result = await brought(by, ["户主", "courtyard"], ["户主1", 8])
    assert (result.updated, codes(result)) == (1, [])
    assert await drafted(by) == {(1, "courtyard"): 8, (3, "waste"): 2}


async def test_only_who_may_score_brings_a_sheet_in(items: dict[str, Item]) -> None:
    for actor in (official("supervisor"), OPERATOR):
        with pytest.raises(NotAllowed):
            await brought(actor, ["户主", "courtyard"], ["户主1", 8])
