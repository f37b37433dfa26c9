"""A step that was taken by mistake is put back with its points, while nothing rests on it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import villages
from factories import OTHER_VILLAGE
from moving import (
    TOWNSHIP_CLERK,
    Items,
    assert_sound,
    balance,
    families,
    members,
    merge,
    relocate,
    split,
)
from villages import CLERK, TODAY, award, household_id, reverse

from foundation import clock
from households import register
from households.details import HEAD
from households.errors import MoveSettled
from households.models import Household
from points import ledger, transfers
from points.errors import PointsSpent


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        yield await families()


async def test_L3_an_undone_merge_puts_people_and_points_back(items: Items, opened: str) -> None:
    await award(1, items["courtyard"], 18)
    move = await merge(1, household_id(2))
    await award(2, items["courtyard"], 7)
    key = uuid4()
    for _ in range(2):
        await transfers.undo(move.id, id=key, by=CLERK)
    assert (await balance(household_id(1)), await balance(household_id(2))) == (18, 7)
    assert [one.relation for one in await members(household_id(1))] == [
        HEAD, "配偶", "长子", "儿媳",
    ]  # fmt: skip
    assert len(await members(household_id(2))) == 4
    assert (await Household.get(id=household_id(1))).state == "active"
    await award(1, items["waste"], 5)
    with pytest.raises(MoveSettled):
        await transfers.undo(move.id, id=uuid4(), by=CLERK)
    await assert_sound(opened)


async def test_an_undone_split_frees_the_number_and_may_be_done_again(
    items: Items, opened: str
) -> None:
    await award(1, items["courtyard"], 18)
    move = await split(number="101", points=8)
    await transfers.undo(move.id, id=uuid4(), by=CLERK)
    assert (await balance(household_id(1)), len(await members(household_id(1)))) == (18, 4)
    again = await split(number="101", points=6)
    assert again.other_id != move.other_id
    await assert_sound(opened)


async def test_a_step_on_which_others_rest_is_not_undone(items: Items) -> None:
    await award(1, items["courtyard"], 18)
    first = await split(points=8)
    assert first.other_id is not None
    await ledger.award(
        first.other_id, id=uuid4(), item_id=items["courtyard"].id, points=3, on=TODAY,
        reason="好", by=CLERK,
    )  # fmt: skip
    with pytest.raises(MoveSettled):
        await transfers.undo(first.id, id=uuid4(), by=CLERK)
    await merge(1, household_id(2))
    with pytest.raises(MoveSettled):
        await transfers.undo(first.id, id=uuid4(), by=CLERK)


async def test_points_that_are_spent_do_not_go_back(items: Items) -> None:
    entry = await award(1, items["courtyard"], 18)
    move = await merge(1, household_id(2))
    await reverse(entry)
    with pytest.raises(PointsSpent):
        await transfers.undo(move.id, id=uuid4(), by=CLERK)


async def test_an_undone_move_to_another_village_opens_the_old_household_again(
    items: Items, opened: str
) -> None:
    await villages.another_village()
    await award(1, items["courtyard"], 18)
    move = await relocate(1)
    await transfers.undo(move.id, id=uuid4(), by=TOWNSHIP_CLERK)
    assert (await balance(household_id(1)), len(await members(household_id(1)))) == (18, 4)
    assert [ref.id for ref in await register.roster(OTHER_VILLAGE)] == [
        household_id(1, OTHER_VILLAGE),
        household_id(2, OTHER_VILLAGE),
    ]
    await assert_sound(opened)
