"""The list of households: searched, sorted, filtered, page by page; the order of the roster."""

import factories
import pytest
from factories import OTHER_VILLAGE, VILLAGE, id_number, official, person

from households import listing, register

CLERK = official("clerk")


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def heads(**wanted: object) -> list[str]:
    found = await listing.listing(CLERK, **wanted)  # type: ignore[arg-type]
    assert found.total == len(found.rows)
    return [row.head for row in found.rows]


async def test_numbers_are_sorted_as_people_count_and_those_without_one_stand_last() -> None:
    numbers = ("12", "2", "", "012-1", "A3", "001")
    for head, number in zip(("甲一", "乙二", "丙三", "丁四", "戊五", "己六"), numbers, strict=True):
        await factories.household(head, number)
    expected = ["己六", "乙二", "甲一", "丁四", "戊五", "丙三"]
    assert await heads() == expected
    assert [ref.head for ref in await register.roster(VILLAGE)] == expected


async def test_names_are_sorted_by_their_sound_and_surnames_by_their_own_reading() -> None:
    for head in ("张伟", "曾敏", "单勇", "李娜", "仇英", "安然"):
        await factories.household(head)
    assert await heads(sort="pinyin") == ["安然", "李娜", "仇英", "单勇", "曾敏", "张伟"]


async def test_a_household_is_found_by_name_initials_number_phone_and_id_number() -> None:
    await factories.household(
        "李国玉",
        "007",
        phone="19912340123",
        residents=[
            person("李国玉", "户主"),
            person("王秀英", "配偶", phone="19912340199", id_number=id_number(22)),
        ],
    )
    await factories.household("张明", "70", phone="19912340124")
    for text in (
        "国玉", "李", "lgy", "LG", "7", "007", "19912340123", "199 1234 0123", "+8619912340123",
        "秀英", "19912340199", id_number(22), f" {id_number(22)} ",
    ):  # fmt: skip
        assert await heads(q=text) == ["李国玉"], text
    for text in ("1991234", "9912340123", "0123", id_number(24), "gy", "%", "_", "'", "国_", ""):
        assert await heads(q=text) == (["李国玉", "张明"] if text == "" else []), text


async def test_filters_hold_together_and_pages_follow_each_other() -> None:
    for number in range(1, 26):
        group = f"{VILLAGE}-G0{1 + number % 2}"
        await factories.household(f"张{'甲乙丙'[number % 3]}", str(number), group=group)
    found = await listing.listing(CLERK, group=f"{VILLAGE}-G02", q="张乙")
    assert [row.number for row in found.rows] == ["1", "7", "13", "19", "25"]
    assert {row.group_name for row in found.rows} == {"第二村民小组"}
    pages = [await listing.listing(CLERK, page=page, page_size=10) for page in (1, 2, 3, 4)]
    assert [len(page.rows) for page in pages] == [10, 10, 5, 0]
    assert {page.total for page in pages} == {25}
    numbers = [row.number for page in pages for row in page.rows]
    assert numbers == [str(number) for number in range(1, 26)]


async def test_a_township_lists_its_villages_one_after_another() -> None:
    await factories.household("张明", "1")
    given = register.HouseholdDetails(head="安然", number="1")
    await register.create(OTHER_VILLAGE, given, by=factories.OPERATOR)
    actor = official("township_official", factories.TOWNSHIP)
    found = await listing.listing(actor, sort="pinyin")
    assert [row.village for row in found.rows] == [VILLAGE, OTHER_VILLAGE]
    assert (await listing.listing(actor, village=OTHER_VILLAGE)).total == 1


async def test_the_roster_of_a_grid_has_its_micro_grids() -> None:
    from households import regions

    await regions.create_local(
        VILLAGE, level="grid", name="第一网格", number=1, by=factories.OPERATOR
    )
    await regions.create_local(
        f"{VILLAGE}-W001", level="micro_grid", name="微", number=3, by=factories.OPERATOR
    )
    await factories.household("张明", "1", grid=f"{VILLAGE}-W001")
    await factories.household("李四", "2", grid=f"{VILLAGE}-W001-03")
    await factories.household("王五", "3", group=f"{VILLAGE}-G01")
    assert len(await register.roster(VILLAGE, grid=f"{VILLAGE}-W001")) == 2
    assert len(await register.roster(VILLAGE, grid=f"{VILLAGE}-W001-03")) == 1
    assert len(await register.roster(VILLAGE, group=f"{VILLAGE}-G01")) == 1
