"""A workbook that is older than a split, a merge or a move undoes none of it, and says so."""

from uuid import UUID, uuid4

import factories
import pytest
from factories import OPERATOR, OTHER_VILLAGE, VILLAGE, id_number, official
from test_import_register import bring_in_lines, codes, counts, only_card

from foundation import clock
from foundation.actors import Actor
from households import card, moves, officials
from households.errors import NotAllowed
from households.models import Household, Resident

CLERK = official("clerk")
FAMILY = [
    f"7,张明,张明,户主,{id_number(1)},,1组,,",
    f"7,张明,张小军,长子,{id_number(3)},,1组,,",
    "7,张明,刘芳,儿媳,,,1组,,",
]
OTHERS = [f"8,李四,李四,户主,{id_number(5)},,1组,,"]


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()
    await bring_in_lines(*FAMILY, *OTHERS)


async def household(number: str) -> UUID:
    return (await Household.get(number=number)).id


async def split_off(by: Actor = OPERATOR) -> UUID:
    """The son and his wife go, as household 9."""
    home = await household("7")
    going = await Resident.filter(household_id=home, name__in=["张小军", "刘芳"])
    head = next(one for one in going if one.name == "张小军")
    wanted = moves.Split(
        members=[one.id for one in going], head=head.id, number="9", on=clock.today(), reason="分家"
    )
    move = await moves.split(home, wanted, id=uuid4(), points=0, revision=1, by=by)
    assert move.other_id is not None
    return move.other_id


async def names(household_id: UUID) -> list[str]:
    found = Resident.filter(household_id=household_id, state="active").order_by("position")
    return list(await found.values_list("name", flat=True))


async def test_an_old_file_brings_nobody_back_who_split_off() -> None:
    made = await split_off()
    result = await bring_in_lines(*FAMILY, *OTHERS)
    assert codes(result) == ["member_parted", "member_parted"]
    assert (
        result.problems[0].message
        == "登记簿上此人已从这一户分到或迁到9 张小军，未采用；请照登记簿改表。"
    )
    assert counts(result) == (0, 0, 2)
    assert await names(made) == ["张小军", "刘芳"]
    assert await names(await household("7")) == ["张明"]


async def test_a_file_after_the_split_is_taken_as_it_is() -> None:
    made = await split_off()
    result = await bring_in_lines(
        FAMILY[0],
        f"9,张小军,张小军,户主,{id_number(3)},,1组,,",
        "9,张小军,刘芳,配偶,,,1组,,",
        *OTHERS,
    )
    assert codes(result) == []
    assert counts(result) == (0, 1, 2)
    assert [one.relation for one in (await card.card(made, actor=CLERK)).residents] == [
        "户主", "配偶",
    ]  # fmt: skip


async def test_an_old_file_raises_no_merged_household() -> None:
    home, other = await household("7"), await household("8")
    wanted = moves.Merge(into=other, on=clock.today(), reason="合住")
    await moves.merge(home, wanted, id=uuid4(), points=0, revision=1, by=OPERATOR)
    result = await bring_in_lines(*FAMILY, *OTHERS)
    assert codes(result) == ["household_merged", "member_not_in_file"] or codes(result)[0] == (
        "household_merged"
    )
    assert "8 李四" in result.problems[0].message
    assert await names(home) == []
    assert await names(other) == ["李四", "张明", "张小军", "刘芳"]


async def test_an_old_file_raises_no_household_that_moved_away() -> None:
    home = await household("7")
    wanted = moves.Relocate(village=OTHER_VILLAGE, on=clock.today(), reason="搬家")
    await moves.relocate(home, wanted, id=uuid4(), points=0, revision=1, by=OPERATOR)
    result = await bring_in_lines(*FAMILY, *OTHERS)
    assert codes(result) == ["household_relocated"]
    assert "西关村" in result.problems[0].message
    assert await Resident.filter(household__village=VILLAGE).count() == 1


async def test_a_namesake_who_is_at_home_is_no_one_who_left() -> None:
    await split_off()
    lines = [FAMILY[0], f"7,张明,刘芳,母亲,{id_number(8, born='19450303')},,1组,,"]
    result = await bring_in_lines(*lines)
    assert "member_parted" in codes(result), "without an ID number on record a name has to do"


async def test_two_families_that_exchange_their_numbers_are_both_taken() -> None:
    seven, eight = await household("7"), await household("8")
    result = await bring_in_lines(
        f"8,张明,张明,户主,{id_number(1)},,1组,,", f"7,李四,李四,户主,{id_number(5)},,1组,,"
    )
    assert "number_taken" not in codes(result)
    assert (await Household.get(id=seven)).number == "8"
    assert (await Household.get(id=eight)).number == "7"


async def test_three_go_round_and_a_circle_that_is_not_whole_is_refused() -> None:
    await bring_in_lines("10,王五,王五,户主,,,2组,,")
    seven, eight, ten = [await household(number) for number in ("7", "8", "10")]
    half = await bring_in_lines("8,张明,张明,户主,,,1组,,", "10,李四,李四,户主,,,1组,,")
    assert codes(half).count("number_taken") == 2
    whole = await bring_in_lines(
        "8,张明,张明,户主,,,1组,,", "10,李四,李四,户主,,,1组,,", "7,王五,王五,户主,,,2组,,"
    )
    assert "number_taken" not in codes(whole)
    numbers = [(await Household.get(id=key)).number for key in (seven, eight, ten)]
    assert numbers == ["8", "10", "7"]


async def test_what_is_restricted_is_imported_by_who_may_write_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    granted = officials.PERMISSIONS["clerk"] - {"register.restricted"}
    monkeypatch.setitem(officials.PERMISSIONS, "clerk", granted)
    line = "11,赵六,赵六,户主,,,1组,,{}"
    with pytest.raises(NotAllowed):
        await bring_in_lines(line.format("重病"))
    assert await Household.filter(number="11").count() == 0
    assert counts(await bring_in_lines(line.format(""))) == (1, 0, 0)
    assert (await only_card("11")).head == "赵六"
