"""Households that split, merge and move, for tests: a family of four each, and the steps."""

from typing import Any
from uuid import UUID, uuid4

import auditing
import factories
import villages
from factories import OTHER_VILLAGE
from villages import CLERK, TODAY, household_id

from foundation import database
from households import lineage
from households.details import HEAD
from households.models import Household, Resident
from households.moves import Merge, Relocate, Split
from points import transfers, verification
from rules.rulebook import Item

Items = dict[str, Item]
TOWNSHIP_CLERK = factories.official("clerk", factories.TOWNSHIP)


async def families() -> Items:
    """The village of `villages.a_village`, a family of four in each of its six households."""
    items = await villages.a_village()
    for number in range(1, 7):
        await people(household_id(number), number)
    return items


async def people(household: UUID, number: int) -> None:
    """A head, his wife, their son and the son's wife."""
    for place, (name, relation) in enumerate(
        (("", HEAD), ("妻", "配偶"), ("子", "长子"), ("媳", "儿媳"))
    ):
        await Resident.create(
            id=uuid4(), household_id=household, position=place,
            name=f"户主{number}{name}", relation=relation,
        )  # fmt: skip


async def members(household: UUID) -> list[Resident]:
    found = Resident.filter(household_id=household, state="active")
    return list(await found.order_by("position", "id"))


async def revision(household: UUID) -> int:
    return (await Household.get(id=household)).revision


async def balance(household: UUID) -> int:
    return await transfers.balance_of(household)


async def village_sum() -> int:
    [row] = await database.rows("SELECT COALESCE(SUM(points), 0) AS points FROM ledger_entry")
    return int(row["points"])


async def split(of: int = 1, **given: Any) -> lineage.Move:
    """The young couple goes."""
    key = household_id(of)
    couple = (await members(key))[2:]
    acting = {name: given.pop(name) for name in ("id", "by", "revision") if name in given}
    step: dict[str, Any] = {
        "members": [one.id for one in couple], "head": couple[0].id if couple else uuid4(),
        "on": TODAY, "reason": "兄弟分家，当面商定",
    }  # fmt: skip
    more: dict[str, Any] = {"id": uuid4(), "revision": await revision(key), "by": CLERK}
    return await transfers.split(key, Split(**(step | given)), **(more | acting))


async def merge(of: int, into: UUID, **given: Any) -> lineage.Move:
    key = household_id(of)
    acting = {name: given.pop(name) for name in ("id", "by", "revision") if name in given}
    step: dict[str, Any] = {"into": into, "on": TODAY, "reason": "老人随子女生活"}
    more: dict[str, Any] = {"id": uuid4(), "revision": await revision(key), "by": CLERK}
    return await transfers.merge(key, Merge(**(step | given)), **(more | acting))


async def relocate(of: int, **given: Any) -> lineage.Move:
    key = household_id(of)
    acting = {name: given.pop(name) for name in ("id", "by", "revision") if name in given}
    step: dict[str, Any] = {"village": OTHER_VILLAGE, "on": TODAY, "reason": "搬到西关村"}
    more: dict[str, Any] = {"id": uuid4(), "revision": await revision(key), "by": TOWNSHIP_CLERK}
    return await transfers.relocate(key, Relocate(**(step | given)), **(more | acting))


async def assert_sound(store: str) -> None:
    async with villages.raw(store) as raw:
        await auditing.assert_sound(raw)
        [row] = await raw(
            "SELECT COALESCE(SUM(points), 0) AS points FROM ledger_entry WHERE kind = 'transfer'"
        )
        assert row["points"] == 0, "transfers pair up"
    assert await verification.verify() == []
