"""Ranking: who takes part, 1-2-2-4, regions, blocks and the change against the period before."""

from datetime import date
from itertools import groupby
from random import Random
from typing import Any
from uuid import UUID, uuid4

import boards
import pytest
import villages
from hypothesis import given
from hypothesis import strategies as st

from foundation import clock, database
from households import settings
from households.models import Household, Region
from points import leaderboard, ledger
from points.errors import BlockUnknown, NoLeaderboardHere
from points.leaderboard import Board
from points.period import Period
from points.scheme import Scheme

SEPTEMBER = Period.parse("2026-09")
QUARTER = Period.parse("2026Q3")


def places_of(board: Board, *homes: Household) -> list[int | None]:
    by_id = {row.household: row.rank for row in board.rows}
    return [by_id.get(home.id) for home in homes]


@given(st.dictionaries(st.integers(), st.integers(-5, 20), max_size=30))
def test_a_place_is_one_more_than_the_number_of_those_who_earned_more(
    points: dict[int, int],
) -> None:
    for key, place in leaderboard.places(points).items():
        assert place == 1 + sum(value > points[key] for value in points.values())


async def test_equal_points_share_a_place_and_the_next_places_stay_free(opened: str) -> None:
    region = await boards.village()
    homes = [await boards.household(name) for name in ("赵一", "钱二", "孙三", "李四")]
    for home, points in zip(homes, (9, 7, 7, 5), strict=True):
        await boards.post(home, points)
    board = await leaderboard.rank(region, period=SEPTEMBER)
    assert places_of(board, *homes) == [1, 2, 2, 4]
    tied = [row.household for row in board.rows if row.rank == 2]
    assert tied == sorted(tied, key=str), "the order within a tie is the same on every run"


async def test_an_empty_cell_takes_no_place_and_a_zero_does(opened: str) -> None:
    region = await boards.village()
    scored, zero, unscored, last_month = [
        await boards.household(name) for name in ("赵一", "钱二", "孙三", "李四")
    ]
    await boards.post(scored, 3)
    await boards.post(zero, 0)
    await boards.post(last_month, 8, on="2026-08-31")
    board = await leaderboard.rank(region, period=SEPTEMBER)
    assert places_of(board, scored, zero, unscored, last_month) == [1, 2, None, None]
    assert board.earned == 3


async def test_a_household_that_left_is_not_ranked_and_leaves_no_gap(opened: str) -> None:
    region = await boards.village()
    stayed = await boards.household("赵一")
    left = await boards.household("钱二", state="left")
    await boards.post(stayed, 3)
    await boards.post(left, 30)
    assert places_of(await leaderboard.rank(region, period=SEPTEMBER), stayed, left) == [1, None]


@pytest.mark.parametrize("kind", ["base", "redemption", "transfer", "opening", "expiry"])
async def test_what_is_not_earned_never_counts(opened: str, kind: str) -> None:
    region = await boards.village()
    one, other = await boards.household("赵一"), await boards.household("钱二")
    await boards.post(one, 100, kind=kind, block="")
    await boards.post(other, 1)
    assert places_of(await leaderboard.rank(region, period=SEPTEMBER), one, other) == [None, 1]


async def test_groups_grids_and_micro_grids_rank_their_own_households(opened: str) -> None:
    region = await boards.village()
    first = await boards.household("赵一", group=1, grid=f"{region.code}-W001")
    second = await boards.household("钱二", group=2, grid=f"{region.code}-W001-01")
    third = await boards.household("孙三", group=2)
    for home, points in ((first, 3), (second, 5), (third, 7)):
        await boards.post(home, points)

    async def seen(code: str) -> list[int | None]:
        found = await Region.get(code=f"{region.code}{code}")
        return places_of(await leaderboard.rank(found, period=QUARTER), first, second, third)

    assert await seen("") == [3, 2, 1]
    assert await seen("-G01") == [1, None, None]
    assert await seen("-G02") == [None, 2, 1]
    assert await seen("-W001") == [2, 1, None]
    assert await seen("-W001-01") == [None, 1, None]


async def test_another_village_is_never_mixed_in(opened: str) -> None:
    region = await boards.village()
    await boards.village("610428106222", name="邻村村委会")
    own = await boards.household("赵一")
    other = await boards.household("钱二", place="610428106222")
    await boards.post(own, 1)
    await boards.post(other, 9, place="610428106222")
    assert places_of(await leaderboard.rank(region, period=SEPTEMBER), own, other) == [1, None]


async def test_one_block_is_ranked_alone(opened: str) -> None:
    region = await boards.village()
    one, other = await boards.household("赵一"), await boards.household("钱二")
    await boards.post(one, 9, block="law")
    await boards.post(one, 1, block="customs")
    await boards.post(other, 2, block="customs")
    board = await leaderboard.rank(region, period=SEPTEMBER, block="customs")
    assert places_of(board, one, other) == [2, 1]
    assert [row.blocks for row in board.rows] == [{"customs": 2}, {"customs": 1}]
    everything = await leaderboard.rank(region, period=SEPTEMBER)
    assert everything.rows[0].blocks == {
        "environment": 0, "law": 9, "customs": 1, "public_service": 0,
    }  # fmt: skip


