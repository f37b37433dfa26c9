"""Split, merge, move, leave, return: people and points go together, nothing is made or lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import auditing
import factories
import pytest
import villages
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE
from moving import (
    TOWNSHIP_CLERK,
    Items,
    assert_sound,
    balance,
    families,
    members,
    merge,
    relocate,
    revision,
    split,
    village_sum,
)
from villages import CLERK, TODAY, award, household_id, reverse

from foundation import clock, database
from households import card, lineage, moves, register, settings
from households.details import HEAD
from households.errors import (
    DetailRefused,
    HouseholdChanged,
    HouseholdLeft,
    HouseholdMoved,
    HouseholdNotFound,
    MoveIdTaken,
    MoveSettled,
    NumberTaken,
    RegionNotFound,
)
from households.models import Household, Official, Region
from households.moves import Day, Regroup, Relocate
from points import leaderboard, ledger, transfers
from points.errors import OwnMove, ReasonMissing, SplitNotCovered
from points.period import Period
from points.scheme import Scheme

OCTOBER = Period("2026-10")


@pytest.fixture
async def items(opened: str) -> AsyncIterator[Items]:
    with clock.stopped_at(villages.NOON):
        yield await families()


# -- split ----------------------------------------------------------------------------------


async def test_L3_a_split_divides_people_and_points_and_makes_none(
    items: Items, opened: str
) -> None:
    await award(1, items["volunteer"], 5)
    await award(1, items["courtyard"], 18)
    move = await split(points=9, number="101")
    made = move.other_id
    assert made is not None
    assert (await balance(household_id(1)), await balance(made)) == (14, 9)
    assert await village_sum() == 23
    assert [one.name for one in await members(made)] == ["户主1子", "户主1媳"]
    assert [one.relation for one in await members(made)] == [HEAD, ""]
    assert [one.name for one in await members(household_id(1))] == ["户主1", "户主1妻"]
    kept = await Household.get(id=made)
    assert (kept.head, kept.number, kept.joined_on) == ("户主1子", "101", TODAY)
    assert kept.group == (await Household.get(id=household_id(1))).group
    assert (kept.name_wall, kept.name_web) == ("", "")
    await assert_sound(opened)
    async with villages.raw(opened) as raw:
        entries = [row for row in await auditing.entries(raw) if row["kind"] == "transfer"]
        assert [row["points"] for row in entries] == [-9, 9]
        assert {row["source"] for row in entries} == {f"split:{move.id}"}
        log = await raw("SELECT * FROM audit_line WHERE verb = 'register.split'")
        assert len(log) == 1


async def test_without_an_agreement_a_split_divides_by_heads_in_whole_points(items: Items) -> None:
    assert transfers.by_heads(101, going=2, people=4) == 50
    assert transfers.by_heads(100, going=1, people=3) == 33
    assert transfers.by_heads(-5, going=1, people=3) == 0
    await award(1, items["courtyard"], 19)
    assert (await split()).points == 9


async def test_a_split_without_points_makes_no_entry(items: Items, opened: str) -> None:
    await award(1, items["courtyard"], 19)
    await split(points=0)
    async with villages.raw(opened) as raw:
        assert len(await auditing.entries(raw)) == 1


@pytest.mark.parametrize("points", [-1, 20])
async def test_nobody_takes_more_than_there_is_nor_less_than_nothing(
    items: Items, points: int
) -> None:
    await award(1, items["courtyard"], 19)
    with pytest.raises(SplitNotCovered):
        await split(points=points)
    assert len(await members(household_id(1))) == 4


async def test_a_split_that_cannot_be_is_refused_and_changes_nothing(
    items: Items, opened: str
) -> None:
    head, wife, son, _ = await members(household_id(1))
    stranger = (await members(household_id(2)))[1]
    for given, refusal in (
        ({"members": [head.id, son.id], "head": son.id}, DetailRefused),
        ({"members": [], "head": son.id}, DetailRefused),
        ({"members": [stranger.id], "head": stranger.id}, DetailRefused),
        ({"members": [wife.id], "head": son.id}, DetailRefused),
        ({"number": "002"}, NumberTaken),
        ({"group": f"{OTHER_VILLAGE}-G01"}, RegionNotFound),
        ({"on": TODAY + timedelta(days=1)}, DetailRefused),
        ({"reason": " "}, ReasonMissing),
        ({"revision": 99}, HouseholdChanged),
        ({"by": factories.official("clerk", OTHER_VILLAGE)}, HouseholdNotFound),
    ):
        with pytest.raises(refusal):
            await split(**given)  # type: ignore[arg-type]
    assert len(await members(household_id(1))) == 4
    async with villages.raw(opened) as raw:
        assert await raw("SELECT * FROM household_move") == []


async def test_nobody_takes_a_step_with_his_own_household(items: Items) -> None:
    own = factories.official("clerk", household=household_id(1))
    with pytest.raises(OwnMove):
        await split(by=own)
    with pytest.raises(OwnMove):
        await merge(2, household_id(1), by=own)
    with pytest.raises(OwnMove):
        await merge(1, household_id(2), by=own)


async def test_an_official_follows_his_family_so_that_the_kin_rule_holds(items: Items) -> None:
    for login, name in (("son", "户主1子"), ("father", "户主1")):
        await Official.create(
            id=uuid4(), login=login, name=name, password="x", household_id=household_id(1),
            created_at=clock.now(),
        )  # fmt: skip
    made = (await split()).other_id
    assert (await Official.get(login="son")).household_id == made
    assert (await Official.get(login="father")).household_id == household_id(1)
    await merge(1, household_id(2))
    assert (await Official.get(login="father")).household_id == household_id(2)


# -- merge ----------------------------------------------------------------------------------


async def test_L3_a_merge_brings_everybody_and_everything_and_closes_the_other(
    items: Items, opened: str
) -> None:
    await award(1, items["courtyard"], 18)
    await award(2, items["courtyard"], 7)
    move = await merge(1, household_id(2))
    assert (move.points, await balance(household_id(1)), await balance(household_id(2))) == (
        18, 0, 25,
    )  # fmt: skip
    assert len(await members(household_id(2))) == 8
    heads = [one.name for one in await members(household_id(2)) if one.relation == HEAD]
    assert heads == ["户主2"]
    closed = await card.card(household_id(1), actor=CLERK)
    assert (closed.state, closed.left_on, closed.residents) == ("left", TODAY, [])
    await assert_sound(opened)
    with pytest.raises(HouseholdLeft):
        await merge(3, household_id(1))
    with pytest.raises(DetailRefused):
        await merge(3, household_id(3))


async def test_after_a_merge_each_keeps_the_rank_that_it_earned(items: Items) -> None:
    """Contracts: transfers never count as earned; who has left is not ranked."""
    for number, points in ((1, 18), (2, 7), (3, 9)):
        await award(number, items["courtyard"], points)
    village = await Region.get(code=VILLAGE)
    before = await leaderboard.rank(village, period=OCTOBER)
    assert [row.earned for row in before.rows] == [18, 9, 7]
    await merge(1, household_id(2))
    after = await leaderboard.rank(village, period=OCTOBER)
    assert [(row.household, row.earned) for row in after.rows] == [
        (household_id(3), 9),
        (household_id(2), 7),
    ]
    assert await database.rows("SELECT * FROM month_total WHERE earned = 25") == []


async def test_a_merged_household_is_scored_where_it_lives_on(items: Items) -> None:
    await merge(1, household_id(2))
    with pytest.raises(HouseholdMoved):
        await award(1, items["courtyard"], 5, on=TODAY - timedelta(days=3))
    await award(2, items["courtyard"], 5, on=TODAY - timedelta(days=3))
    on_sheet = await register.roster(VILLAGE, on=TODAY - timedelta(days=3))
    assert household_id(1) not in [ref.id for ref in on_sheet]


async def test_a_mistake_before_a_merge_is_taken_back_from_where_the_points_went(
    items: Items, opened: str
) -> None:
    entry = await award(1, items["courtyard"], 18)
    await award(2, items["courtyard"], 7)
    await merge(1, household_id(2))
    await merge(2, household_id(3))
    again = uuid4()
    taken = await reverse(entry, id=again)
    assert await reverse(entry, id=again) == taken
    balances = [await balance(household_id(number)) for number in (1, 2, 3)]
    assert balances == [0, 0, 7]
    await assert_sound(opened)


# -- to another group, to another village ---------------------------------------------------


async def test_a_household_goes_to_another_group_without_any_entry(
    items: Items, opened: str
) -> None:
    await award(1, items["courtyard"], 18)
    wanted = Regroup(group=villages.GROUPS[0], grid="", on=TODAY)
    key, revised = uuid4(), await revision(household_id(1))
    for _ in range(2):
        await moves.regroup(household_id(1), wanted, id=key, revision=revised, by=CLERK)
    assert (await Household.get(id=household_id(1))).group == villages.GROUPS[0]
    async with villages.raw(opened) as raw:
        assert len(await auditing.entries(raw)) == 1
        assert len(await raw("SELECT * FROM household_move")) == 1
    board = await leaderboard.rank(await Region.get(code=villages.GROUPS[0]), period=OCTOBER)
    assert [row.household for row in board.rows] == [household_id(1)]


async def test_L3_a_household_goes_to_another_village_with_its_balance_and_its_seals(
    items: Items, opened: str
) -> None:
    await villages.another_village()
    secret = {"head": "张明", "phone": "19900000001", "kind": "低保户", "address": "槐庄一组"}
    key = await factories.household(
        **secret, number="77", residents=[factories.person("王秀英", "配偶", remarks="听力不好")]
    )
    await ledger.award(
        key, id=uuid4(), item_id=items["courtyard"].id, points=18, on=TODAY, reason="好", by=CLERK
    )
    wanted = Relocate(village=OTHER_VILLAGE, on=TODAY, reason="搬家", number="77")
    move = await transfers.relocate(key, wanted, id=uuid4(), revision=1, by=TOWNSHIP_CLERK)
    assert move.other_id is not None
    assert (await balance(key), await balance(move.other_id)) == (0, 18)
    seen = await card.card(move.other_id, actor=TOWNSHIP_CLERK)
    assert (seen.village, seen.number, seen.head, seen.address) == (
        OTHER_VILLAGE, "77", "张明", "",
    )  # fmt: skip
    opened_up = await card.restricted(move.other_id, purpose="核对", by=TOWNSHIP_CLERK)
    assert opened_up.kind == "低保户"
    assert list(opened_up.residents.values()) == ["听力不好"]
    phone = await card.unmask_phone(move.other_id, purpose="核对", by=TOWNSHIP_CLERK)
    assert phone == "19900000001"
    await assert_sound(opened)
    async with villages.raw(opened) as raw:
        entries = [row for row in await auditing.entries(raw) if row["kind"] == "transfer"]
        assert {(row["village"], row["points"]) for row in entries} == {
            (VILLAGE, -18),
            (OTHER_VILLAGE, 18),
        }


async def test_a_clerk_of_one_village_moves_nobody_into_the_next(items: Items) -> None:
    await villages.another_village()
    with pytest.raises(RegionNotFound):
        await relocate(1, by=CLERK)
    with pytest.raises(HouseholdNotFound):
        await relocate(1, by=factories.official("clerk", OTHER_VILLAGE))
    township = factories.official("township_official", factories.TOWNSHIP)
    assert (await relocate(1, by=township)).other_village == OTHER_VILLAGE


async def test_base_points_are_not_doubled_by_dividing_and_joining_again(items: Items) -> None:
    await settings.write(VILLAGE, Scheme(base_points=100), by=OPERATOR)
    assert await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK) == 6
    made = (await split()).other_id
    assert made is not None
    assert await ledger.grant_base(VILLAGE, on=TODAY, by=CLERK) == 0
    assert (await balance(household_id(1)), await balance(made)) == (50, 50)
    await merge(2, household_id(3))
    assert await ledger.grant_base(VILLAGE, on=date(2026, 1, 1), by=CLERK) == 0


# -- leaving and coming back ----------------------------------------------------------------


async def test_the_balance_of_who_left_is_frozen_and_thaws_when_he_is_back(
    items: Items, opened: str
) -> None:
    entry = await award(1, items["courtyard"], 18, on=date(2026, 10, 5))
    day = Day(on=date(2026, 10, 10))
    await moves.leave(household_id(1), day, id=uuid4(), revision=1, by=CLERK)
    with pytest.raises(HouseholdLeft):
        await award(1, items["waste"], 5, on=date(2026, 10, 10))
    with pytest.raises(HouseholdLeft):
        await merge(1, household_id(2))
    await award(1, items["waste"], 5, on=date(2026, 10, 9))
    await reverse(entry)
    assert await balance(household_id(1)) == 5
    board = await leaderboard.rank(await Region.get(code=VILLAGE), period=OCTOBER)
    assert board.rows == ()
    back = Day(on=date(2026, 10, 15))
    await moves.come_back(household_id(1), back, id=uuid4(), revision=2, by=CLERK)
    for away in (date(2026, 10, 10), date(2026, 10, 14)):
        with pytest.raises(HouseholdLeft):
            await award(1, items["volunteer"], 5, on=away)
        on_sheet = await register.roster(VILLAGE, on=away)
        assert household_id(1) not in [ref.id for ref in on_sheet]
    await award(1, items["courtyard"], 20, on=date(2026, 10, 15))
    assert await balance(household_id(1)) == 25
    await assert_sound(opened)


async def test_who_lives_on_in_another_household_does_not_come_back_beside_it(
    items: Items,
) -> None:
    await merge(1, household_id(2))
    with pytest.raises(MoveSettled):
        await moves.come_back(household_id(1), Day(on=TODAY), id=uuid4(), revision=2, by=CLERK)


# -- the same step twice, at once, and what is remembered -----------------------------------


async def test_L1_a_double_click_takes_one_step_and_gets_one_answer(
    items: Items, opened: str
) -> None:
    await award(1, items["courtyard"], 18)
    key = uuid4()
    couple = (await members(household_id(1)))[2:]
    given: dict[str, Any] = {"members": [one.id for one in couple], "head": couple[0].id}
    answers = await asyncio.gather(
        *(split(id=key, points=5, revision=1, **given) for _ in range(6)), return_exceptions=True
    )
    assert answers == [answers[0]] * 6
    assert isinstance(answers[0], lineage.Move)
    with pytest.raises(MoveIdTaken):
        await merge(2, household_id(3), id=key)
    key = uuid4()
    merged = await asyncio.gather(
        *(merge(2, household_id(3), id=key, revision=1) for _ in range(6)),
        return_exceptions=True,
    )
    assert merged == [merged[0]] * 6
    await assert_sound(opened)


async def test_two_that_merge_into_each_other_at_once_make_one_household(
    items: Items, opened: str
) -> None:
    await villages.another_village()
    steps = [
        merge(1, household_id(2), revision=1),
        merge(2, household_id(1), revision=1),
        relocate(1, revision=1),
        relocate(2, revision=1),
        award(1, items["courtyard"], 18),
    ]
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    assert not [one for one in outcomes if isinstance(one, Exception) and not is_refusal(one)]
    active = await Household.filter(state="active").values_list("id", flat=True)
    assert len([one for one in active if one in (household_id(1), household_id(2))]) <= 1
    assert await village_sum() in (0, 18)
    await assert_sound(opened)


def is_refusal(error: Exception) -> bool:
    return type(error).__module__.endswith(".errors")


async def test_both_households_tell_where_the_other_is(items: Items) -> None:
    first = await split()
    assert first.other_id is not None
    [told] = await lineage.listing(first.other_id, actor=CLERK)
    assert (told.household.head, told.other and told.other.head) == ("户主1", "户主1子")
    assert told.is_last
    await transfers.undo(first.id, id=uuid4(), by=CLERK)
    steps = await lineage.listing(household_id(1), actor=CLERK)
    assert [(step.move.kind, step.is_last) for step in steps] == [("undo", False), ("split", False)]
