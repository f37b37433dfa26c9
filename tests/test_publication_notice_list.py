"""The list on which a village can object: by household, never by rank."""

from collections.abc import Iterator

import boards
import pytest

from foundation import clock, keys
from households.models import Household
from points import notice_list
from points.errors import DisplayDaysRefused, NothingToPublish
from points.period import Period

SEPTEMBER = Period.parse("2026-09")


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    keys.hold(keys.Keyring([keys.Keyset("a secret of the tests, long enough to be one")]))
    with clock.stopped_at(boards.NOW):
        yield


async def drawn(**more: object) -> notice_list.Notice:
    given = {"period": SEPTEMBER, "actor": boards.OPERATOR, **more}
    return await notice_list.drawn(boards.VILLAGE, **given)  # type: ignore[arg-type]


async def test_households_stand_by_group_and_name_and_unnamed_ones_at_the_end(opened: str) -> None:
    await boards.village()
    await boards.rule_book()
    for head, group, points in (("周一", 1, 1), ("安二", 1, 5), ("包三", 1, 9), ("陈四", 2, 3)):
        home = await boards.household(head, group=group, name_wall="full")
        await boards.post(home, points)
    await Household.filter(head="安二").update(name_wall="unnamed")
    loner = await boards.household("丁五", name_wall="masked")
    await Household.filter(id=loner.id).update(group="")
    await boards.post(loner, 0)
    notice = await drawn()
    assert [(group.name, [row.name for row in group.rows]) for group in notice.groups] == [
        ("第一村民小组", ["包三", "周一", "一户"]),
        ("第二村民小组", ["陈四"]),
        ("", ["丁＊"]),
    ]
    assert notice.households == 5
    assert notice.frame.region_name == "槐庄村"


async def test_not_scored_and_scored_with_nothing_are_told_apart(opened: str) -> None:
    await boards.village()
    await boards.rule_book()
    home = await boards.household("周一", name_wall="full")
    await boards.household("没评", name_wall="full")
    await boards.post(home, 0, block="law")
    await boards.post(home, 4, block="customs")
    [group] = (await drawn()).groups
    [row] = group.rows
    assert row.blocks == {
        "environment": None, "law": 0, "customs": 4, "public_service": None,
    }  # fmt: skip
    assert row.earned == 4


async def test_a_notice_list_without_points_or_with_too_few_days_is_refused(opened: str) -> None:
    await boards.village()
    await boards.rule_book()
    with pytest.raises(NothingToPublish):
        await drawn()
    await boards.post(await boards.household("周一"), 1)
    with pytest.raises(DisplayDaysRefused):
        await drawn(days=9)
    assert (await drawn(days=15)).frame.display_until == clock.after(clock.today(), days=15)
