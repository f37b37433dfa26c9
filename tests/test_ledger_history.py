"""Entries read back: the list, its filters and pages, and everything one entry rests on."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import uuid4

import factories
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from villages import CLERK, GROUPS, award, household_id, reverse

from foundation import attachments, clock, database
from foundation.actors import Actor
from households import officials, regions
from households.errors import HouseholdNotFound, NotAllowed, RegionNotFound
from households.models import Household, Official
from points import history
from points.errors import EntryNotFound
from points.period import Period
from rules.rulebook import Item

Items = dict[str, Item]
STRANGER = factories.official("clerk", OTHER_VILLAGE)


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        yield await villages.a_village()


async def a_clerk(name: str) -> Actor:
    """A clerk with a row of his own, as the list of officials has him."""
    created = await officials.create(
        "wang", name=name, role="clerk", region=VILLAGE, password="a-long-Password-1", by=OPERATOR
    )
    return await officials.actor_of(created)


async def test_an_entry_tells_everything_it_rests_on(items: Items) -> None:
    clerk = await officials.create(
        "wang",
        name="王秋实",
        role="clerk",
        region=VILLAGE,
        password="a-long-Password-1",
        by=OPERATOR,
    )
    by = await officials.actor_of(clerk)
    photo = await attachments.keep(b"x", purpose="evidence", name="犬证", media_type="image/png")
    entry = await award(1, items["dog"], 20, reason="办了犬证", evidence_id=photo, by=by)
    back = await reverse(entry)
    story = await history.story(entry.id, actor=CLERK)
    assert story.line.entry == entry
    assert (story.line.reason, story.line.recorder) == ("办了犬证", "王秋实")
    assert (story.line.number, story.line.head) == ("001", "户主1")
    assert story.item is not None
    assert (story.item.name, story.item.clause_text) == ("dog", "院子常打扫。")
    assert story.version is not None
    assert (story.version.number, story.version.adoption) == (1, None)
    assert story.evidence is not None
    assert (story.evidence.id, story.evidence.name) == (photo, "犬证")
    assert (story.reversed_by, story.reverses) == (back, None)
    assert (await history.story(back.id, actor=CLERK)).reverses == entry


async def test_an_erased_reason_and_evidence_are_told_apart_from_none(items: Items) -> None:
    photo = await attachments.keep(b"x", purpose="evidence", name="x", media_type="image/png")
    entry = await award(1, items["dog"], 20, evidence_id=photo)
    await attachments.forget(photo)
    assert (await history.story(entry.id, actor=CLERK)).evidence is None
    await database.execute("DELETE FROM entry_reason")
    story = await history.story(entry.id, actor=CLERK)
    assert (story.line.reason, story.evidence) == (None, None)


async def test_an_operators_entry_names_the_operator(items: Items) -> None:
    entry = await award(1, items["courtyard"], 5, by=OPERATOR)
    assert (await history.story(entry.id, actor=CLERK)).line.recorder == "operator:tests"


async def test_nobody_beside_the_village_reads_an_entry(items: Items) -> None:
    entry = await award(1, items["courtyard"], 5)
    with pytest.raises(EntryNotFound):
        await history.story(entry.id, actor=STRANGER)
    with pytest.raises(EntryNotFound):
        await history.story(uuid4(), actor=CLERK)
    with pytest.raises(HouseholdNotFound):
        await history.balance(household_id(1), actor=STRANGER)
    with pytest.raises(HouseholdNotFound):
        await history.earned(household_id(1), actor=STRANGER)
    with pytest.raises(HouseholdNotFound):
        await history.listing(STRANGER, household_id=household_id(1))
    with pytest.raises(RegionNotFound):
        await history.listing(STRANGER, region=VILLAGE)
    with pytest.raises(NotAllowed):
        await history.listing(factories.official("county_official"), region=VILLAGE)


async def test_who_may_not_read_the_register_sees_no_names(items: Items) -> None:
    entry = await award(1, items["courtyard"], 5)
    auditor = factories.official("auditor")
    [line] = (await history.listing(auditor, region=VILLAGE)).rows
    assert (line.number, line.head, line.entry) == ("", "", entry)


async def test_the_list_is_filtered_by_every_column_that_matters(items: Items) -> None:
    await award(1, items["courtyard"], 5, on=date(2026, 9, 3))
    await award(1, items["waste"], 6)
    kept = await award(2, items["courtyard"], 7)
    back = await reverse(kept)
    await Household.filter(id=household_id(2)).update(grid=f"{VILLAGE}-W001-02")
    for level, parent in (("grid", VILLAGE), ("micro_grid", f"{VILLAGE}-W001")):
        await regions.create_local(parent, level=level, name="格", number=1, by=OPERATOR)

    async def points(**filters: object) -> list[int]:
        given = {"region": VILLAGE} | filters
        found = await history.listing(CLERK, **given)  # type: ignore[arg-type]
        assert found.total == len(found.rows)
        return [line.entry.points for line in found.rows]

    assert await points() == [-7, 7, 6, 5]
    assert await points(household_id=household_id(1)) == [6, 5]
    assert await points(region=GROUPS[1]) == [6, 5]
    assert await points(region=GROUPS[0]) == [-7, 7]
    assert await points(region=f"{VILLAGE}-W001") == [-7, 7]
    assert await points(region=f"{VILLAGE}-W001-01") == []
    assert await points(period=Period("2026-09")) == [5]
    assert await points(period=Period("2026Q4")) == [-7, 7, 6]
    assert await points(item="courtyard", kind="award") == [7, 5]
    assert await points(block="environment", kind="reversal") == [-7]
    assert await points(block="law") == []
    lines = (await history.listing(CLERK, household_id=household_id(2))).rows
    assert [(line.entry.id, line.reversed_by) for line in lines] == [
        (back.id, None),
        (kept.id, back.id),
    ]
    assert [line.item_name for line in lines] == ["courtyard", "courtyard"]


async def test_the_list_comes_in_pages(items: Items) -> None:
    for day in range(1, 5):
        await award(1, items["volunteer"], 5, on=date(2026, 10, day))
    pages = [
        await history.listing(CLERK, region=VILLAGE, page=page, page_size=3) for page in (1, 2, 3)
    ]
    assert [[line.entry.seq for line in page.rows] for page in pages] == [[4, 3, 2], [1], []]
    assert {page.total for page in pages} == {4}
    assert (await history.listing(CLERK, region=VILLAGE, page=0, page_size=9999)).page_size == 200
    assert (await history.listing(CLERK, region=VILLAGE, page=10**30)).rows == []


async def test_L3_a_households_months_add_up(items: Items) -> None:
    assert await history.balance(household_id(1), actor=CLERK) == 0
    await award(1, items["courtyard"], 5, on=date(2026, 9, 3))
    await award(1, items["waste"], 6)
    await reverse(await award(1, items["courtyard"], 7))
    assert await history.balance(household_id(1), actor=CLERK) == 11
    months = await history.earned(household_id(1), actor=CLERK)
    assert [(one.month, one.earned, one.blocks) for one in months] == [
        ("2026-09", 5, {"environment": 5}),
        ("2026-10", 6, {"environment": 6}),
    ]


async def test_the_recorders_name_follows_the_official(items: Items) -> None:
    clerk = await a_clerk("李明")
    await award(1, items["courtyard"], 5, by=clerk)
    await Official.filter(id=clerk.id).update(name="李小明")
    [line] = (await history.listing(CLERK, region=VILLAGE)).rows
    assert line.recorder == "李小明"
