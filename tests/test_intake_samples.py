"""The two sample workbooks, as villages really keep them, come in without manual editing."""

from pathlib import Path

import openpyxl
import pytest
from grids import delimited

from households import intake, workbook
from households.parsed import Parsed, Problem

DATA = Path(__file__).parent / "data"

pytestmark = pytest.mark.asyncio


async def _parsed(file: str, *, code: str, name: str) -> Parsed:
    content = (DATA / file).read_bytes()
    sheets = await workbook.read(content, filename=file)
    return intake.parse(sheets, village_code=code, village_name=name)


async def _huaizhuang() -> Parsed:
    return await _parsed("huaizhuang-households.xlsx", code="610428106221", name="槐庄村委会")


def _rows(problems: list[Problem], code: str) -> dict[int, str]:
    return {problem.row: problem.value for problem in problems if problem.code == code}


async def test_huaizhuang_has_300_households_and_1026_residents() -> None:
    result = await _huaizhuang()
    assert len(result.households) == 300
    assert result.residents == 1026
    assert sum(len(household.members) for household in result.households) == 1026
    assert result.duplicates == 1


async def test_every_counted_fault_of_huaizhuang_is_reported_with_row_and_value() -> None:
    problems = (await _huaizhuang()).problems
    assert _rows(problems, "id_length") == {
        138: "99042819760726256",
        150: "99042819911225696",
        501: "99042819640915320",
        517: "99042819710322772",
        527: "99042819530311421",
        562: "99042819860621731",
    }
    assert _rows(problems, "excel_float") == {
        6: "9.90428197812218E+17",
        45: "9.90428197408172E+17",
        58: "9.90428195204061E+17",
        98: "9.90428198809166E+17",
    }
    assert _rows(problems, "id_small_x") == {
        10: "99042819670128980x",
        25: "99042819901210069x",
        35: "99042819820721422x",
        39: "99042819540313774x",
        40: "99042819740807461x",
    }
    assert _rows(problems, "blank_row") == {17: "", 29: "", 249: ""}
    assert _rows(problems, "household_line_missing") == {18: "萧春民"}
    assert _rows(problems, "household_twice") == {1034: "何伟"}
    assert len(problems) == 20, "and nothing else"
    for problem in problems:
        assert problem.sheet == "户籍台账"
        is_error = problem.code in ("id_length", "excel_float")
        assert problem.severity == ("error" if is_error else "warning")
        if problem.code.startswith(("id_", "excel_")):
            assert problem.column == "G"
        assert problem.message.endswith("。")


async def test_huaizhuang_saved_as_csv_in_gbk_says_the_same() -> None:
    book = openpyxl.load_workbook(DATA / "huaizhuang-households.xlsx").worksheets[0]
    rows = [["" if cell is None else str(cell) for cell in row] for row in book.values]
    content = delimited(*rows, encoding="gbk")
    result = intake.parse(
        await workbook.read(content, filename="户籍台账.csv"),
        village_code="610428106221",
        village_name="槐庄村委会",
    )
    expected = await _huaizhuang()
    assert result.households == expected.households
    assert (result.residents, result.duplicates) == (1026, 1)
    assert [(problem.code, problem.row) for problem in result.problems] == [
        (problem.code, problem.row) for problem in expected.problems
    ]


async def test_an_unusable_id_number_is_dropped_and_the_person_kept() -> None:
    result = await _huaizhuang()
    members = {member.row: member for home in result.households for member in home.members}
    for row in (6, 45, 58, 98, 138, 150, 501, 517, 527, 562):
        assert members[row].name
        assert members[row].id_number == ""
    assert members[10].id_number == "99042819670128980X"
    assert sum(bool(member.id_number) for member in members.values()) == 1026 - 10


async def test_the_household_whose_first_line_was_blanked_is_one_of_its_own() -> None:
    result = await _huaizhuang()
    fifth = result.households[4]
    assert fifth.head_name == "萧春民"
    assert (fifth.number, fifth.group_name, fifth.phone, fifth.household_type) == ("", "", "", "")
    assert [member.name for member in fifth.members] == ["萧春民", "董秀杰", "萧永勇", "萧强"]
    fourth = [member.name for member in result.households[3].members]
    assert fourth == ["王文伟", "陈玉芳", "梁文艳"]


async def test_values_of_huaizhuang_are_normalised() -> None:
    result = await _huaizhuang()
    second = result.households[1]
    assert second.number == "2"
    assert second.number_is_serial
    assert second.phone == "19991925383", "full-width digits"
    assert second.group_name == "第一村民小组"
    assert second.household_type == "一般户"
    seventh = next(home for home in result.households if home.number == "7")
    assert [member.name for member in seventh.members] == ["萧玉涛", "萧文英", "萧国勇"]
    assert seventh.remarks == "户在人不在"
    groups = {home.group_name for home in result.households}
    assert groups == {"", *(f"第{number}村民小组" for number in "一二三四五六")}
    away = sum(home.remarks == "户在人不在" for home in result.households)
    assert away == 37


async def test_the_sheet_of_instructions_is_skipped_and_mentioned() -> None:
    result = await _huaizhuang()
    assert [(sheet.name, sheet.status) for sheet in result.sheets] == [
        ("户籍台账", "read"),
        ("填表说明", "no_header"),
    ]
    ledger = result.sheets[0]
    assert ledger.header_rows == [3, 4]
    assert (ledger.households, ledger.residents) == (300, 1026)
    assert [(column.column, column.meaning) for column in ledger.columns] == [
        ("A", "序号"), ("B", "户主姓名"), ("C", "户类型"), ("D", "姓名"), ("E", "与户主关系"),
        ("F", "性别"), ("G", "身份证号"), ("H", "电话"), ("I", "村民小组"), ("J", "备注"),
    ]  # fmt: skip


async def test_the_flat_workbook_has_120_households_and_no_problem() -> None:
    result = await _parsed("flat-households.xlsx", code="610428001200", name="西关村委会")
    assert (len(result.households), result.residents, result.duplicates) == (120, 120, 0)
    assert result.problems == []
    first = result.households[0]
    assert (first.number, first.number_is_serial) == ("001", False)
    assert (first.head_name, first.phone) == ("孙建涛", "19908158383")
    assert (first.group_name, first.address) == ("第六村民小组", "西关村6组1号")
    assert first.members[0].id_number == "990428197808236593"
    assert first.members[0].relation == "户主"
    assert sum(home.welfare_status == "低保" for home in result.households) == 8
    assert sum(home.welfare_status == "" for home in result.households) == 112


async def test_the_flat_workbook_read_for_another_village_warns_at_each_address() -> None:
    result = await _parsed("flat-households.xlsx", code="610428106221", name="槐庄村委会")
    assert len(result.households) == 120
    assert len(result.problems) == 120
    assert {problem.code for problem in result.problems} == {"address_elsewhere"}
    assert {problem.severity for problem in result.problems} == {"warning"}
    assert result.problems[0].row == 2
    assert result.problems[0].column == "G"
    assert result.problems[0].value == "西关村6组1号"


async def test_a_title_of_another_village_is_a_warning() -> None:
    result = await _parsed("huaizhuang-households.xlsx", code="610428001200", name="西关村委会")
    assert len(result.households) == 300
    title = next(problem for problem in result.problems if problem.code == "title_elsewhere")
    assert (title.row, title.column, title.severity) == (1, "A", "warning")
    assert title.value == "槐庄村2026年农户基本情况台账"
