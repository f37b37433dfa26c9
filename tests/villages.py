"""A small village to score: regions, households, a rule book, officials, and a stopped clock.

Plain functions over an open store. What is asserted afterwards is read with raw SQL by drivers
of the test's own, see `raw_rows`.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from foundation import clock
from foundation.actors import Actor, Duty, operator
from households.models import Household, Region
from rules import adoption, rulebook
from rules.drafts import Draft, DraftClause, DraftItem
from rules.rulebook import Item, Version

VILLAGE = "619928106221"
OTHER_VILLAGE = "619928106222"
TOWNSHIP = "619928106000"
NOON = datetime(2026, 10, 20, 4, tzinfo=UTC)
"""The instant at which the tests' clock stands: 20 October 2026, noon in China."""
TODAY = date(2026, 10, 20)
OPERATOR = operator("tester")
_SPACE = UUID("00000000-0000-4000-8000-000000000099")


def household_id(number: int, village: str = VILLAGE) -> UUID:
    """The id of the village's household of that number."""
    return uuid5(_SPACE, f"{village} household {number}")


def official(
    role: str, region: str = VILLAGE, *, login: str = "", household: UUID | None = None
) -> Actor:
    """An official with one duty, as log-in would give him; he has no row of his own."""
    name = login or f"{role}@{region}"
    path = region if region == TOWNSHIP else f"{TOWNSHIP}/{region[:12]}"
    path += f"/{region}/" if len(region) > 12 else "/"
    return Actor(
        id=uuid5(_SPACE, name),
        login=name,
        name=name,
        household_id=household,
        duties=(Duty(role, region, path, name=region),),
    )


CLERK = official("clerk")
SCORER = official("scorer")


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
SHEET_CODES = tuple(one.code for one in ITEMS)


async def settle(village: str = VILLAGE, *, households: int = 6) -> None:
    """Make a village of two groups and a grid, its households divided between the groups."""
    await Region.get_or_create(
        code=TOWNSHIP, defaults={"name": "槐树镇", "level": "township", "path": f"{TOWNSHIP}/"}
    )
    path = f"{TOWNSHIP}/{village}/"
    await Region.create(
        code=village, name="槐庄村", level="village", parent=TOWNSHIP, path=path, village=village
    )
    for tail, level in (("G01", "group"), ("G02", "group"), ("W001", "grid")):
        code = f"{village}-{tail}"
        await Region.create(
            code=code, name=tail, level=level, parent=village, path=f"{path}{code}/",
            village=village,
        )  # fmt: skip
    await Household.bulk_create(
        Household(
            id=household_id(number, village), village=village, number=f"{number:03d}",
            group=f"{village}-G{1 + number % 2:02d}", grid=f"{village}-W001",
            head=f"户主{number}", pinyin=f"huzhu{number:04d}", created_at=clock.now(),
        )
        for number in range(1, households + 1)
    )  # fmt: skip


async def adopt(
    items: Sequence[DraftItem] = ITEMS,
    *,
    village: str = VILLAGE,
    on: date = date(2026, 1, 1),
) -> Version:
    """Give the village a rule book with these items under one clause, in force from a day on."""
    begun = await rulebook.draft_from_starter(village, "plain-village", by=OPERATOR)
    clause = DraftClause(number="1", block="environment", text="院子常打扫。", items=tuple(items))
    draft = Draft(title="村规民约", preamble="", name_wall="", name_web="", clauses=(clause,))
    await rulebook.change_draft(begun.id, draft, by=OPERATOR)
    return await adoption.publish(begun.id, in_force_from=on, by=OPERATOR)


async def items_of(village: str = VILLAGE, *, on: date = TODAY) -> dict[str, Item]:
    """The items in force on a day, by code."""
    return {one.code: one for one in (await rulebook.in_force(village, on)).items}


@asynccontextmanager
async def raw(store: str) -> AsyncIterator["Raw"]:
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


class Raw:
    """SQL by sqlite3 or asyncpg alone; dates and UUIDs come back as text on both."""

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
