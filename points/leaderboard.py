"""Who earned how much in a period, and which place that is.

Adds up `month_total`, which the ledger keeps in step with its entries, and never reads entries,
balances, tiers or anything else about a household but its place and whether it still belongs to
the village. Writes nothing.

Taking part are the active households of the region that have at least one counted entry in the
period: a cell left empty on a score sheet is "not scored" and takes no place, a 0 does. A
household that left is not ranked. Comparing villages with each other is not offered: their rules
differ.
"""

from collections.abc import Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec

from foundation import database
from foundation.marking import mark as _n
from households.models import Region
from points.errors import BlockUnknown, NoLeaderboardHere
from points.period import Period
from rules.starters import Block

BLOCKS: tuple[Block, ...] = get_args(Block)
BLOCK_NAMES: dict[str, str] = {
    "environment": _n("环境卫生"),
    "law": _n("遵纪守法"),
    "customs": _n("移风易俗"),
    "public_service": _n("公益服务"),
}
LEVELS = ("village", "group", "grid", "micro_grid")


class Row(msgspec.Struct, frozen=True):
    """A household's place.

    `rank_before` is its place in the period before, null if it took no part then; `change` is
    how many places it rose (below zero: fell) since.
    """

    rank: int
    household: UUID
    earned: int
    blocks: dict[str, int]
    rank_before: int | None = None

    @property
    def change(self) -> int | None:
        return None if self.rank_before is None else self.rank_before - self.rank


class Board(msgspec.Struct, frozen=True):
    """A region's ranking: rows by rank, those of equal rank by household id."""

    region: str
    period: str
    block: str | None
    rows: tuple[Row, ...]

    @property
    def earned(self) -> int:
        """Points of all that take part together."""
        return sum(row.earned for row in self.rows)

    def document(self, *, top: int | None = None) -> dict[str, Any]:
        """The leaderboard as the command line and the API print it (contracts.md): no names.

        `top` keeps the first so many places; households that tie on the last all stay.
        """
        return {
            "region": self.region,
            "period": self.period,
            "block": self.block,
            "rows": [
                {
                    "rank": row.rank,
                    "household": str(row.household),
                    "earned": row.earned,
                    "blocks": row.blocks,
                }
                for row in self.rows
                if top is None or row.rank <= top
            ],
        }


async def rank(
    region: Region, *, period: Period, block: str | None = None, compare: bool = True
) -> Board:
    """Rank the households of a village, group, grid or micro-grid on points earned.

    Args:
        region: where; for a grid its micro-grids are included.
        period: a month, quarter or year; it may still be running.
        block: count one block alone; None counts all four.
        compare: also look at the period before, which takes as long again.

    Equal points share a place and the places after it stay free (1-2-2-4). Refuses with
    `NoLeaderboardHere` above a village and with `BlockUnknown`.
    """
    if region.level not in LEVELS:
        raise NoLeaderboardHere(region=region.code, level=region.level)
    if block is not None and block not in BLOCKS:
        raise BlockUnknown(block=block[:40])
    blocks = BLOCKS if block is None else (block,)
    found = await database.rows(*_query(region, period=period, blocks=blocks, compare=compare))
    before = {line["id"]: line["before"] for line in found if line["scored_before"]}
    now = {line["id"]: line for line in found if line["scored"]}
    earned = {id: sum(int(line[name]) for name in blocks) for id, line in now.items()}
    rank_before = places(before)
    rows = [
        Row(
            rank=place,
            household=UUID(str(id)),
            earned=earned[id],
            blocks={name: int(now[id][name]) for name in blocks},
            rank_before=rank_before.get(id),
        )
        for id, place in places(earned).items()
    ]
    rows.sort(key=lambda row: (row.rank, str(row.household)))
    return Board(region.code, period.text, block, tuple(rows))


def places(points: dict[Any, int]) -> dict[Any, int]:
    """The place of each key: the most points first, equal points an equal place (1-2-2-4)."""
    result: dict[Any, int] = {}
    last_points, place = None, 0
    for at, (key, value) in enumerate(sorted(points.items(), key=lambda pair: -pair[1]), start=1):
        if value != last_points:
            last_points, place = value, at
        result[key] = place
    return result


def _query(
    region: Region, *, period: Period, blocks: Sequence[str], compare: bool
) -> tuple[str, list[Any]]:
    """One pass over the totals of the period and the one before, a column for each block.

    Written out because this is read for every board and poster: summing up in the database is
    five times as fast as fetching the rows. Sums first and joins afterwards, once a household.
    """
    start, marks = period.months[0], ", ".join("?" * len(blocks))
    sums = ", ".join(
        f"SUM(CASE WHEN block = ? AND month >= ? THEN earned ELSE 0 END) AS {name}"
        for name in blocks
    )
    place, place_values = _of_region(region)
    # Only names from BLOCKS and columns written here are set into the text; values never are.
    sql = f"""
        SELECT h.id, t.* FROM (
            SELECT household_id, {sums},
                SUM(CASE WHEN month >= ? THEN 1 ELSE 0 END) AS scored,
                SUM(CASE WHEN month < ? THEN 1 ELSE 0 END) AS scored_before,
                SUM(CASE WHEN month < ? THEN earned ELSE 0 END) AS before
            FROM month_total
            WHERE village = ? AND month BETWEEN ? AND ? AND block IN ({marks})
            GROUP BY household_id
        ) t JOIN household h ON h.id = t.household_id
        WHERE h.state = 'active' AND h.village = ?{place}"""  # noqa: S608
    values = [value for name in blocks for value in (name, start)]
    values += [start, start, start, region.village]
    values += [(period.previous if compare else period).months[0], period.months[-1]]
    values += [*blocks, region.village]
    return sql, [*values, *place_values]


def _of_region(region: Region) -> tuple[str, list[str]]:
    if region.level == "village":
        return "", []
    if region.level == "group":
        return ' AND h."group" = ?', [region.code]
    # A grid's own code stands before its micro-grids' ("-W012", "-W012-03").
    return " AND (h.grid = ? OR h.grid LIKE ?)", [region.code, f"{region.code}-%"]
