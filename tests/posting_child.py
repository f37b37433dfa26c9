"""Posts without end until it is killed, and says on standard output what was acknowledged.

Started by test_invariants_ledger_crash.py as `python posting_child.py STORE SEED`; each line that
it prints is one acknowledgement, written after the verb returned.
"""

import asyncio
import random
import sys
from uuid import UUID, uuid4

import villages
from factories import VILLAGE
from villages import CLERK, GROUPS

from foundation import clock, database
from points import ledger, scoring
from points.errors import AlreadyReversed, CapExceeded, SheetRefused
from points.scoring import Cell
from rules.rulebook import Item


async def main(store: str, seed: int) -> None:
    """Post single entries, reversals and sheets, several at once, in random order."""
    chance = random.Random(seed)
    await database.open(store)
    try:
        with clock.stopped_at(villages.NOON):
            items = await villages.items_of()
            posted: list[UUID] = []
            while True:
                steps = [
                    chance.choice((_single, _single, _reversal, _sheet))(chance, items, posted)
                    for _ in range(3)
                ]
                await asyncio.gather(*steps)
    finally:
        await database.close()


async def _single(chance: random.Random, items: dict[str, Item], posted: list[UUID]) -> None:
    on = villages.TODAY.replace(month=chance.randint(1, 10), day=chance.randint(1, 20))
    try:
        entry = await villages.award(chance.randint(1, 6), items["volunteer"], 5, on=on)
    except CapExceeded:
        return
    posted.append(entry.id)
    print("entry", entry.id, flush=True)  # noqa: T201 - the acknowledgement itself


async def _reversal(chance: random.Random, items: dict[str, Item], posted: list[UUID]) -> None:
    if not posted:
        return
    try:
        back = await ledger.reverse(chance.choice(posted), id=uuid4(), reason="x", by=CLERK)
    except AlreadyReversed:
        return
    print("entry", back.id, flush=True)  # noqa: T201


async def _sheet(chance: random.Random, items: dict[str, Item], posted: list[UUID]) -> None:
    group = chance.choice(GROUPS)
    month = f"2026-{chance.randint(1, 10):02}"
    numbers = [number for number in range(1, 7) if GROUPS[number % 2] == group]
    cells = [
        Cell(villages.household_id(number), code, chance.randint(0, 10))
        for number in numbers
        for code in ("courtyard", "waste")
    ]
    key = uuid4()
    try:
        result = await scoring.post_sheet(
            key, village=VILLAGE, group=group, month=month, cells=cells, by=CLERK
        )
    except SheetRefused:
        return
    print("sheet", key, result.posted, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
