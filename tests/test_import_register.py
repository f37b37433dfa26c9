"""Workbooks into the register: what is created, what a corrected file changes, what is refused."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import factories
import openpyxl
import pytest
from factories import OTHER_VILLAGE, VILLAGE, id_number, official

from foundation import clock, database
from foundation.models import AuditLine
from households import card, importing, listing, members, moves
from households.card import Card
from households.errors import NotAllowed, RegionNotFound
from households.models import Household, Region
from households.preview import ImportResult

DATA = Path(__file__).parent / "data"
CLERK = official("clerk")
OTHER_CLERK = official("clerk", OTHER_VILLAGE)
HEADER = "户号,户主,姓名,与户主关系,身份证号,联系电话,村民小组,家庭住址,备注"


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def bring_in(content: bytes, *, name: str = "a.xlsx", **wanted: Any) -> ImportResult:
    return await importing.import_file(VILLAGE, content, filename=name, by=CLERK, **wanted)


async def bring_in_lines(*lines: str, header: str = HEADER, **wanted: Any) -> ImportResult:
    text = "\r\n".join([header, *lines])
    return await bring_in(text.encode("utf-8-sig"), name="名册.csv", **wanted)


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.created, result.updated, result.unchanged


def codes(result: ImportResult) -> list[str]:
    return [problem.code for problem in result.problems]


async def everything() -> list[list[dict[str, Any]]]:
    tables = ("household", "resident", "region", "attachment")
    return [await database.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables]


async def only_card(q: str) -> Card:
    (row,) = (await listing.listing(CLERK, q=q)).rows
    return await card.card(row.id, actor=CLERK)


def corrected(name: str, cells: dict[str, object]) -> bytes:
    book = openpyxl.load_workbook(DATA / name)
    sheet = book.worksheets[0]
    for place, value in cells.items():
        sheet[place] = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# -- the two samples ----------------------------------------------------------------------


async def test_huaizhuang_comes_in_whole_and_the_second_time_changes_nothing() -> None:
    content = (DATA / "huaizhuang-households.xlsx").read_bytes()
    first = await bring_in(content)
    assert (first.households, first.residents, first.duplicates) == (300, 1026, 1)
    assert counts(first) == (300, 0, 0)
    assert (await listing.listing(CLERK)).total == 300
    state = await everything()
    second = await bring_in(content)
    assert counts(second) == (0, 0, 300)
    assert second.problems == first.problems
    assert await everything() == state


async def test_flat_comes_in_whole_and_the_second_time_changes_nothing() -> None:
    content = (DATA / "flat-households.xlsx").read_bytes()
    wanted: dict[str, Any] = {"filename": "flat.xlsx", "by": OTHER_CLERK}
    first = await importing.import_file(OTHER_VILLAGE, content, **wanted)
    assert (first.households, first.residents, counts(first)) == (120, 120, (120, 0, 0))
    state = await everything()
    second = await importing.import_file(OTHER_VILLAGE, content, **wanted)
    assert (counts(second), second.problems) == ((0, 0, 120), first.problems)
    assert await everything() == state
    assert await Region.filter(village=OTHER_VILLAGE, level="group").count() == 6


async def test_a_corrected_file_updates_what_was_corrected_and_nothing_else() -> None:
    await bring_in((DATA / "huaizhuang-households.xlsx").read_bytes())
    before = {household.id: household for household in await Household.all()}
    book = openpyxl.load_workbook(DATA / "huaizhuang-households.xlsx").worksheets[0]
    number = id_number(501, born="19760726")
    content = corrected(
        "huaizhuang-households.xlsx",
        {
            "H5": "19911112222",  # another phone for household 1
            "G138": number,  # an ID number that was one digit short
            "A18": 5, "B18": "萧春民", "H18": "19933334444", "I18": "2组",  # the blanked line
        },
    )  # fmt: skip
    result = await bring_in(content)
    assert counts(result) == (0, 3, 297)
    assert not {"id_length"} & {p.code for p in result.problems if p.row == 138}
    assert (await only_card("19911112222")).number == "1"
    found = await only_card("萧春民")
    assert (found.number, found.group_name) == ("5", "第二村民小组")
    assert book["D138"].value in [r.name for r in (await only_card(number)).residents]
    changed = [h for h in await Household.all() if h.revision != before[h.id].revision]
    assert len(changed) == 3
    assert counts(await bring_in(content)) == (0, 0, 300)


async def test_a_dry_run_says_the_same_and_stores_nothing() -> None:
    content = (DATA / "huaizhuang-households.xlsx").read_bytes()
    state = await everything()
    lines = await AuditLine.all().count()
    told = await bring_in(content, dry_run=True)
    assert await everything() == state
    assert await AuditLine.all().count() == lines
    assert await bring_in(content) == told


async def test_importing_needs_the_clerk_of_that_village() -> None:
    content = (DATA / "flat-households.xlsx").read_bytes()
    for actor, refusal in ((OTHER_CLERK, RegionNotFound), (official("scorer"), NotAllowed)):
        with pytest.raises(refusal):
            await importing.import_file(VILLAGE, content, filename="a.xlsx", by=actor)
    with pytest.raises(RegionNotFound):
        await importing.import_file(
            f"{VILLAGE}-G01", content, filename="a.xlsx", by=factories.OPERATOR
        )


# -- who is who ---------------------------------------------------------------------------


async def test_a_household_keeps_its_number_when_another_family_claims_it() -> None:
    await bring_in_lines(f"7,张明,张明,户主,{id_number(1)},19912340001,1组,,")
    result = await bring_in_lines(f"7,王五,王五,户主,{id_number(3)},19912340003,1组,,")
    assert counts(result) == (0, 0, 0)
    (problem,) = result.problems
    assert (problem.code, problem.severity, problem.row, problem.value) == (
        "number_taken", "error", 2, "王五",
    )  # fmt: skip
    assert (await only_card("7")).head == "张明"


async def test_a_new_head_from_the_family_is_taken_over_by_number() -> None:
    wife = id_number(2)
    await bring_in_lines(
        f"7,张明,张明,户主,{id_number(1)},,1组,,", f"7,张明,王秀英,配偶,{wife},,1组,,"
    )
    result = await bring_in_lines(
        f"7,王秀英,王秀英,户主,{wife},,1组,,", "7,王秀英,张强,长子,,,1组,,"
    )
    assert counts(result) == (0, 1, 0)
    assert codes(result) == ["member_not_in_file"]
    found = await only_card("7")
    assert found.head == "王秀英"
    assert [(r.name, r.relation) for r in found.residents] == [
        ("王秀英", "户主"), ("张明", ""), ("张强", "长子"),
    ]  # fmt: skip


async def test_the_heads_id_number_recognises_a_household_whose_number_changed() -> None:
    head = id_number(1)
    await bring_in_lines(f"7,张明,张明,户主,{head},,1组,,")
    assert counts(await bring_in_lines(f"17,张明,张明,户主,{head},,1组,,")) == (0, 1, 0)
    found = await listing.listing(CLERK)
    assert [row.number for row in found.rows] == ["17"]


async def test_two_numbers_for_one_head_are_a_problem_and_no_second_household() -> None:
    head = id_number(1)
    await bring_in_lines(f"7,张明,张明,户主,{head},,1组,,")
    result = await bring_in_lines(
        f"17,张明,张明,户主,{head},,1组,,", f"7,李四,李四,户主,{id_number(3)},,1组,,"
    )
    assert sorted(codes(result)) == ["head_elsewhere", "number_taken"]
    assert counts(result) == (0, 0, 0)


async def test_without_number_and_id_name_and_group_recognise_where_they_are_unique() -> None:
    header = "户主,联系电话,村民小组"
    first = await bring_in_lines("张伟,19912340001,1组", "张伟,19912340002,2组", header=header)
    assert counts(first) == (2, 0, 0)
    again = await bring_in_lines("张伟,19912340009,2组", header=header)
    assert counts(again) == (0, 1, 0)
    assert (await only_card("19912340009")).group_name == "第二村民小组"
    unclear = await bring_in_lines("张伟,19912340008", header="户主,联系电话")
    assert (codes(unclear), counts(unclear)) == (["not_unique"], (0, 0, 0))


async def test_namesakes_with_different_id_numbers_are_different_households() -> None:
    await bring_in_lines(f"7,张伟,张伟,户主,{id_number(1)},,1组,,")
    result = await bring_in_lines(f"张伟,{id_number(3)},1组", header="户主,身份证号,村民小组")
    assert counts(result) == (1, 0, 0)


async def test_a_running_number_that_shifts_moves_nobody() -> None:
    header = "序号,户主,身份证号,村民小组"
    people = [(f"张{name}", id_number(n)) for n, name in enumerate("甲乙丙", start=1)]
    lines = [f"{n},{name},{number},1组" for n, (name, number) in enumerate(people, start=1)]
    assert counts(await bring_in_lines(*lines, header=header)) == (3, 0, 0)
    people.insert(1, ("李四", id_number(9)))
    lines = [f"{n},{name},{number},1组" for n, (name, number) in enumerate(people, start=1)]
    result = await bring_in_lines(*lines, header=header)
    assert (counts(result), codes(result)) == ((1, 0, 3), ["serial_taken"])
    numbers = {row.head: row.number for row in (await listing.listing(CLERK)).rows}
    assert numbers == {"张甲": "1", "张乙": "2", "张丙": "3", "李四": None}
    assert counts(await bring_in_lines(*lines, header=header)) == (0, 0, 4)


async def test_a_household_that_left_is_not_touched() -> None:
    await bring_in_lines("7,张明,张明,户主,,19912340001,1组,,")
    found = await only_card("7")
    await moves.leave(found.id, moves.Day(on=clock.today()), id=uuid4(), revision=1, by=CLERK)
    result = await bring_in_lines("7,张明,张明,户主,,19912340002,1组,,")
    assert (codes(result), counts(result)) == (["household_left"], (0, 0, 0))


async def test_one_household_cannot_be_two_lines() -> None:
    await bring_in_lines(f"7,张明,张明,户主,{id_number(1)},,1组,,")
    result = await bring_in_lines(
        "7,张明,张明,户主,,,1组,,", f",张明,张明,户主,{id_number(1)},,2组,,"
    )
    assert (codes(result), counts(result)) == (["matched_twice"], (0, 0, 1))


# -- people -------------------------------------------------------------------------------


async def test_somebody_whom_the_file_does_not_name_stays_and_is_named() -> None:
    await bring_in_lines("7,张明,张明,户主,,,1组,,", "7,张明,王秀英,配偶,,,1组,,")
    result = await bring_in_lines("7,张明,张明,户主,,,1组,,", "7,张明,张强,长子,,,1组,,")
    assert [(p.code, p.severity, p.value) for p in result.problems] == [
        ("member_not_in_file", "warning", "王秀英")
    ]
    assert [r.state for r in (await only_card("7")).residents] == ["active"] * 3


async def test_somebody_who_left_is_not_brought_back_by_an_old_file() -> None:
    lines = ("7,张明,张明,户主,,,1组,,", "7,张明,张强,长子,,,1组,,")
    await bring_in_lines(*lines)
    found = await only_card("7")
    await members.leave(found.residents[1].id, revision=1, by=CLERK)
    result = await bring_in_lines(*lines)
    assert (codes(result), counts(result)) == (["member_left"], (0, 0, 1))


async def test_a_son_who_founds_his_own_household_moves_with_his_id_number() -> None:
    father, son = id_number(1), id_number(3)
    await bring_in_lines(f"7,张明,张明,户主,{father},,1组,,", f"7,张明,张强,长子,{son},,1组,,")
    lines = (f"7,张明,张明,户主,{father},,1组,,", f"8,张强,张强,户主,{son},,1组,,")
    result = await bring_in_lines(*lines)
    assert (codes(result), counts(result)) == (["person_moved"], (1, 0, 1))
    assert [r.name for r in (await only_card("7")).residents] == ["张明"]
    found = await only_card(son)
    assert (found.number, [(r.name, r.relation) for r in found.residents]) == (
        "8", [("张强", "户主")],
    )  # fmt: skip
    assert counts(await bring_in_lines(*lines)) == (0, 0, 2)


async def test_an_id_number_of_somebody_else_is_not_used() -> None:
    taken = id_number(1)
    await bring_in_lines(f"7,张明,张明,户主,{taken},,1组,,")
    result = await bring_in_lines("8,李四,李四,户主,,,1组,,", f"8,李四,李强,长子,{taken},,1组,,")
    assert (codes(result), counts(result)) == (["id_elsewhere"], (1, 0, 0))
    assert (await only_card(taken)).head == "张明"
    assert [r.id_state for r in (await only_card("8")).residents] == ["", ""]


async def test_an_empty_cell_erases_nothing() -> None:
    await bring_in_lines(f"7,张明,张明,户主,{id_number(1)},19912340001,1组,槐庄村1组7号,孤寡")
    assert counts(await bring_in_lines("7,张明,张明,户主,,,,,")) == (0, 0, 1)
    found = await only_card("19912340001")
    assert (found.address, found.group_name) == ("槐庄村1组7号", "第一村民小组")
    assert (await card.restricted(found.id, purpose="测试", by=CLERK)).remarks == "孤寡"


async def test_a_group_is_one_group_however_it_is_written() -> None:
    for number, group in enumerate(("6组", "六组", "第六村民小组", "６组", "东坡组"), start=1):
        await bring_in_lines(f"{number},张{'甲乙丙丁戊'[number - 1]},,,,,{group},,")
    groups = {row.head: row.group for row in (await listing.listing(CLERK)).rows}
    sixth, named = f"{VILLAGE}-G06", f"{VILLAGE}-G51"
    assert list(groups.values()) == [sixth] * 4 + [named]


async def test_an_import_is_logged_with_its_counts_and_nothing_of_its_cells() -> None:
    await bring_in_lines(f"7,张明,张明,户主,{id_number(1)},19912340001,1组,,")
    line = await AuditLine.get(verb="register.import")
    assert line.facts == {
        "households": 1, "residents": 1, "duplicates": 0, "created": 1, "updated": 0,
        "unchanged": 0, "errors": 0, "warnings": 0,
    }  # fmt: skip