async def test_a_rise_is_told_against_the_period_before(opened: str) -> None:
    region = await boards.village()
    up, down, new = [await boards.household(name) for name in ("赵一", "钱二", "孙三")]
    await boards.post(up, 1, on="2026-06-30")
    await boards.post(down, 5, on="2026-04-01")
    for home, points in ((up, 9), (down, 3), (new, 1)):
        await boards.post(home, points, on="2026-07-01")
    board = await leaderboard.rank(region, period=QUARTER)
    assert [row.change for row in board.rows] == [1, -1, None]
    alone = await leaderboard.rank(region, period=QUARTER, compare=False)
    assert [row.change for row in alone.rows] == [None, None, None]
    assert alone.document() == board.document()


async def test_the_printed_document_has_no_names_and_cuts_at_whole_places(opened: str) -> None:
    region = await boards.village()
    homes = [await boards.household(name) for name in ("赵一", "钱二", "孙三", "李四")]
    for home, points in zip(homes, (9, 7, 7, 5), strict=True):
        await boards.post(home, points)
    document = (await leaderboard.rank(region, period=SEPTEMBER)).document(top=2)
    assert list(document) == ["region", "period", "block", "rows"]
    assert [list(row) for row in document["rows"]] == [
        ["rank", "household", "earned", "blocks"]
    ] * 3
    assert not any(home.head in str(document) for home in homes)


async def test_L3_a_leaderboard_equals_a_recomputation_from_raw_entries(opened: str) -> None:
    region = await boards.village()
    random = Random(26)
    homes = [await boards.household(f"户{n}") for n in range(12)]
    for _ in range(150):
        month = random.randrange(4, 10)
        kind = random.choice(["award", "award", "award", "base", "opening"])
        await boards.post(
            random.choice(homes),
            random.randrange(0, 4),
            on=f"2026-{month:02}-{random.randrange(1, 29):02}",
            block=random.choice(leaderboard.BLOCKS),
            kind=kind,
        )
    board = await leaderboard.rank(region, period=QUARTER)
    assert [(row.household, row.rank, row.earned) for row in board.rows] == await recomputed()


async def recomputed() -> list[tuple[UUID, int, int]]:
    """The third quarter from the entries, by a loop and a sort that share nothing with ours."""
    entries = await database.rows("SELECT household_id, kind, points, deed_on FROM ledger_entry")
    totals: dict[str, int] = {}
    for entry in entries:
        counts = entry["kind"] in ("award", "deduction", "reversal")
        if counts and "2026-07-01" <= str(entry["deed_on"]) <= "2026-09-30":
            key = str(entry["household_id"])
            totals[key] = totals.get(key, 0) + entry["points"]
    in_order = sorted(totals, key=lambda key: (-totals[key], key))
    result: list[tuple[UUID, int, int]] = []
    for points, tie in groupby(in_order, key=lambda key: totals[key]):
        rank = len(result) + 1
        result += [(UUID(key), rank, points) for key in tie]
    return result


@pytest.mark.parametrize("code", ["610428106000", "610428000000"])
async def test_boards_are_not_compared_with_each_other(opened: str, code: str) -> None:
    await boards.village()
    with pytest.raises(NoLeaderboardHere):
        await leaderboard.rank(await Region.get(code=code), period=SEPTEMBER)


@pytest.mark.parametrize("block", ["", "Environment", "all", "x" * 100])
async def test_an_unknown_block_is_refused(opened: str, block: str) -> None:
    region: Any = await boards.village()
    with pytest.raises(BlockUnknown):
        await leaderboard.rank(region, period=SEPTEMBER, block=block)


async def test_L3_a_reversal_counts_on_the_day_of_the_deed_and_base_points_never(
    opened: str,
) -> None:
    with clock.stopped_at(villages.NOON):
        await villages.settle()
        await villages.adopt()
        await settings.write(villages.VILLAGE, Scheme(base_points=100), by=villages.OPERATOR)
        await ledger.grant_base(villages.VILLAGE, on=date(2026, 9, 1), by=villages.OPERATOR)
        courtyard = (await villages.items_of())["courtyard"].id
        one, two = villages.household_id(1), villages.household_id(2)
        entries = [
            await ledger.award(
                home, id=uuid4(), item_id=courtyard, points=points, on=date(2026, 9, 30),
                reason="院子干净", by=villages.OPERATOR,
            )
            for home, points in ((one, 18), (two, 12))
        ]  # fmt: skip
        await ledger.reverse(entries[0].id, id=uuid4(), reason="记错了户", by=villages.OPERATOR)
        region = await Region.get(code=villages.VILLAGE)
        september = await leaderboard.rank(region, period=SEPTEMBER)
        assert [(row.household, row.rank, row.earned) for row in september.rows] == [
            (two, 1, 12),
            (one, 2, 0),
        ]
        october = await leaderboard.rank(region, period=Period.parse("2026-10"))
        assert october.rows == (), "reversed in October, but the deed was September's"
