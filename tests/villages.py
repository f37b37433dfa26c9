"""A village to score: households, a rule book of items with simple bounds, a stopped clock.

Plain functions over an open store, beside factories.py. What a test asserts about the store is
read by a driver of its own, see `raw`.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import factories
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE

from foundation import clock
from households.models import Household, Region
from points import ledger
from points.ledger import Posting
from rules import adoption, rulebook
from rules.drafts import Draft, DraftClause, DraftItem
from rules.rulebook import Item, Version

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 10, 20, 4, tzinfo=UTC)
"""Where the tests' clock stands: 20 October 2026, noon in China."""
TODAY = date(2026, 10, 20)
GROUPS = (f"{VILLAGE}-G01", f"{VILLAGE}-G02")
CLERK = factories.official("clerk")
SCORER = factories.official("scorer")


def household_id(number: int, village: str = VILLAGE) -> UUID:
    """The id of the village's household of that number."""
    return uuid5(UUID(int=99), f"{village} household {number}")


def item(code: str, **settings: Any) -> DraftItem:
    """A scoring item that gives 0 to 20 points once a month, unless told otherwise."""
    given: dict[str, Any] = {
        "code": code,
        "name": code,
        "unit": "次",
        "points_max": 20,
        "cap_points": 20,
    }
    return DraftItem(**(given | settings))


ITEMS = (
    item("courtyard"),
    item("waste", points_max=10, cap_points=10),
    item("dog", points_min=20, cap_period="once", cycle="once", evidence_needed=True),
    item("volunteer", points_min=5, points_max=5),
    item("meeting", points_min=2, points_max=2, cap_points=4, cap_period="day"),
    item("neighbours", points_min=20, cap_points=40, cap_period="year", cycle="year"),
    item("panel-only", points_max=5, cap_points=5, scorers=("panel_member",)),
)


async def settle(*, households: int = 6, village: str = VILLAGE) -> None:
    """Put households into a village of `factories.divisions`, by turns into groups 2 and 1."""
    if not await Region.exists(code=village):
        await factories.divisions()
    await Household.bulk_create(
        Household(
            id=household_id(number, village),
            village=village,
            number=f"{number:03d}",
            group=GROUPS[number % 2] if village == VILLAGE else "",
            head=f"户主{number}",
            pinyin=f"huzhu{number:04d}",
            created_at=clock.now(),
        )
        for number in range(1, households + 1)
    )


async def adopt(
    items: Sequence[DraftItem] = ITEMS, *, on: date = date(2026, 1, 1), village: str = VILLAGE
) -> Version:
    """Give the village a rule book with these items under one clause, in force from a day on."""
    begun = await rulebook.draft_from_starter(village, "plain-village", by=OPERATOR)
    clause = DraftClause(number="1", block="environment", text="院子常打扫。", items=tuple(items))
    draft = Draft(title="村规民约", preamble="", name_wall="", name_web="", clauses=(clause,))
    await rulebook.change_draft(begun.id, draft, by=OPERATOR)
    return await adoption.publish(begun.id, in_force_from=on, by=OPERATOR)


async def items_of(*, on: date = TODAY, village: str = VILLAGE) -> dict[str, Item]:
    """The items in force on a day, by code."""
    return {one.code: one for one in (await rulebook.in_force(village, on)).items}


async def a_village(*, households: int = 6) -> dict[str, Item]:
    """The village settled and its rule book in force; returns the items by code."""
    await settle(households=households)
    await adopt()
    return await items_of()


async def another_village(*, households: int = 2) -> dict[str, Item]:
    """The neighbouring village likewise; comes after `a_village`."""
    await settle(households=households, village=OTHER_VILLAGE)
    await adopt(village=OTHER_VILLAGE)
    return await items_of(village=OTHER_VILLAGE)


async def award(
    number: int, item: Item, points: int, *, on: date = TODAY, **more: Any
) -> ledger.Entry:
    """One award by the clerk for the household of that number, with whatever is told besides."""
    given: dict[str, Any] = {"id": uuid4(), "reason": "院子干净", "by": CLERK} | more
    village = given.pop("village", VILLAGE)
    return await ledger.award(
        household_id(number, village), item_id=item.id, points=points, on=on, **given
    )


async def reverse(entry: ledger.Entry, **more: Any) -> ledger.Entry:
    """The entry taken back by the clerk."""
    given: dict[str, Any] = {"id": uuid4(), "reason": "记错了", "by": CLERK} | more
    return await ledger.reverse(entry.id, **given)


def posting(number: int, item: Item, points: int, *, on: date = TODAY, **more: Any) -> Posting:
    """A posting for `ledger.post_many`."""
    given: dict[str, Any] = {"id": uuid4(), "source": "test"} | more
    return Posting(household_id=household_id(number), item=item, points=points, deed_on=on, **given)


class Raw:
    """SQL by sqlite3 or asyncpg alone; dates and UUIDs come back as text from both."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def __call__(self, sql: str) -> list[dict[str, Any]]:
        if isinstance(self._connection, sqlite3.Connection):
            return [dict(row) for row in self._connection.execute(sql).fetchall()]
        return [
            {
                name: str(value) if isinstance(value, UUID | date) else value
                for name, value in row.items()
            }
            for row in await self._connection.fetch(sql)
        ]


@asynccontextmanager
async def raw(store: str) -> AsyncIterator[Raw]:
    """The store through a plain driver, beside whatever has it open."""
    if store.startswith("sqlite://"):
        lite = sqlite3.connect(store.removeprefix("sqlite://"), isolation_level=None)
        lite.row_factory = sqlite3.Row
        try:
            yield Raw(lite)
        finally:
            lite.close()
        return
    connection = await asyncpg.connect(store)
    try:
        yield Raw(connection)
    finally:
        await connection.close()
