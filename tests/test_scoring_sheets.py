"""The month sheet: what it shows, what a press posts, what is refused and in which cell."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import auditing
import factories
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from villages import CLERK, GROUPS, SCORER, award, household_id, reverse

from foundation import clock
from foundation.errors import Refusal
from households import settings
from households.errors import NotAllowed, RegionNotFound
from households.models import Household
from points import scoring, sheets
from points.errors import (
    CapExceeded,
    CellTwice,
    CycleDone,
    DeductionNotYet,
    DeedInFuture,
    IdTaken,
    NotOnSheet,
    OwnHousehold,
    PeriodUnknown,
    PointsOutOfRange,
    ScorerNotAllowed,
    SheetRefused,
)
from points.scheme import Scheme
from points.scoring import SheetResult
from points.sheets import Cell, SheetRow, SheetView
from rules.errors import NoRuleBook
from rules.rulebook import Item

Items = dict[str, Item]
GROUP = GROUPS[1]
"""The group of the households 1, 3 and 5."""


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


def cell(number: int, code: str, points: int) -> Cell:
    return Cell(household_id(number), code, points)


async def post(*cells: Cell, **more: Any) -> SheetResult:
    given: dict[str, Any] = {
        "village": VILLAGE, "group": GROUP, "month": "2026-10", "by": CLERK, "id": uuid4(),
    } | more  # fmt: skip
    return await scoring.post_sheet(given.pop("id"), cells=cells, **given)


async def view(**more: Any) -> SheetView:
    given: dict[str, Any] = {"group": GROUP, "month": "2026-10", "actor": CLERK} | more
    return await sheets.view(VILLAGE, **given)


def row(sheet: SheetView, number: int) -> SheetRow:
    return next(one for one in sheet.rows if one.id == household_id(number))


async def entries(store: str) -> list[dict[str, Any]]:
    async with villages.raw(store) as raw:
        await auditing.assert_sound(raw)
        return await auditing.entries(raw)


def told(refused: SheetRefused) -> dict[tuple[UUID, str], type[Refusal]]:
    return {(one.household, one.item): type(one.refusal) for one in refused.errors}


# -- the view -----------------------------------------------------------------------------


async def test_a_sheet_shows_the_groups_households_and_the_months_items(items: Items) -> None:
    sheet = await view()
    assert [one.id for one in sheet.rows] == [household_id(number) for number in (1, 3, 5)]
    assert [one.number for one in sheet.rows] == ["001", "003", "005"]
    assert [one.code for one in sheet.items] == [one.code for one in villages.ITEMS]
    assert (sheet.deed_on, sheet.version.number) == (villages.TODAY, 1)
    assert (sheet.may_post, sheet.draft, sheet.village_earned) == (True, [], 0)


async def test_an_empty_group_means_the_whole_village(items: Items) -> None:
    assert len((await view(group="")).rows) == 6


async def test_a_past_months_deeds_are_dated_its_last_day(items: Items, opened: str) -> None:
    assert (await view(month="2026-02")).deed_on == date(2026, 2, 28)
    await post(cell(1, "courtyard", 5), month="2026-02")
    assert [one["deed_on"] for one in await entries(opened)] == ["2026-02-28"]


async def test_midnight_is_chinas(items: Items) -> None:
    with clock.stopped_at(datetime(2026, 10, 31, 15, 59, tzinfo=UTC)):
        assert (await view()).deed_on == date(2026, 10, 31)
        with pytest.raises(DeedInFuture):
            await view(month="2026-11")
    with clock.stopped_at(datetime(2026, 10, 31, 16, 0, tzinfo=UTC)):
        assert (await view(month="2026-11")).deed_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"month": "2026-11"}, DeedInFuture),
        ({"month": "2025-12"}, NoRuleBook),
        ({"month": "2026"}, PeriodUnknown),
        ({"month": "October"}, PeriodUnknown),
        ({"group": f"{VILLAGE}-G09"}, RegionNotFound),
        ({"group": OTHER_VILLAGE}, RegionNotFound),
        ({"group": VILLAGE}, RegionNotFound),
    ],
)
async def test_a_sheet_that_cannot_be_is_refused(
    items: Items, change: dict[str, str], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await view(**change)
    with pytest.raises(refusal):
        await post(cell(1, "courtyard", 5), **change)


async def test_posted_cells_are_locked_with_their_entries(items: Items, opened: str) -> None:
    posted = await post(cell(1, "courtyard", 12), cell(3, "courtyard", 0))
    sheet = await view()
    for number, points in ((1, 12), (3, 0)):
        state = row(sheet, number).cells["courtyard"]
        assert state.points == points
        assert str(state.entry) in {one["id"] for one in await entries(opened)}
    assert {one.entry for one in posted.entries} == {
        row(sheet, number).cells["courtyard"].entry for number in (1, 3)
    }
    assert "courtyard" not in row(sheet, 5).cells


async def test_a_single_entry_fills_a_graded_cell_and_narrows_another(items: Items) -> None:
    entry = await award(1, items["courtyard"], 7, on=date(2026, 10, 3))
    for _ in range(3):
        await award(1, items["volunteer"], 5, on=date(2026, 10, 3))
    await award(1, items["neighbours"], 20, on=date(2026, 3, 3))
    cells = row(await view(), 1).cells
    assert (cells["courtyard"].points, cells["courtyard"].entry) == (7, entry.id)
    assert "volunteer" not in cells, "the cap still holds one of five points"
    assert "neighbours" not in cells
    await award(1, items["volunteer"], 5, on=date(2026, 10, 3))
    refusal = row(await view(), 1).cells["volunteer"].refusal
    assert isinstance(refusal, CapExceeded)
    assert refusal.standing == 20


async def test_a_cell_says_how_much_of_its_cap_is_left(opened: str) -> None:
    with clock.stopped_at(villages.NOON):
        await villages.settle()
        await villages.adopt([villages.item("help", points_max=10, cap_points=15)])
        items = await villages.items_of()
        await award(1, items["help"], 8)
        assert row(await view(), 1).cells["help"].limit == 7
        await post(cell(1, "help", 7))
        assert row(await view(month="2026-09"), 1).cells == {}


async def test_what_was_graded_earlier_in_its_cycle_says_so(opened: str) -> None:
    with clock.stopped_at(villages.NOON):
        await villages.settle()
        yearly = villages.item("straw", cap_period="year", cycle="year")
        await villages.adopt([yearly])
        await post(cell(1, "straw", 8), month="2026-06")
        assert isinstance(row(await view(), 1).cells["straw"].refusal, CycleDone)
        with pytest.raises(SheetRefused) as refused:
            await post(cell(1, "straw", 8))
        assert told(refused.value) == {(household_id(1), "straw"): CycleDone}


async def test_own_household_and_items_of_others_are_barred(items: Items) -> None:
    clerk = factories.official("clerk", household=household_id(3))
    sheet = await view(actor=clerk)
    assert isinstance(row(sheet, 3).refusal, OwnHousehold)
    assert row(sheet, 1).refusal is None
    assert isinstance(row(sheet, 1).cells["panel-only"].refusal, ScorerNotAllowed)
    assert "panel-only" not in row(await view(actor=OPERATOR), 1).cells


async def test_the_sheet_adds_up_the_villages_period(items: Items) -> None:
    await settings.write(VILLAGE, Scheme(posted_period="year"), by=OPERATOR)
    await post(cell(1, "courtyard", 9), month="2026-03")
    await post(cell(1, "courtyard", 4), cell(3, "waste", 2))
    await award(2, items["courtyard"], 6)
    sheet = await view()
    assert (row(sheet, 1).earned, row(sheet, 3).earned) == (13, 2)
    assert (sheet.period.text, sheet.village_earned) == ("2026", 12)
    await settings.write(VILLAGE, Scheme(posted_period="quarter"), by=OPERATOR)
    assert row(await view(), 1).earned == 4


async def test_who_may_only_read_gets_the_sheet_for_reading(items: Items) -> None:
    supervisor = factories.official("supervisor")
    assert (await view(actor=supervisor)).may_post is False
    with pytest.raises(NotAllowed):
        await post(cell(1, "courtyard", 5), by=supervisor)


@pytest.mark.parametrize("role", ["auditor", "county_official", "admin"])
async def test_names_and_entries_together_need_both_permissions(items: Items, role: str) -> None:
    with pytest.raises(NotAllowed):
        await view(actor=factories.official(role))


async def test_another_villages_sheet_does_not_exist(items: Items) -> None:
    stranger = factories.official("clerk", OTHER_VILLAGE)
    with pytest.raises(RegionNotFound):
        await view(actor=stranger)
    with pytest.raises(RegionNotFound):
        await post(cell(1, "courtyard", 5), by=stranger)
    with pytest.raises(RegionNotFound):
        await scoring.save_draft(
            VILLAGE, group=GROUP, month="2026-10", cells=[cell(1, "courtyard", 5)], by=stranger
        )


async def test_a_groups_scorer_has_his_groups_sheet(items: Items) -> None:
    scorer = factories.official("scorer", GROUP)
    await post(cell(1, "courtyard", 5), by=scorer)
    for group in ("", GROUPS[0]):
        with pytest.raises(RegionNotFound):
            await view(group=group, actor=scorer)


# -- posting ------------------------------------------------------------------------------


async def test_a_press_posts_the_sheet_and_one_audit_line(items: Items, opened: str) -> None:
    key = uuid4()
    filled = [cell(number, code, 5) for number in (1, 3, 5) for code in ("courtyard", "waste")]
    result = await post(*filled, id=key)
    assert (result.id, result.posted, result.skipped) == (key, 6, 0)
    kept = await entries(opened)
    assert {one["source"] for one in kept} == {f"sheet:{key}"}
    assert {one["reason_digest"] for one in kept} == {""}
    async with villages.raw(opened) as raw:
        lines = await raw("SELECT subject FROM audit_line WHERE verb = 'scoring.post_sheet'")
    assert [line["subject"] for line in lines] == [f"sheet:{key}"]


async def test_zero_is_an_entry_and_an_empty_cell_is_not_scored(items: Items, opened: str) -> None:
    await post(cell(1, "courtyard", 0))
    assert [(one["household_id"], one["points"]) for one in await entries(opened)] == [
        (str(household_id(1)), 0)
    ]


async def test_a_second_press_posts_nothing_and_says_the_same(items: Items, opened: str) -> None:
    key = uuid4()
    filled = [cell(1, "courtyard", 5), cell(3, "courtyard", 7)]
    first = await post(*filled, id=key)
    assert await post(*filled, id=key) == first
    assert (await post(*reversed(filled), id=key)).posted == 2
    assert len(await entries(opened)) == 2


async def test_L1_presses_raced_with_one_id_post_once(items: Items, opened: str) -> None:
    key = uuid4()
    filled = [cell(number, "courtyard", 5) for number in (1, 3, 5)]
    results = await asyncio.gather(*(post(*filled, id=key) for _ in range(8)))
    assert all(result == results[0] for result in results)
    assert len(await entries(opened)) == 3


async def test_L1_a_sheets_id_with_other_content_is_refused(items: Items, opened: str) -> None:
    key = uuid4()
    await post(cell(1, "courtyard", 5), id=key)
    for other in (
        post(cell(1, "courtyard", 6), id=key),
        post(cell(1, "courtyard", 5), cell(3, "courtyard", 5), id=key),
        post(cell(1, "courtyard", 5), id=key, month="2026-09"),
        post(cell(1, "courtyard", 5), id=key, group=""),
        post(cell(1, "courtyard", 5), id=key, by=SCORER),
    ):
        with pytest.raises(IdTaken):
            await other
    assert len(await entries(opened)) == 1


async def test_sheets_raced_for_the_same_cells_fill_each_once(items: Items, opened: str) -> None:
    filled = [cell(number, "courtyard", 5) for number in (1, 3, 5)]
    results = await asyncio.gather(*(post(*filled) for _ in range(6)))
    assert sorted((result.posted, result.skipped) for result in results) == [(0, 3)] * 5 + [(3, 0)]
    assert len(await entries(opened)) == 3


async def test_a_later_sheet_adds_missing_cells_only(items: Items, opened: str) -> None:
    await post(cell(1, "courtyard", 5))
    later = await post(cell(1, "courtyard", 19), cell(3, "courtyard", 7))
    assert (later.posted, later.skipped) == (1, 1)
    assert {(one.household, one.points) for one in later.entries} == {
        (household_id(1), 5),
        (household_id(3), 7),
    }
    assert [one["points"] for one in await entries(opened)] == [5, 7]


async def test_a_later_sheet_of_the_month_finds_what_an_earlier_day_posted(
    items: Items, opened: str
) -> None:
    await post(cell(1, "courtyard", 5), cell(1, "volunteer", 5))
    with clock.stopped_at(datetime(2026, 11, 2, tzinfo=UTC)):
        result = await post(cell(1, "courtyard", 9), cell(1, "volunteer", 5))
    assert (result.posted, result.skipped) == (0, 2)
    assert len(await entries(opened)) == 2


async def test_a_reversed_cell_is_missing_again(items: Items, opened: str) -> None:
    entry = await award(1, items["courtyard"], 19)
    await reverse(entry)
    assert "courtyard" not in row(await view(), 1).cells
    assert (await post(cell(1, "courtyard", 9))).posted == 1
    assert [one["points"] for one in await entries(opened)] == [19, -19, 9]


async def test_all_that_stands_against_a_sheet_is_told_by_cell_and_nothing_stored(
    items: Items, opened: str
) -> None:
    clerk = factories.official("clerk", household=household_id(5))
    for _ in range(4):
        await award(3, items["volunteer"], 5, on=date(2026, 10, 2))
    before = await entries(opened)
    with pytest.raises(SheetRefused) as refused:
        await post(
            cell(1, "courtyard", 21),
            cell(1, "waste", -1),
            cell(1, "panel-only", 3),
            cell(1, "nothing-such", 3),
            cell(2, "courtyard", 5),
            cell(3, "volunteer", 5),
            cell(3, "courtyard", 5),
            cell(3, "waste", 5),
            cell(3, "waste", 6),
            cell(5, "courtyard", 5),
            by=clerk,
        )
    assert told(refused.value) == {
        (household_id(1), "courtyard"): PointsOutOfRange,
        (household_id(1), "waste"): DeductionNotYet,
        (household_id(1), "panel-only"): ScorerNotAllowed,
        (household_id(1), "nothing-such"): NotOnSheet,
        (household_id(2), "courtyard"): NotOnSheet,
        (household_id(3), "volunteer"): CapExceeded,
        (household_id(3), "waste"): CellTwice,
        (household_id(5), "courtyard"): OwnHousehold,
    }
    assert await entries(opened) == before
    async with villages.raw(opened) as raw:
        assert await raw("SELECT * FROM score_sheet") == []


async def test_a_household_that_left_is_not_on_the_sheet_of_later_months(items: Items) -> None:
    await Household.filter(id=household_id(1)).update(state="left", left_on=date(2026, 9, 15))
    assert household_id(1) not in {one.id for one in (await view()).rows}
    with pytest.raises(SheetRefused) as refused:
        await post(cell(1, "courtyard", 5))
    assert told(refused.value) == {(household_id(1), "courtyard"): NotOnSheet}
    assert (await post(cell(1, "courtyard", 5), month="2026-08")).posted == 1


async def test_evidence_is_asked_for_single_entries_only(items: Items) -> None:
    assert (await post(cell(1, "dog", 20))).posted == 1


async def test_the_same_sheet_id_in_another_village_is_taken(items: Items) -> None:
    await villages.another_village()
    key = uuid4()
    theirs = Cell(household_id(1, OTHER_VILLAGE), "courtyard", 5)
    presses = await asyncio.gather(
        post(cell(1, "courtyard", 5), id=key, group=""),
        post(theirs, id=key, group="", village=OTHER_VILLAGE, by=OPERATOR),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in presses) == ["IdTaken", "SheetResult"]


# -- drafts -------------------------------------------------------------------------------


async def save(*cells: Cell, **more: Any) -> datetime:
    given: dict[str, Any] = {"group": GROUP, "month": "2026-10", "by": CLERK} | more
    return await scoring.save_draft(VILLAGE, cells=cells, **given)


async def test_a_draft_is_kept_for_its_official_and_sheet(items: Items) -> None:
    typed = [cell(1, "courtyard", 99), cell(3, "waste", -4)]
    saved_at = await save(*typed)
    sheet = await view()
    assert (sheet.draft, sheet.draft_saved_at) == (typed, saved_at)
    for other in ({"actor": SCORER}, {"month": "2026-09"}, {"group": GROUPS[0]}, {"group": ""}):
        assert (await view(**other)).draft == []


async def test_a_draft_is_replaced_and_an_empty_one_forgotten(items: Items, opened: str) -> None:
    await save(cell(1, "courtyard", 5), cell(3, "courtyard", 5))
    await save(cell(1, "courtyard", 6))
    assert (await view()).draft == [cell(1, "courtyard", 6)]
    await save()
    async with villages.raw(opened) as raw:
        assert await raw("SELECT * FROM score_draft") == []


async def test_a_draft_saved_twice_at_once_is_one_draft(items: Items, opened: str) -> None:
    await asyncio.gather(*(save(cell(1, "courtyard", points)) for points in range(6)))
    async with villages.raw(opened) as raw:
        assert len(await raw("SELECT * FROM score_draft")) == 1


async def test_a_posted_sheets_draft_is_gone_and_a_refused_ones_stays(items: Items) -> None:
    await save(cell(1, "courtyard", 21))
    with pytest.raises(SheetRefused):
        await post(cell(1, "courtyard", 21))
    assert (await view()).draft == [cell(1, "courtyard", 21)]
    await post(cell(1, "courtyard", 20))
    assert (await view()).draft == []


async def test_nobody_drafts_what_he_may_not_post(items: Items) -> None:
    with pytest.raises(NotAllowed):
        await save(cell(1, "courtyard", 5), by=factories.official("supervisor"))
